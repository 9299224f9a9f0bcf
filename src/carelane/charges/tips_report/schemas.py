"""The report of tips on the wire."""

from datetime import datetime
from uuid import UUID

import msgspec

# Days of one report.
MAX_DAYS = 366
# And rows.
MAX_TIPS = 10_000


class TipReportRowOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TipDetailedExportData`, whose members the vendor does not show: these are ours. `date` is the day on which the tip was given, in
    the time zone asked for; `amount` is cents. `chargeStatus` says whether it was paid, or given back, with its charge."""

    id: str
    date: str
    charge_id: str
    charge_status: str
    location_id: str | None
    location_name: str | None
    provider_id: str
    provider_name: str
    amount: int
    currency: str


class TipPeriod(msgspec.Struct, frozen=True, kw_only=True):
    """From `begins_at` until just before `ends_at`; days are those of `timezone`. Without `location_ids` all places."""

    begins_at: datetime
    ends_at: datetime
    timezone: str
    location_ids: list[UUID] | None
