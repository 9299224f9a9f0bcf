"""The body of an event: what a webhook carries and what the feed shows, written from the rows at that moment. No I/O.

`{"event", "payload", "id", "sequence", "timestamp"}`, and for events of an order `order` beside them. `payload` holds the
case, whole or its basic data, and what the event is about: the decision, the comment, the attachment, always the activity.
"""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from carelane.calendar.schemas import AppointmentOut
from carelane.case_detail.schemas import CaseDetailRecord, CaseExcerpt, ExcerptOrder, OrderRecord
from carelane.cases.states import CaseStatus
from carelane.webhooks.queries import EventRecord, Payload

# Even an endpoint that wants the event alone needs the whole case read for these: they are deep inside it.
DEEP_IN_THE_CASE = frozenset(
    {"ADD_CASE_DECISION", "ADD_CASE_COMMENT", "ADD_FORM_RESPONSE", "CASE_PRODUCT_ADDED", "CASE_PRODUCT_CLOSED"}
)

# What events of no case are about, as their names begin.
_NOUNS = frozenset(
    {"patient", "cart", "quote", "charge", "organization", "credential", "staff", "pharmacy", "drug", "message"}
)
# Those whose name begins with something else.
_TARGETS = {"PAYMENT_INFO_UPDATED": "patient", "GATEWAY_ACCOUNT_CHANGED": "gateway"}
# Events of a payment; PAYMENT_INFO_UPDATED is about a patient.
_PAYS = re.compile(r"(?:PLANNED_)?PAYMENT_(?!INFO_UPDATED)|DISPUTE_|ADD_PAYMENT_INFO_USING_LINK")
_ASSIGNMENTS = frozenset({"ADD_CASE_ASSIGNEE", "REMOVE_CASE_ASSIGNEE"})

RecordT = TypeVar("RecordT")


class WholeCase(CaseDetailRecord, rename="camel", kw_only=True):
    """The case as the detail shows it, and whose it is."""

    organization_id: UUID


