"""From the rows of a case, still sealed, to what readers see: texts are opened, notes separated from comments. No I/O."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane.case_detail.schemas import (
    AnswerRecord,
    CaseDetailRecord,
    CaseExcerpt,
    CommentRecord,
    DecisionRecord,
    MedInfoOut,
    OrderRecord,
    SealedText,
)
from carelane.cases.queries import ARCHIVE_NOTE, DECISION_TEXT, MEDICATION
from carelane.cases.schemas import MedicationIn
from carelane.conversations.queries import AUTHOR, COMMENT_TEXT
from carelane.documents.queries import FILE_NAME
from carelane.documents.schemas import AttachmentRecord
from carelane.forms.queries import ANSWER
from carelane.kit.damage import DAMAGED, shown, shown_as
from carelane.kit.phi import DataKey
from carelane.orders.queries import ITEM, MESSAGE, PARCEL_LOCATION, PARCEL_MESSAGE, REPLACEMENT_REASON
from carelane.orders.schemas import OrderItemOut, ShippingLogOut
from carelane.pharmacies.schemas import RxItem
from carelane.staff.schemas import BasicUserOut

# What stands for one that does not open.
_DAMAGED_ITEM = RxItem(drug_id="", name=DAMAGED, quantity="")
_DAMAGED_MEDICATION = MedicationIn(medicine=DAMAGED)


def open_case(case: CaseDetailRecord, key: DataKey) -> None:
    """Opens what is sealed, in place."""
    for response in case.responses:
        for answer in response.responses:
            _open_answer(answer, key)
    for decision in case.decisions:
        _open_decision(decision, key)
    for order in case.orders or ():
        _open_order(order, key)
    case.archive_note = _open_maybe(key, case.archive_note, ARCHIVE_NOTE, case.id)
    for attachment in attachments_of(case):
        attachment.file_name = _open(key, attachment.file_name, FILE_NAME, attachment.id)
    for comment in case.comments:
        _open_comment(comment, key)
    case.notes = [comment for comment in case.comments if comment.is_restricted]
    case.comments = [comment for comment in case.comments if not comment.is_restricted]


def open_excerpt(excerpt: CaseExcerpt, key: DataKey) -> None:
    for order in excerpt.orders:
        order.message = _open_maybe(key, order.message, MESSAGE, order.id)
    for attachment in excerpt.attachments:
        attachment.file_name = _open(key, attachment.file_name, FILE_NAME, attachment.id)


def attachments_of(case: CaseDetailRecord | CaseExcerpt) -> Iterable[AttachmentRecord]:
    """The case's own, and those of its comments and notes."""
    yield from case.attachments or ()
    for comment in (*case.comments, *case.notes):
        yield from comment.attachments or ()


def _open_answer(answer: AnswerRecord, key: DataKey) -> None:
    if isinstance(answer.text, SealedText):
        answer.text = _open(key, answer.text.sealed, ANSWER, answer.id)


def _open_decision(decision: DecisionRecord, key: DataKey) -> None:
    decision.decision_text = _open_maybe(key, decision.decision_text, DECISION_TEXT, decision.id)
    decision.med_info = [_open_medication(key, UUID(entry["id"]), entry["sealed"]) for entry in decision.med_info]


def _open_comment(comment: CommentRecord, key: DataKey) -> None:
    """Somebody whom nobody here knows has no id but that of the comment."""
    comment.text = _open(key, comment.text, COMMENT_TEXT, comment.id)
    if comment.author_sealed:
        nobody = {"firstName": DAMAGED, "lastName": ""}
        author = shown_as(key, bytes.fromhex(comment.author_sealed), AUTHOR, comment.id, dict[str, str], nobody)
        comment.author = BasicUserOut(comment.id, author["firstName"], author["lastName"])
    comment.author_sealed = UNSET


def _open_order(order: OrderRecord, key: DataKey) -> None:
    order.message = _open_maybe(key, order.message, MESSAGE, order.id)
    order.replacement_reason = _open_maybe(key, order.replacement_reason, REPLACEMENT_REASON, order.id)
    order.items = [_open_item(key, UUID(entry["id"]), entry["sealed"]) for entry in order.items]
    order.shipping_logs = [_open_parcel(key, entry) for entry in order.shipping_logs]


def _open_item(key: DataKey, item_id: UUID, sealed: str) -> OrderItemOut:
    item = shown_as(key, bytes.fromhex(sealed), ITEM, item_id, RxItem, _DAMAGED_ITEM)
    return OrderItemOut(id=item_id, name=item.name, quantity=item.quantity)


def _open_parcel(key: DataKey, entry: dict[str, Any]) -> ShippingLogOut:
    log_id = UUID(entry["id"])
    opened = {
        "location": _open_maybe(key, entry["location"], PARCEL_LOCATION, log_id),
        "message": _open_maybe(key, entry["message"], PARCEL_MESSAGE, log_id),
    }
    return msgspec.convert(entry | opened, ShippingLogOut)


def _open_medication(key: DataKey, medication_id: UUID, sealed: str) -> MedInfoOut:
    medication = shown_as(key, bytes.fromhex(sealed), MEDICATION, medication_id, MedicationIn, _DAMAGED_MEDICATION)
    return MedInfoOut(id=medication_id, **msgspec.structs.asdict(medication))


def _open_maybe(key: DataKey, sealed: str | None, place: str, row_id: UUID) -> str | None:
    return None if sealed is None else _open(key, sealed, place, row_id)


def _open(key: DataKey, sealed: str, place: str, row_id: UUID) -> str:
    return shown(key, bytes.fromhex(sealed), place, row_id)
