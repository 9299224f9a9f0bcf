"""The one door to a whole case: finds it, records who saw it, opens what is sealed, brings its documents."""

import base64
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane import events
from carelane.case_detail import queries
from carelane.case_detail.queries import Wanted
from carelane.case_detail.schemas import (
    AnswerRecord,
    CaseDetailRecord,
    DecisionRecord,
    Glimpse,
    MedInfoOut,
    OrderRecord,
    SealedText,
)
from carelane.cases.errors import CaseNotFoundError
from carelane.cases.queries import ARCHIVE_NOTE
from carelane.cases.schemas import MedicationIn
from carelane.conversations.queries import COMMENT_TEXT
from carelane.documents import links
from carelane.documents.errors import DocumentsTooLargeError
from carelane.documents.queries import FILE_NAME
from carelane.documents.schemas import AttachmentRecord
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.orders.queries import ITEM, MESSAGE, PARCEL_LOCATION, PARCEL_MESSAGE, REPLACEMENT_REASON
from carelane.orders.schemas import OrderItemOut, ShippingLogOut
from carelane.pharmacies.schemas import RxItem
from carelane.services import Services

# Base64 of more than this in one answer serves nobody; `documentFormat=url` has no such limit.
MAX_INLINE_BYTES = 104_857_600


async def open_case(services: Services, actor: Actor, wanted: Wanted) -> CaseDetailRecord:
    """The case with its texts opened; its documents still need `link_documents` or `inline_documents`.

    Raises CaseNotFoundError for an unknown case and for another organization's alike. That the actor saw it is on record
    before the answer leaves.
    """
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        found = await read_case(conn, actor, data_key, wanted, "case detail")
    if found is None:
        raise CaseNotFoundError
    return found


async def read_case(
    conn: Connection, actor: Actor, data_key: DataKey, wanted: Wanted, reason: str
) -> CaseDetailRecord | None:
    """`open_case` within the caller's transaction. `reason` is what the record of the read says."""
    found = await queries.find_detail(conn, actor.organization_id, wanted)
    if found is not None:
        await events.record_read(conn, actor, "case", found.id, reason)
        _open_sealed(found, data_key)
    return found


async def read_glimpse(
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    case_id: UUID,
    part: str | None,
    target_id: UUID | None,
    reason: str,
) -> Glimpse | None:
    """`read_case` for whoever needs one thing of a case: a tenth of the work."""
    found = await queries.find_glimpse(conn, actor.organization_id, case_id, part, target_id)
    if found is not None:
        await events.record_read(conn, actor, "case", found.id, reason)
        for order in found.orders:
            order.message = _open_maybe(data_key, order.message, MESSAGE, order.id)
        for attachment in found.attachments:
            attachment.file_name = _open(data_key, attachment.file_name, FILE_NAME, attachment.id)
    return found


def _open_sealed(case: CaseDetailRecord, key: DataKey) -> None:
    for response in case.responses:
        for answer in response.responses:
            _open_answer(answer, key)
    for decision in case.decisions:
        _open_decision(decision, key)
    for order in case.orders or ():
        _open_order(order, key)
    case.archive_note = _open_maybe(key, case.archive_note, ARCHIVE_NOTE, case.id)
    for attachment in _documents(case):
        attachment.file_name = _open(key, attachment.file_name, FILE_NAME, attachment.id)
    for comment in case.comments:
        comment.text = _open(key, comment.text, COMMENT_TEXT, comment.id)
    case.notes = [comment for comment in case.comments if comment.is_restricted]
    case.comments = [comment for comment in case.comments if not comment.is_restricted]


def _open_answer(answer: AnswerRecord, key: DataKey) -> None:
    if isinstance(answer.text, SealedText):
        answer.text = _open(key, answer.text.sealed, "form_answers.sealed", answer.id)