class BasicCase(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Nothing about the patient."""

    id: UUID
    short_id: str
    status: CaseStatus
    title: str
    type: str
    created_at: datetime
    updated_at: datetime
    is_test: bool
    organization_id: UUID


def part_of(event: EventRecord) -> str | None:
    """The member of the case that holds what the event is about (case_detail.queries.EXCERPTS)."""
    if event.type.startswith("ORDER_"):
        return "orders"
    if event.type == "ADD_CASE_ATTACHMENT":
        return "attachments"
    return "assignees" if event.type in _ASSIGNMENTS else None


def show_event(
    event: EventRecord,
    case: CaseDetailRecord | CaseExcerpt | None,
    appointment: AppointmentOut | None,
    payload: Payload,
) -> dict[str, Any]:
    """The body as members ready for JSON. `case` and `appointment` are the event's, opened, everything in them linked or
    inlined."""
    shown: dict[str, Any] = {}
    order: dict[str, Any] = {}
    if case is not None:
        shown = {"case": _shown(case, event.organization_id, payload)} | _objects(event, case)
        order = _order(event, case)
    if event.type.startswith("CALENDAR_EVENT_"):
        shown["calendarEvent"] = appointment
    shown |= _money(event)
    if event.type == "WEBHOOK_TEST":
        shown["endpoint"] = {"id": event.target_id}
    shown |= _target(event)
    shown["activity"] = _activity(event)
    about = {"id": event.id, "sequence": event.case_sequence, "timestamp": event.created_at}
    return {"event": event.type} | order | {"payload": shown} | about


def narrow(case: CaseDetailRecord | CaseExcerpt, target_id: UUID | None) -> None:
    """Leaves only what the event is about."""
    case.comments = [comment for comment in case.comments if comment.id == target_id]
    case.notes = [note for note in case.notes if note.id == target_id]
    case.attachments = [document for document in case.attachments or () if document.id == target_id]


def _shown(case: CaseDetailRecord | CaseExcerpt, organization_id: UUID, payload: Payload) -> WholeCase | BasicCase:
    if isinstance(case, CaseDetailRecord) and payload == "FULL_CASE":
        return WholeCase(organization_id=organization_id, **msgspec.structs.asdict(case))
    return BasicCase(
        id=case.id,
        short_id=case.short_id,
        status=case.status,
        title=case.title,
        type=case.type,
        created_at=case.created_at,
        updated_at=case.updated_at,
        is_test=case.is_test,
        organization_id=organization_id,
    )


def _objects(event: EventRecord, case: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    """What the event is about. Null when it is gone."""
    if event.type in _ASSIGNMENTS:
        return {"assignees": case.assignees}
    show = _OBJECTS.get(event.type)
    return {} if show is None else show(event, case)


def _decision(event: EventRecord, case: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    return {"decision": _find(case.decisions, event.target_id)}


def _attachment(event: EventRecord, case: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    of_comments = (comment.attachments or () for comment in (*case.comments, *case.notes))
    documents = [*(case.attachments or ()), *(document for some in of_comments for document in some)]
    return {"attachment": _find(documents, event.target_id)}


def _deleted_attachment(event: EventRecord, _: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    """Of what was deleted nothing is shown any more."""
    return {"attachment": {"id": event.target_id, "isDeleted": True}}


def _case_product(event: EventRecord, case: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    products = (case.case_products or ()) if isinstance(case, CaseDetailRecord) else ()
    return {"caseProduct": _find(products, event.target_id)}


def _comment(event: EventRecord, case: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    """As in the case, but for more about who wrote it. The vendor's older documents call it `comment`, the newer ones `comments`; it is
    one object in both."""
    found = _find([*case.comments, *case.notes], event.target_id)
    comment = None if found is None else {**_members(found), "author": event.author or found.author}
    return {"comment": comment, "comments": comment}


def _response(event: EventRecord, case: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    """The form, the response to it, and the answers in that by themselves, each with its question."""
    found = _find(case.responses, event.target_id) if isinstance(case, CaseDetailRecord) else None
    if found is None:
        return {"form": None, "response": None, "responses": []}
    return {"form": found.form, "response": found, "responses": found.responses}


_OBJECTS: dict[str, Callable[[EventRecord, CaseDetailRecord | CaseExcerpt], dict[str, Any]]] = {
    "ADD_CASE_DECISION": _decision,
    "ADD_CASE_COMMENT": _comment,
    "ADD_CASE_ATTACHMENT": _attachment,
    "DELETE_ATTACHMENT": _deleted_attachment,
    "ADD_FORM_RESPONSE": _response,
    "CASE_PRODUCT_ADDED": _case_product,
    "CASE_PRODUCT_CLOSED": _case_product,
}


def _members(record: msgspec.Struct) -> dict[str, Any]:
    """By their names on the wire; those that are not there are left out."""
    named = zip(record.__struct_encode_fields__, msgspec.structs.astuple(record), strict=True)
    return {name: value for name, value in named if value is not msgspec.UNSET}


def _order(event: EventRecord, case: CaseDetailRecord | CaseExcerpt) -> dict[str, Any]:
    """The member `order`, which stands beside `payload`."""
    if not event.type.startswith("ORDER_"):
        return {}
    orders: Iterable[OrderRecord | ExcerptOrder] = case.orders or ()
    found = _find(orders, event.target_id)
    if found is None:
        return {"order": None}
    # The status that the event reports; the order may have moved on since, as `payload.case` then shows.
    status = event.value_after if event.type == "ORDER_STATUS_CHANGED" else found.status
    return {
        "order": {
            "id": found.id,
            "status": status,
            "trackingId": found.tracking_id,
            "message": found.message,
            "createdAt": found.created_at,
        }
    }


class _Paid(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What of a payment is told."""

    id: UUID
    amount: str
    status: str
    payment_date: datetime | None


def _money(event: EventRecord) -> dict[str, Any]:
    """The payment, the refund, the card that was entered. The clinic knows one address of a patient: it stands for both."""
    shown: dict[str, Any] = {}
    if _PAYS.match(event.type):
        shown["payment"] = event.payment and msgspec.convert(event.payment, _Paid, strict=False)
    if event.type.startswith("REFUND_"):
        shown["refund"] = event.refund
    if event.type == "ADD_PAYMENT_INFO_USING_LINK":
        info = dict(event.payment_info or {})
        address = info.pop("address", None)
        shown |= {
            "caseId": event.case_id,
            "paymentInfo": info | {"shippingAddress": address, "billingAddress": address},
        }
    return shown


def _target(event: EventRecord) -> dict[str, Any]:
    """What an event of no case is about, by the id its caller knows it by; the rest can be asked for."""
    noun = _TARGETS.get(event.type) or event.type.split("_", maxsplit=1)[0].lower()
    if noun == "catalog":
        first, *rest = (event.value_after or noun).split("_")
        noun = first + "".join(word.capitalize() for word in rest)
    elif noun not in _NOUNS and event.type not in _TARGETS:
        return {}
    return {noun: {"id": event.target_name or event.target_id}}


def _activity(event: EventRecord) -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "isPHI": event.is_phi,
        "isRestricted": event.is_restricted,
        "timestamp": event.created_at,
        "valueBefore": event.value_before,
        "valueAfter": event.value_after,
        "actor": event.actor,
        "targetUser": event.target_user,
    }


def _find(records: Iterable[RecordT], wanted: UUID | None) -> RecordT | None:
    return next((record for record in records if getattr(record, "id", None) == wanted), None)
