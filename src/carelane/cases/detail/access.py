"""The one door to a whole case: finds it, records who saw it, opens what is sealed, brings its documents."""

import base64
from collections.abc import Iterable
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane import events
from carelane.cases.detail import queries
from carelane.cases.detail.queries import Wanted
from carelane.cases.detail.schemas import (
    AnswerRecord,
    CaseDetailRecord,
    DecisionRecord,
    Medication,
    MedInfoOut,
    SealedText,
)
from carelane.cases.errors import CaseNotFoundError
from carelane.documents import links
from carelane.documents.errors import DocumentsTooLargeError
from carelane.documents.queries import FILE_NAME
from carelane.documents.schemas import AttachmentRecord
from carelane.kit.auth import Actor
from carelane.kit.phi import DataKey
from carelane.services import Services

# Base64 of more than this in one answer serves nobody; `documentFormat=url` has no such limit.
MAX_INLINE_BYTES = 104_857_600


async def open_case(services: Services, actor: Actor, wanted: Wanted) -> CaseDetailRecord:
    """The case with its texts opened; its documents still need `link_documents` or `inline_documents`.

    Raises CaseNotFoundError for an unknown case and for another organization's alike. That the actor saw it is on record
    before the answer leaves.
    """
    async with services.db.transaction(actor) as conn:
        found = await queries.find_detail(conn, actor.organization_id, wanted)
        if found is None:
            raise CaseNotFoundError
        await events.record_read(conn, actor, "case", found.id, "case detail")
    _open_sealed(found, await services.keyring.data_key(actor.organization_id))
    return found


def _open_sealed(case: CaseDetailRecord, key: DataKey) -> None:
    for response in case.responses:
        for answer in response.responses:
            _open_answer(answer, key)
    for decision in case.decisions:
        _open_decision(decision, key)
    for attachment in _documents(case):
        attachment.file_name = _open(key, attachment.file_name, FILE_NAME, attachment.id)
    for comment in case.comments:
        comment.text = _open(key, comment.text, "comments.text_sealed", comment.id)
    case.notes = [comment for comment in case.comments if comment.is_restricted]
    case.comments = [comment for comment in case.comments if not comment.is_restricted]


def _open_answer(answer: AnswerRecord, key: DataKey) -> None:
    if isinstance(answer.text, SealedText):
        answer.text = _open(key, answer.text.sealed, "form_answers.sealed", answer.id)


def _open_decision(decision: DecisionRecord, key: DataKey) -> None:
    if decision.decision_text is not None:
        decision.decision_text = _open(key, decision.decision_text, "decisions.decision_text_sealed", decision.id)
    decision.med_info = [_open_medication(key, UUID(entry["id"]), entry["sealed"]) for entry in decision.med_info]


def _open_medication(key: DataKey, medication_id: UUID, sealed: str) -> MedInfoOut:
    plain = key.open(bytes.fromhex(sealed), "decision_medications.sealed", medication_id)
    return MedInfoOut(id=medication_id, **msgspec.structs.asdict(msgspec.json.decode(plain, type=Medication)))


def _open(key: DataKey, sealed: str, place: str, row_id: UUID) -> str:
    return key.open(bytes.fromhex(sealed), place, row_id).decode()


def link_documents(services: Services, organization_id: UUID, case: CaseDetailRecord, base_url: str) -> None:
    """Gives every document a link that works for 15 minutes."""
    for attachment in _documents(case):
        if not attachment.is_deleted:
            token = links.sign(services.link_key, links.Link(organization_id, attachment.id))
            attachment.url = f"{base_url}/documents/{token}"
        _forget_place(attachment)


async def inline_documents(services: Services, organization_id: UUID, case: CaseDetailRecord) -> None:
    """Gives every document its content in base64. Raises DocumentsTooLargeError above MAX_INLINE_BYTES in all."""
    present = [attachment for attachment in _documents(case) if not attachment.is_deleted]
    if sum(int(attachment.size_bytes or 0) for attachment in present) > MAX_INLINE_BYTES:
        raise DocumentsTooLargeError(
            f"documentFormat: expected `url`; the documents of this case exceed {MAX_INLINE_BYTES} bytes"
        )
    key = await services.keyring.data_key(organization_id)
    for attachment in present:
        content = await services.storage.get(key, str(attachment.storage_key), attachment.id)
        attachment.content = base64.b64encode(content).decode()
    for attachment in _documents(case):
        _forget_place(attachment)


def _documents(case: CaseDetailRecord) -> Iterable[AttachmentRecord]:
    yield from case.attachments or ()
    for comment in (*case.comments, *case.notes):
        yield from comment.attachments or ()


def _forget_place(attachment: AttachmentRecord) -> None:
    attachment.storage_key = UNSET
    attachment.size_bytes = UNSET