def _open_decision(decision: DecisionRecord, key: DataKey) -> None:
    decision.decision_text = _open_maybe(key, decision.decision_text, "decisions.decision_text_sealed", decision.id)
    decision.med_info = [_open_medication(key, UUID(entry["id"]), entry["sealed"]) for entry in decision.med_info]


def _open_order(order: OrderRecord, key: DataKey) -> None:
    order.message = _open_maybe(key, order.message, MESSAGE, order.id)
    order.replacement_reason = _open_maybe(key, order.replacement_reason, REPLACEMENT_REASON, order.id)
    order.items = [_open_item(key, UUID(entry["id"]), entry["sealed"]) for entry in order.items]
    order.shipping_logs = [_open_parcel(key, entry) for entry in order.shipping_logs]


def _open_item(key: DataKey, item_id: UUID, sealed: str) -> OrderItemOut:
    item = msgspec.json.decode(key.open(bytes.fromhex(sealed), ITEM, item_id), type=RxItem)
    return OrderItemOut(id=item_id, name=item.name, quantity=item.quantity)


def _open_parcel(key: DataKey, entry: dict[str, Any]) -> ShippingLogOut:
    log_id = UUID(entry["id"])
    opened = {
        "location": _open_maybe(key, entry["location"], PARCEL_LOCATION, log_id),
        "message": _open_maybe(key, entry["message"], PARCEL_MESSAGE, log_id),
    }
    return msgspec.convert(entry | opened, ShippingLogOut)


def _open_medication(key: DataKey, medication_id: UUID, sealed: str) -> MedInfoOut:
    plain = key.open(bytes.fromhex(sealed), "decision_medications.sealed", medication_id)
    return MedInfoOut(id=medication_id, **msgspec.structs.asdict(msgspec.json.decode(plain, type=MedicationIn)))


def _open_maybe(key: DataKey, sealed: str | None, place: str, row_id: UUID) -> str | None:
    return None if sealed is None else _open(key, sealed, place, row_id)


def _open(key: DataKey, sealed: str, place: str, row_id: UUID) -> str:
    return key.open(bytes.fromhex(sealed), place, row_id).decode()


def link_documents(services: Services, organization_id: UUID, case: CaseDetailRecord | Glimpse, base_url: str) -> None:
    """Gives every document a link that works for 15 minutes."""
    for attachment in _documents(case):
        if not attachment.is_deleted:
            token = links.sign(services.link_key, links.Link(organization_id, attachment.id))
            attachment.url = f"{base_url}/documents/{token}"
        _forget_place(attachment)


def size_of_documents(case: CaseDetailRecord | Glimpse) -> int:
    """Bytes of all documents, before they are put in or linked."""
    return sum(int(attachment.size_bytes or 0) for attachment in _documents(case) if not attachment.is_deleted)


async def inline_documents(services: Services, organization_id: UUID, case: CaseDetailRecord | Glimpse) -> None:
    """Gives every document its content in base64. Raises DocumentsTooLargeError above MAX_INLINE_BYTES in all."""
    present = [attachment for attachment in _documents(case) if not attachment.is_deleted]
    if size_of_documents(case) > MAX_INLINE_BYTES:
        raise DocumentsTooLargeError(
            f"documentFormat: expected `url`; the documents of this case exceed {MAX_INLINE_BYTES} bytes"
        )
    key = await services.keyring.data_key(organization_id)
    for attachment in present:
        content = await services.storage.get(key, str(attachment.storage_key), attachment.id)
        attachment.content = base64.b64encode(content).decode()
    for attachment in _documents(case):
        _forget_place(attachment)


def _documents(case: CaseDetailRecord | Glimpse) -> Iterable[AttachmentRecord]:
    yield from case.attachments or ()
    for comment in (*case.comments, *case.notes):
        yield from comment.attachments or ()


def _forget_place(attachment: AttachmentRecord) -> None:
    attachment.storage_key = UNSET
    attachment.size_bytes = UNSET
