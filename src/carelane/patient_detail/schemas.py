"""A patient's record on the wire. All amounts are in the smallest unit of their currency."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from carelane.carts.states import CartStatus
from carelane.cases.states import CaseStatus
from carelane.charges.schemas import ChargeStatus
from carelane.documents.schemas import AttachmentOut
from carelane.kit.phi import Phi


class NamedMemberOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    title: str | None
    title_suffix: str | None


class CaseRowOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`decidedBy` is null until somebody decided."""

    id: UUID
    short_id: str
    title: str
    status: CaseStatus
    products: list[str]
    is_archived: bool
    is_test: bool
    created_at: datetime
    assigned_to: NamedMemberOut | None
    decided_by: NamedMemberOut | None


class CartRowOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: str
    status: CartStatus
    currency: str
    total: int
    is_archived: bool
    created_at: datetime


class PatientChargeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: str
    status: ChargeStatus
    currency: str
    total: int
    outstanding: int
    is_test: bool
    case_short_id: str | None
    created_at: datetime


class PatientMoneyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Of one currency, without test money. `held`: on cards, not taken yet."""

    currency: str
    held: int
    paid: int
    given_back: int
    outstanding: int


class DocumentOut(AttachmentOut, rename="camel", kw_only=True):
    """`caseShortId` is null for a file that is the patient's alone."""

    case_short_id: str | None


class DoubleOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Another record that may be the same person's, and what they have in common."""

    id: UUID
    first_name: str | None
    last_name: str | None
    date_of_birth: date | None
    cases: int
    same_name: bool
    same_email: bool
    same_phone: bool
    same_birth_date: bool


class MergedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A record that was merged into this one, by whom, and whether that was undone."""

    id: UUID
    first_name: str | None
    last_name: str | None
    merged_at: datetime
    merged_by: NamedMemberOut | None
    undone_at: datetime | None


class CountsOut(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are in all; the lists hold the newest."""

    cases: int
    carts: int
    charges: int
    documents: int


class PatientDetail(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """What the record and its row have in common."""

    id: UUID
    # The storefront's id, if it gave one.
    reference: str | None
    first_name: str | None
    last_name: str | None
    date_of_birth: date | None
    gender: str | None
    email: str | None
    phone_number: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    language_preferences: list[str]
    is_archived: bool
    created_at: datetime
    credit: int
    credit_currency: str
    money: list[PatientMoneyOut]
    counts: CountsOut
    cases: list[CaseRowOut]
    carts: list[CartRowOut]
    charges: list[PatientChargeOut]
    doubles: list[DoubleOut]
    merges: list[MergedOut]


class PatientRecord(PatientDetail, rename="camel", kw_only=True):
    """As it comes from the database: the chart and the names of documents are sealed, in hex."""

    chart: str | None
    documents: list[DocumentOut]


class PatientDetailOut(PatientDetail, rename="camel", kw_only=True):
    """`allergies`, `medications` and `conditions`: null where nothing was said, an empty list where there are none."""

    allergies: list[str] | None
    medications: list[str] | None
    conditions: list[str] | None
    documents: list[DocumentOut]
