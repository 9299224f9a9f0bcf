"""Fees on the wire and in the organization file, and their rules."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Protocol

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.money import read_amount
from carelane.payments.accounts.queries import FeeKind
from carelane.web.versions import Version

FeeName = Literal["convenience", "paymentProcessing", "pharmacy", "shipping", "syringeKit", "techPlatform", "other"]

OF_KIND: dict[FeeName, FeeKind] = {
    "convenience": "convenience",
    "paymentProcessing": "payment_processing",
    "pharmacy": "pharmacy",
    "shipping": "shipping",
    "syringeKit": "syringe_kit",
    "techPlatform": "tech_platform",
    "other": "other",
}
NAMES: dict[FeeKind, FeeName] = {kind: name for name, kind in OF_KIND.items()}
MAX_FEES = 20


class SaidFee(Protocol):
    """As a body or a file says it."""

    @property
    def kind(self) -> FeeName: ...
    @property
    def amount(self) -> str | int: ...
    @property
    def label(self) -> str | None: ...


class PaymentFeeIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`label` is what a fee of kind `other` is called."""

    kind: FeeName
    amount: Annotated[
        str,
        Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,3})?$(?!\n)", description="above 0, digits and a point, such as 12.50"),
    ]
    label: Annotated[str, Meta(max_length=500)] | None = None


class PaymentFeesIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As a whole, in the organization's currency: a fee that is left out is no more."""

    fees: Annotated[list[PaymentFeeIn], Meta(max_length=MAX_FEES)]
    version: Version | None = None


class PaymentFeeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Payments in another currency than `currency` have no such fee."""

    kind: FeeName
    amount: str
    currency: str
    label: str | None


class PaymentFeesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`currency` is the organization's."""

    fees: list[PaymentFeeOut]
    currency: str
    version: str


def broken_rules(place: str, fees: Sequence[SaidFee], currency: str) -> Iterator[FieldProblem]:
    """Of the list that stands at `place`. `currency` is the organization's."""
    labels: set[tuple[str, str | None]] = set()
    for index, fee in enumerate(fees):
        yield from _check(f"{place}[{index}]", fee, currency)
        if (fee.kind, fee.label) in labels:
            yield FieldProblem(f"{place}[{index}]", f"{fee.label or fee.kind} stands in the list before")
        labels.add((fee.kind, fee.label))


def _check(place: str, fee: SaidFee, currency: str) -> Iterator[FieldProblem]:
    try:
        if read_amount(fee.amount, currency) == 0:
            yield FieldProblem(f"{place}.amount", "expected an amount above 0")
    except ValueError as error:
        yield FieldProblem(f"{place}.amount", str(error))
    if (fee.kind == "other") != bool(fee.label and fee.label.strip()):
        yield FieldProblem(f"{place}.label", "expected with the kind other, and only then")
