"""The body of an event: what a webhook carries and what the feed shows, written from the database at that moment.

`{"event", "payload", "id", "sequence", "timestamp"}`, and for events of an order `order` beside them. `payload` holds the
case, whole or its basic data, and what the event is about: the decision, the comment, the attachment, always the activity.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from carelane.case_detail.access import inline_documents, link_documents, size_of_documents
from carelane.case_detail.queries import Parts
from carelane.case_detail.schemas import CaseDetailRecord, Glimpse, GlimpsedOrder, OrderRecord
from carelane.cases.states import CaseStatus
from carelane.services import Services
from carelane.webhooks.queries import DocumentFormat, Payload, Receiver, Told

# Everything, also for EVENT_ONLY: the objects of the event are picked from it.
WHOLE = Parts(attachments=True, calendar_events=True, orders=True, case_products=True)
# Documents of more than this in all are linked, whatever the endpoint asks for: a body must fit into a receiver's memory.
MAX_INLINE_BYTES = 10_485_760

# An endpoint that wants the event alone still needs the whole case read for these: they lie deep in it.
OF_THE_WHOLE = frozenset({"ADD_CASE_DECISION", "ADD_CASE_COMMENT"})

# What events of no case are about, as their names begin.
_NOUNS = frozenset({"patient", "cart", "quote", "charge", "organization", "credential", "staff", "pharmacy", "drug"})
_ASSIGNMENTS = frozenset({"ADD_CASE_ASSIGNEE", "REMOVE_CASE_ASSIGNEE"})

RecordT = TypeVar("RecordT")


class Style(msgspec.Struct, frozen=True):
    """How much of the case, and how its documents. Links begin with `base_url`."""

    payload: Payload
    document_format: DocumentFormat
    base_url: str


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


def part_of(told: Told) -> str | None:
    """The member of the case that holds what the event is about (detail.queries.GLIMPSED)."""
    if told.type.startswith("ORDER_"):
        return "orders"
    if told.type == "ADD_CASE_ATTACHMENT":
        return "attachments"
    return "assignees" if told.type in _ASSIGNMENTS else None


async def write_body(
    services: Services, told: Told, case: CaseDetailRecord | Glimpse | None, style: Style
) -> dict[str, Any]:
    """The body as members ready for JSON. `case` is the event's, opened; it is changed on the way."""
    payload: dict[str, Any] = {}
    order: dict[str, Any] = {}
    if case is not None:
        if style.payload == "EVENT_ONLY":
            _narrow(case, told.target_id)
        await _bring_documents(services, told.organization_id, case, style)
        payload = {"case": _shown(case, told.organization_id, style)} | _objects(told, case)
        order = _order(told, case)
    if told.type == "WEBHOOK_TEST":
        payload["endpoint"] = {"id": told.target_id}
    payload |= _target(told)
    payload["activity"] = _activity(told)
    about = {"id": told.id, "sequence": told.case_sequence, "timestamp": told.created_at}
    return {"event": told.type} | order | {"payload": payload} | about


def style_of(receiver: Receiver, base_url: str) -> Style:
    return Style(receiver.payload, receiver.document_format, base_url)


def link_base(services: Services) -> str:
    """How receivers reach our documents."""
    settings = services.settings
    return (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")


def _narrow(case: CaseDetailRecord | Glimpse, target_id: UUID | None) -> None:
    """Leaves only what the event is about, so that no other document is fetched."""
    case.comments = [comment for comment in case.comments if comment.id == target_id]
    case.notes = [note for note in case.notes if note.id == target_id]
    case.attachments = [document for document in case.attachments or () if document.id == target_id]


async def _bring_documents(
    services: Services, organization_id: UUID, case: CaseDetailRecord | Glimpse, style: Style
) -> None:
    if style.document_format == "BASE64" and size_of_documents(case) <= MAX_INLINE_BYTES:
        await inline_documents(services, organization_id, case)
    else:
        link_documents(services, organization_id, case, style.base_url)


def _shown(case: CaseDetailRecord | Glimpse, organization_id: UUID, style: Style) -> WholeCase | BasicCase:
    if isinstance(case, CaseDetailRecord) and style.payload == "FULL_CASE":
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


def _objects(told: Told, case: CaseDetailRecord | Glimpse) -> dict[str, Any]:
    """What the event is about. Null when it is gone."""
    if told.type == "ADD_CASE_DECISION":
        return {"decision": _find(case.decisions, told.target_id)}
    if told.type == "ADD_CASE_COMMENT":
        # The vendor's older documents call it `comment`, the newer ones `comments`; it is one object in both.
        comment = _find([*case.comments, *case.notes], told.target_id)
        return {"comment": comment, "comments": comment}
    if told.type == "ADD_CASE_ATTACHMENT":
        of_comments = (comment.attachments or () for comment in (*case.comments, *case.notes))
        documents = [*(case.attachments or ()), *(document for some in of_comments for document in some)]
        return {"attachment": _find(documents, told.target_id)}
    if told.type in _ASSIGNMENTS:
        return {"assignees": case.assignees}
    return {}


def _order(told: Told, case: CaseDetailRecord | Glimpse) -> dict[str, Any]:
    """The member `order`, which stands beside `payload`."""
    if not told.type.startswith("ORDER_"):
        return {}
    orders: Iterable[OrderRecord | GlimpsedOrder] = case.orders or ()
    found = _find(orders, told.target_id)
    if found is None:
        return {"order": None}
    # The status that the event tells of; the order may have moved on since, as `payload.case` then shows.
    status = told.value_after if told.type == "ORDER_STATUS_CHANGED" else found.status
    return {
        "order": {
            "id": found.id,
            "status": status,
            "trackingId": found.tracking_id,
            "message": found.message,
            "createdAt": found.created_at,
        }
    }


def _target(told: Told) -> dict[str, Any]:
    """What an event of no case is about, by the id its caller knows it by; the rest can be asked for."""
    noun = told.type.split("_", maxsplit=1)[0].lower()
    if noun == "catalog":
        noun = told.value_after or noun
    elif noun not in _NOUNS:
        return {}
    return {noun: {"id": told.target_name or told.target_id}}


def _activity(told: Told) -> dict[str, Any]:
    return {
        "id": told.id,
        "type": told.type,
        "isPHI": told.is_phi,
        "isRestricted": told.is_restricted,
        "timestamp": told.created_at,
        "valueBefore": told.value_before,
        "valueAfter": told.value_after,
        "actor": told.actor,
        "targetUser": told.target_user,
    }


def _find(records: Iterable[RecordT], wanted: UUID | None) -> RecordT | None:
    return next((record for record in records if getattr(record, "id", None) == wanted), None)
