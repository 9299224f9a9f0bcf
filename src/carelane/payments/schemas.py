"""A payment on the wire (`payment` of seed 000) and the rules its values must keep."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.money import MINOR_DIGITS, is_currency, to_cents
from carelane.kit.phi import Phi

PaymentStatus = Literal["PAID", "UNPAID", "CANCELED", "IN_DISPUTE", "LOST_DISPUTE", "REFUND", "ERROR"]
ReferenceType = Literal["SETUP_INTENT", "PAYMENT_INTENT", "PAYMENT_TOKEN"]


class ProviderReferenceIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    type: ReferenceType
    id: Annotated[str, Meta(max_length=255)]


class PaymentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`nmiPaymentToken` is what storefronts with NMI send in place of `providerReference`."""

    amount: Annotated[
        Decimal, Meta(extra_json_schema={"type": ["number", "string"], "format": "decimal", "examples": [159, "99.99"]})
    ]
    currency: Annotated[str, Meta(max_length=10)]
    description: Annotated[str, Meta(max_length=1000)] | None = None
    status: PaymentStatus | None = None
    provider_reference: ProviderReferenceIn | None = None
    nmi_payment_token: Annotated[str, Meta(max_length=255)] | None = None

    def __post_init__(self) -> None:
        if self.reference is None and self.status != "UNPAID":
            raise ValueError("providerReference is required unless status is UNPAID")

    @property
    def reference(self) -> ProviderReferenceIn | None:
        if self.provider_reference is None and self.nmi_payment_token is not None:
            return ProviderReferenceIn(type="PAYMENT_TOKEN", id=self.nmi_payment_token)
        return self.provider_reference


def broken_rules(payment: PaymentIn) -> Iterator[FieldProblem]:
    """Values no profile accepts."""
    known = is_currency(payment.currency)
    if not known:
        yield FieldProblem("payment.currency", "expected an ISO 4217 currency code in upper case, such as USD")
    try:
        cents = to_cents(payment.amount)
        if known and MINOR_DIGITS[payment.currency] == 0 and cents % 100:
            yield FieldProblem("payment.amount", "expected a whole amount: the currency has no smaller unit")
    except ValueError as error:
        yield FieldProblem("payment.amount", str(error))
    if payment.reference is not None and not payment.reference.id.strip():
        yield FieldProblem("payment.providerReference.id", "expected the gateway's reference, not blank")


class SubFeeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    label: str
    amount: str


class FeesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Decimal strings with two decimals; a fee that was not charged is `"0.00"`."""

    consult_fee: str
    convenience_fee: str
    payment_processing_fee: str
    pharmacy_fee: str
    shipping_fee: str
    syringe_kit_fee: str
    tech_platform_fee: str
    sub_fees: list[SubFeeOut]


class PayerOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    email: str


class PaymentOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A payment as the case detail shows it (seed 002); `amount` is a decimal string."""

    id: UUID
    is_deleted: bool
    description: str | None
    amount: str
    status: PaymentStatus
    due_date: datetime | None
    payment_date: datetime | None
    cancellation_date: datetime | None
    is_scheduled: bool
    schedule_position: int | None
    is_auto_created: bool
    created_at: datetime
    updated_at: datetime
    fees: FeesOut
    created_by: PayerOut | None
