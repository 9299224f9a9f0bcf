"""Case detail on the wire (seed 002), and the records it is made of before its sealed parts are opened."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from carelane.calendar.schemas import CalendarEventOut, CalendarEventRecord
from carelane.cases.schemas import Interval, MedicationIn, PromoCodes
from carelane.cases.states import CaseStatus
from carelane.conversations.schemas import CommentOut
from carelane.documents.schemas import AttachmentOut, AttachmentRecord
from carelane.forms.schemas import VisitType
from carelane.kit.phi import Phi
from carelane.orders.schemas import OrderOut
from carelane.payments.schemas import PaymentOut
from carelane.staff.schemas import BasicUserOut


class NamedOut(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class AssigneeOut(msgspec.Struct, frozen=True):
    assignee: BasicUserOut


class SubmitterOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The patient, whole: the dialect's "Detailed User"."""

    id: UUID
    first_name: str
    last_name: str
    email: str
    dob: date | None
    gender: str | None
    phone_number: str | None
    address: str | None
    address2: str | None
    city: str | None
    state: str | None
    postal_code: str | None


class ActivityOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    type: str
    is_phi: bool = msgspec.field(name="isPHI")
    is_restricted: bool
    timestamp: datetime
    value_before: str | None
    value_after: str | None


class ClinicianOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    title: str | None
    title_suffix: str | None
    email: str
    phone_number: str | None
    npi: str | None
    dea: str | None
    address: str | None
    address2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class MedInfoOut(MedicationIn, rename="camel", frozen=True, kw_only=True):
    id: UUID


class DecisionOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    id: UUID
    is_approved: bool
    is_no_decision: bool
    start_date: date | None
    end_date: date | None
    decision_text: str | None
    category: str | None
    created_at: datetime
    is_paid: bool
    visit_type: str | None
    product_id: UUID | None
    med_info: list[MedInfoOut]
    added_by: ClinicianOut


class SubscriptionOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    interval: Interval | None
    interval_count: int | None


class CaseProductRequestOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    status: str
    form_response_id: UUID | None
    visit_type: VisitType | None
    created_at: datetime
    updated_at: datetime


class CaseProductOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`case_product_requests` holds the latest request only; `subscription` is null when none was asked for."""

    id: UUID
    created_at: datetime
    organization_product: NamedOut
    subscription: SubscriptionOut | None
    case_product_requests: list[CaseProductRequestOut]


class FormNameOut(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    description: str | None


class AskedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    index: int
    type: str
    text: str
    is_phi: bool = msgspec.field(name="isPHI")
    options: list[str]
    required: bool


class AnswerOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    id: UUID
    is_archived: bool
    text: str
    created_at: datetime
    question: AskedOut
    respondent: BasicUserOut


class ResponseOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    id: UUID
    is_draft: bool
    form: FormNameOut
    responses: list[AnswerOut]


class CaseDetailOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """The whole case. `calendarEvents`, `orders`, `caseProducts` and `attachments` are absent unless asked for."""

    id: UUID
    type: str
    title: str
    status: CaseStatus
    short_id: str
    created_at: datetime
    updated_at: datetime
    assigned_at: datetime | None
    in_progress_at: datetime | None
    closed_at: datetime | None
    is_archived: bool
    is_escalated: bool
    is_imported: bool
    is_test: bool
    warnings: list[str]
    referral_code: str | None
    # As the storefront sent them with the case.
    promo_codes: PromoCodes | None
    closed_by: UUID | None
    in_progress_by: UUID | None
    archive_reason: str | None
    archive_note: str | None
    product_bundle_id: UUID | None
    product_bundle: NamedOut | None
    assigned_to: BasicUserOut | None
    hr_rep: BasicUserOut | None
    assigned_by: BasicUserOut | None
    assignees: list[AssigneeOut]
    submitter: SubmitterOut
    activity: list[ActivityOut]
    decisions: list[DecisionOut]
    case_products: list[CaseProductOut] | UnsetType = UNSET
    comments: list[CommentOut]
    notes: list[CommentOut]
    payments: list[PaymentOut]
    attachments: list[AttachmentOut] | UnsetType = UNSET
    calendar_events: list[CalendarEventOut] | UnsetType = UNSET
    orders: list[OrderOut] | UnsetType = UNSET
    responses: list[ResponseOut]


class CaseDetailAnswerOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    status: int = 200
    success: bool = True
    case_detail: CaseDetailOut


# ---- records: the same, with sealed parts still sealed


class SealedText(msgspec.Struct, frozen=True):
    """Ciphertext in hexadecimal."""

    sealed: str


class AnswerRecord(AnswerOut, rename="camel", kw_only=True):
    text: str | SealedText  # type: ignore[assignment]


class ResponseRecord(ResponseOut, rename="camel", kw_only=True):
    responses: list[AnswerRecord]  # type: ignore[assignment]


class CommentRecord(CommentOut, rename="camel", kw_only=True):
    author_sealed: str | UnsetType | None = UNSET
    attachments: list[AttachmentRecord] | UnsetType = UNSET  # type: ignore[assignment]


class OrderRecord(OrderOut, rename="camel", kw_only=True):
    items: list[Any]
    shipping_logs: list[Any]


class DecisionRecord(DecisionOut, rename="camel", kw_only=True):
    med_info: list[Any]


class CaseDetailRecord(CaseDetailOut, rename="camel", kw_only=True):
    """What the statement returns; opened in place, it becomes the answer."""

    decisions: list[DecisionRecord]  # type: ignore[assignment]
    comments: list[CommentRecord]  # type: ignore[assignment]
    calendar_events: list[CalendarEventRecord] | UnsetType = UNSET  # type: ignore[assignment]
    orders: list[OrderRecord] | UnsetType = UNSET  # type: ignore[assignment]
    notes: list[CommentRecord] = msgspec.field(default_factory=list)  # type: ignore[assignment]
    attachments: list[AttachmentRecord] | UnsetType = UNSET  # type: ignore[assignment]
    responses: list[ResponseRecord]  # type: ignore[assignment]


class ExcerptOrder(Phi, msgspec.Struct, rename="camel", kw_only=True):
    id: UUID
    status: str
    tracking_id: str | None
    message: str | None
    created_at: datetime


class CaseExcerpt(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """A case by its basic data, with the one thing that an event is about: as the whole case would show it."""

    id: UUID
    short_id: str
    status: CaseStatus
    title: str
    type: str
    created_at: datetime
    updated_at: datetime
    is_test: bool
    orders: list[ExcerptOrder] = []
    attachments: list[AttachmentRecord] = []
    assignees: list[AssigneeOut] = []
    decisions: list[DecisionRecord] = []
    comments: list[CommentRecord] = []
    notes: list[CommentRecord] = []
