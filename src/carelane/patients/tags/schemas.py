"""Tags of patients in the billing dialect."""

from datetime import datetime

import msgspec


class TagOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientTagSummary`."""

    id: str
    name: str
    is_active: bool
    created_date: datetime
    emoji: str | None
    color: str | None
    updated_date: datetime | None
