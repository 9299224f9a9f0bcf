"""Refunds on the wire of the billing dialect. Amounts are cents."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.charges.money.schemas import RefundReason
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi
from carelane.pricing.schemas import Text

# ORIGINAL: the way that the payment came.
Destination = Literal["ORIGINAL", "CASH", "PATIENT_CREDIT"]


class RefundPaymentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`RefundCreate`, and `destination`, which is ours. `restoreInventory` is taken: nothing is counted here."""

    payment_id: RecordName
    provider_id: RecordName
    amount: Annotated[int, Meta(ge=1, le=MAX_CENTS)]
    reason: RefundReason
    description: Text | None = None
    location_id: RecordName | None = None
    restore_inventory: bool = False
    destination: Destination | None = None
