"""Refunds on the wire of the billing dialect. Amounts are cents."""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from carelane.charges.money.schemas import RefundReason
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi
from carelane.payments.lines.schemas import RefundItems
from carelane.pricing.schemas import Text

# ORIGINAL: the way that the payment came.
Destination = Literal["ORIGINAL", "CASH", "PATIENT_CREDIT"]


class RefundPaymentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`RefundCreate`, and `destination` and `items`, which are ours. With items the amount is what they come to, and may be left out.
    `restoreInventory` is taken: nothing is counted here."""

    payment_id: RecordName
    provider_id: RecordName
    amount: Annotated[int, Meta(ge=1, le=MAX_CENTS)] | None = None
    reason: RefundReason
    description: Text | None = None
    location_id: RecordName | None = None
    restore_inventory: bool = False
    destination: Destination | None = None
    items: RefundItems | None = None


def refund_problems(body: RefundPaymentIn) -> Iterator[FieldProblem]:
    if body.amount is None and body.items is None:
        yield FieldProblem("amount", "expected an amount, or items in its place")
