"""A payment on the wire (`payment` of seed 000) and the rules its values must keep."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.money import is_currency, read_amount
from carelane.kit.phi import Phi

PaymentStatus = Literal["PAID", "UNPAID", "CANCELED", "IN_DISPUTE", "LOST_DISPUTE", "REFUND", "ERROR"]
ReferenceType = Literal["SETUP_INTENT", "PAYMENT_INTENT", "PAYMENT_TOKEN"]
Amount = Annotated[int | float | str, Meta(extra_json_schema={"format": "decimal", "examples": [159, 99.99, "99.99"]})]


class ProviderReferenceIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    type: ReferenceType
    id: Annotated[str, Meta(max_length=255)]


class PaymentIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`nmiPaymentToken` is what storefronts with NMI send in place of `providerReference`."""

    amount: Amount
    currency: Annotated[str, Meta(max_length=10)]
    description: Annotated[str, Meta(max_length=1000)] | None = None
    status: PaymentStatus | None = None
    provider_reference: ProviderReferenceIn | None = None
    nmi_payment_token: Annotated[str, Meta(max_length=255)] | None = None

    def __post_init__(self) -> None:
        if not is_number(self.amount):
            raise ValueError("amount is a number or a text such as 99.99")
        if self.reference is None and self.status != "UNPAID":
            raise ValueError("providerReference is required unless status is UNPAID")

    @property
    def reference(self) -> ProviderReferenceIn | None:
        if self.provider_reference is None and self.nmi_payment_token is not None:
            return ProviderReferenceIn(type="PAYMENT_TOKEN", id=self.nmi_payment_token)
        return self.provider_reference


def broken_rules(payment: PaymentIn) -> Iterator[FieldProblem]:
    """Values no profile accepts."""
    if not is_currency(payment.currency):
        yield FieldProblem("payment.currency", "expected an ISO 4217 currency code in upper case, such as USD")
    try:
        read_amount(payment.amount, payment.currency)
    except ValueError as error:
        yield FieldProblem("payment.amount", str(error))
    if payment.reference is not None and not payment.reference.id.strip():
        yield FieldProblem("payment.providerReference.id", "expected the gateway's reference, not blank")


def is_number(amount: float | str) -> bool:
    """Whether it can be read as a number at all; whether it is an amount, the rules tell."""
    if isinstance(amount, float):
        return isfinite(amount)
    try:
        Decimal(amount)
    except InvalidOperation:
        return False
    return True


class SubFeeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    label: str
    amount: str


class FeesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Decimal strings with the decimals of the payment's currency; a fee that was not charged is `"0.00"` dollars."""

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
