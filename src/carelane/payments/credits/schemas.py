"""Credit on the wire. Amounts are cents."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.charges.schemas import UserOut
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi
from carelane.pricing.schemas import Cents, Text, date_problem
from carelane.web.paging import Place

PAGE_SIZE = 50
MAX_PAGE_SIZE = 100

Amount = Annotated[int, Meta(ge=1, le=MAX_CENTS)]


class CreditIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientCreditCreate`. `patient_id`, if it is there, is the patient of the path. Without `amount_remaining` all of it can be spent."""

    patient_id: RecordName | None = None
    amount: Amount
    amount_remaining: Cents | None = None
    comment: Text | None = None
    expiry_date: datetime | None = None
    member_id: RecordName | None = None
    creator_id: RecordName | None = None
    external_id: RecordName | None = None


class CreditPatch(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientCreditUpdate`: what is absent or null stays as it is."""

    comment: Text | None = None
    expiry_date: datetime | None = None
    amount: Amount | None = None
    amount_remaining: Cents | None = None


class CreditOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientCreditSummary`."""

    id: str
    patient_id: str
    amount: int
    amount_remaining: int
    comment: str | None
    expiry_date: datetime | None
    member_id: str | None
    created_date: datetime
    updated_date: datetime | None
    creator: UserOut | None


class CreditsOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`Page_PatientCreditSummary_`."""

    data: list[CreditOut]
    total: int


class DeskCreditOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A credit, and what the billing dialect does not say of it. `is_current`: of the books in which the organization charges now."""

    credit: CreditOut
    currency: str
    is_test: bool
    is_current: bool


class AvailableCreditOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`AvailableCredit`."""

    credit_id: str
    remaining_amount: int
    total_amount: int
    comment: str | None
    expiry_date: datetime | None
    created_date: datetime


class AvailableOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`AvailableCreditResponse`: what can be spent now, in the order in which it is spent."""

    total_available: int
    credits: list[AvailableCreditOut]
    count: int


class CreditListedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A credit in a list of all patients'. `creator` is a name."""

    id: UUID
    patient_id: UUID
    patient_name: str | None
    amount: int
    amount_remaining: int
    currency: str
    is_test: bool
    expiry_date: datetime | None
    created_date: datetime
    creator: str | None


class CreditPageOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first. `next` is what to send as `after` for the page behind this one; null on the last."""

    credits: list[CreditListedOut]
    next: str | None


# LEFT: something can still be spent; EXPIRED: something was left when it ran out; USED: nothing is left.
CreditStanding = Literal["LEFT", "EXPIRED", "USED"]


class CreditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """None: whatever it is. `created_until` is excluded."""

    standing: CreditStanding | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None
    after: Place | None = None


class GoneOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """That it was deleted."""

    id: str
    deleted: bool


def credit_problems(body: CreditIn) -> Iterator[FieldProblem]:
    """What is wrong with a body by itself, beyond the types and bounds of its members."""
    yield from date_problem(body.expiry_date, "expiryDate")
    if body.amount_remaining is not None and body.amount_remaining > body.amount:
        yield FieldProblem("amountRemaining", f"expected at most {body.amount}, the amount")


def patch_problems(body: CreditPatch) -> Iterator[FieldProblem]:
    yield from date_problem(body.expiry_date, "expiryDate")
    if body.amount is not None and body.amount_remaining is not None and body.amount_remaining > body.amount:
        yield FieldProblem("amountRemaining", f"expected at most {body.amount}, the amount")
