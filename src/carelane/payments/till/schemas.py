"""Paying at the desk, on the wire. Amounts are cents."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from carelane.charges.schemas import ChargeStatus
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi
from carelane.pricing.schemas import Cents

Whatever = Annotated[list[dict[str, Any]], Meta(description="As it was read; not looked at")]


class PayerIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientSummary`, of which the id counts."""

    id: RecordName


class PaidChargeIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`ChargeTable`: the charge as the table shows it. `totalOutstanding` is what is paid now:
    all that is outstanding, or less. The members that need not be there are not looked at."""

    id: RecordName
    total: Cents
    total_outstanding: Annotated[int, Meta(ge=1, le=MAX_CENTS)]
    status: ChargeStatus
    patient: PayerIn
    created_date: datetime
    description: str | None = None
    rule_set_id: str | None = None
    external_created_date: datetime | None = None
    external_id: str | None = None
    creator: dict[str, Any] | None = None
    adjustments: Whatever = []
    payments: Whatever = []
    planned_payments: Whatever = []
    comment: str | None = None
    items: Whatever = []
    location_id: str | None = None
    tips: Whatever = []
