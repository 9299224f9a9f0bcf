"""A patient uploads, renames and deletes files."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.documents.actions import NewFile, discard_files, store_files
from carelane.documents.queries import FILE_NAME, Attachment
from carelane.event_names import EventType
from carelane.events import Event
from carelane.kit.auth import Actor
from carelane.kit.data_urls import read_file
from carelane.kit.db import Connection, Sealed
from carelane.kit.errors import CarelaneError, FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import PORTAL_OWN, requires
from carelane.portal.access import own_id
from carelane.portal.files import queries
from carelane.portal.files.errors import CaseClosedError, CaseNotOwnError, NoSuchFileError
from carelane.portal.files.queries import FileRow, OwnCase
from carelane.portal.files.schemas import (
    FileAnswerOut,
    FileDeletedOut,
    FileUploadIn,
    RenameIn,
    UploadAnswerOut,
    UploadedFileOut,
    rename_problems,
    upload_problems,
)
from carelane.portal.files.views import show_file
from carelane.services import Services
from carelane.web.idempotency import ReplayedAnswer, RequestKey, run_once


@requires(PORTAL_OWN)
async def upload_file(
    services: Services, actor: Actor, body: FileUploadIn, request_key: RequestKey | None
) -> UploadAnswerOut:
    """Raises InvalidRequestError, CaseNotOwnError, CaseClosedError, and what `run_once` raises."""
    file = _file_in(body, services.settings.max_document_bytes)
    data_key = await services.keyring.data_key(actor.organization_id)
    await store_files(services.storage, data_key, actor.organization_id, [file])
    case_id = parse_uuid(body.case_id) if body.case_id is not None else None
    try:
        return await run_once(services, actor, request_key, partial(_keep, actor, data_key, file, case_id))
    except (CarelaneError, ReplayedAnswer):
        # After any other failure it is not known whether the row was committed, so its file stays.
        await discard_files(services.storage, actor.organization_id, [file])
        raise


def _file_in(body: FileUploadIn, most_bytes: int) -> NewFile:
    problems = list(upload_problems(body))
    content: bytes | bytearray = b""
    try:
        content = read_file(body.data)[1]
    except ValueError:
        problems.append(FieldProblem("data", "expected a file in base64"))
    else:
        if not content:
            problems.append(FieldProblem("data", "expected a file that is not empty, in base64"))
        elif len(content) > most_bytes:
            problems.append(FieldProblem("data", f"expected a file of at most {most_bytes} bytes"))
    if problems:
        raise InvalidRequestError(problems=problems)
    return NewFile(id=uuid7(), name=body.name.strip(), content_type=body.mime_type, content=content)


async def _keep(
    actor: Actor, data_key: DataKey, file: NewFile, case_id: UUID | None, conn: Connection
) -> UploadAnswerOut:
    case = await _lock_case(conn, actor, case_id)
    if case is not None and case.is_archived:
        raise CaseClosedError
    row = Attachment(
        organization_id=actor.organization_id,
        id=file.id,
        case_id=case_id,
        file_name_sealed=Sealed(_sealed_name(data_key, file.id, file.name)),
        content_type=file.content_type,
        size_bytes=len(file.content),
        storage_key=file.storage_key(actor.organization_id),
        is_phi=False,
        uploaded_by_patient_id=own_id(actor),
    )
    created_at = await queries.insert_file(conn, row)
    await events.record(conn, _told(actor, case, case_id, file.id, "ADD_CASE_ATTACHMENT", "FILE_ADDED"))
    told = UploadedFileOut(
        id=file.id, file_name=file.name, is_phi=False, is_restricted=False, case_id=case_id, created_at=created_at
    )
    return UploadAnswerOut(data=told)


@requires(PORTAL_OWN)
async def rename_file(services: Services, actor: Actor, file_id: UUID, body: RenameIn) -> FileAnswerOut:
    """Raises InvalidRequestError, NoSuchFileError."""
    if problems := list(rename_problems(body)):
        raise InvalidRequestError(problems=problems)
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        row = await _lock_own(conn, actor, file_id)
        await queries.update_name(conn, actor.organization_id, row.id, _sealed_name(data_key, row.id, body.file_name))
        await events.record(conn, _about_self(actor, "FILE_RENAMED"))
        renamed = await queries.find_file(conn, actor.organization_id, own_id(actor), row.id)
        assert renamed is not None
    return FileAnswerOut(data=show_file(data_key, renamed))


@requires(PORTAL_OWN)
async def delete_file(services: Services, actor: Actor, file_id: UUID) -> FileDeletedOut:
    """The row and the bytes stay. Raises NoSuchFileError."""
    async with services.db.transaction(actor) as conn:
        row = await queries.find_file(conn, actor.organization_id, own_id(actor), file_id)
        if row is None or not row.is_own:
            raise NoSuchFileError
        # The case before the file, as whoever writes at a case locks them.
        case = await _lock_case(conn, actor, row.case_id)
        await _lock_own(conn, actor, file_id)
        await queries.update_deleted(conn, actor.organization_id, row.id)
        await events.record(conn, _told(actor, case, row.case_id, row.id, "DELETE_ATTACHMENT", "FILE_DELETED"))
    return FileDeletedOut()


async def _lock_case(conn: Connection, actor: Actor, case_id: UUID | None) -> OwnCase | None:
    """None for no case. Raises CaseNotOwnError."""
    if case_id is None:
        return None
    case = await queries.find_case(conn, actor.organization_id, own_id(actor), case_id, is_locked=True)
    if case is None:
        raise CaseNotOwnError
    return case


async def _lock_own(conn: Connection, actor: Actor, file_id: UUID) -> FileRow:
    """One that this patient uploaded. Raises NoSuchFileError."""
    row = await queries.lock_file(conn, actor.organization_id, own_id(actor), file_id)
    if row is None or not row.is_own:
        raise NoSuchFileError
    return row


def _sealed_name(data_key: DataKey, file_id: UUID, name: str) -> bytes:
    return data_key.seal(name.strip().encode(), FILE_NAME, file_id)


def _told(
    actor: Actor, case: OwnCase | None, case_id: UUID | None, file_id: UUID, at_case: EventType, at_patient: str
) -> Event:
    """The event of a file, at its case or, where it belongs to none, at its patient."""
    if case is None:
        return _about_self(actor, at_patient)
    return events.new_event(actor, at_case, case_id, target_id=file_id, is_test=case.is_test)


def _about_self(actor: Actor, what: str) -> Event:
    return events.new_event(actor, "PATIENT_UPDATED", None, target_id=own_id(actor), value_after=what)
