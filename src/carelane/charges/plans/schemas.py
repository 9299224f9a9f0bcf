"""What a payment plan is agreed on, on the wire. Amounts are cents."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS

Frequency = Literal["WEEKLY", "BIWEEKLY", "MONTHLY"]
MAX_CHARGES = 50
MAX_INSTALLMENTS = 120


class PaymentPlanIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentPlanCreateWithoutID`. Without `startDate` the first instalment is due a period from today."""

    initial_amount: Annotated[int, Meta(ge=0, le=MAX_CENTS)]
    charge_ids: Annotated[list[RecordName], Meta(max_length=MAX_CHARGES)]
    frequency: Frequency
    installments: Annotated[int, Meta(ge=1, le=MAX_INSTALLMENTS)]
    installment_amount: Annotated[int, Meta(ge=1, le=MAX_CENTS)]
    location_id: RecordName | None = None
    start_date: date | None = None
