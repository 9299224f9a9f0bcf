"""A member of staff adds a file to a case."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.case_detail.files import queries
from carelane.case_detail.files.schemas import CaseFileIn, CaseFileOut, broken_rules
from carelane.cases.access import lock_open_case
from carelane.cases.errors import CaseNotFoundError
from carelane.documents.actions import NewFile, discard_files, known_type, store_files
from carelane.documents.queries import FILE_NAME, Attachment
from carelane.kit.auth import Actor
from carelane.kit.data_urls import read_file
from carelane.kit.db import Connection, Sealed
from carelane.kit.errors import CarelaneError, FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid, uuid7
from carelane.kit.phi import DataKey
from carelane.permissions import CASES_WORK, requires
from carelane.services import Services
from carelane.web.idempotency import ReplayedAnswer, RequestKey, run_once


@requires(CASES_WORK)
async def add_file(
    services: Services, actor: Actor, ref: str, body: CaseFileIn, request_key: RequestKey | None
) -> CaseFileOut:
    """Raises CaseNotFoundError, CaseClosedError, InvalidRequestError, and what `run_once` raises."""
    case_id = parse_uuid(ref)
    if case_id is None:
        raise CaseNotFoundError
    file = _file_in(body, services.settings.max_document_bytes)
    key = await services.keyring.data_key(actor.organization_id)
    await store_files(services.storage, key, actor.organization_id, [file])
    try:
        return await run_once(services, actor, request_key, partial(_keep, actor, key, file, case_id, body))
    except (CarelaneError, ReplayedAnswer):
        # After any other failure it is not known whether the row was committed, so its file stays.
        await discard_files(services.storage, actor.organization_id, [file])
        raise


def _file_in(body: CaseFileIn, most_bytes: int) -> NewFile:
    problems = list(broken_rules(body))
    content: bytes | bytearray = b""
    try:
        content = read_file(body.data)[1]
    except ValueError:
        problems.append(FieldProblem("data", "expected a file in base64"))
    else:
        problems.extend(_size_problems(content, most_bytes))
    if problems:
        raise InvalidRequestError(problems=problems)
    return NewFile(
        id=uuid7(), name=body.name.strip(), content_type=known_type(content) or body.mime_type, content=content
    )


def _size_problems(content: bytes | bytearray, most_bytes: int) -> list[FieldProblem]:
    if not content:
        return [FieldProblem("data", "expected a file that is not empty, in base64")]
    too_large = FieldProblem("data", f"expected a file of at most {most_bytes} bytes")
    return [too_large] if len(content) > most_bytes else []


async def _keep(
    actor: Actor, key: DataKey, file: NewFile, case_id: UUID, body: CaseFileIn, conn: Connection
) -> CaseFileOut:
    case = await lock_open_case(conn, actor.organization_id, case_id)
    row = Attachment(
        organization_id=actor.organization_id,
        id=file.id,
        case_id=case.id,
        file_name_sealed=Sealed(key.seal(file.name.encode(), FILE_NAME, file.id)),
        content_type=file.content_type,
        size_bytes=len(file.content),
        storage_key=file.storage_key(actor.organization_id),
        is_phi=True,
        is_restricted=body.is_restricted,
        uploaded_by_staff_id=actor.id,
    )
    created_at = await queries.insert_file(conn, row)
    added = events.new_event(actor, "ADD_CASE_ATTACHMENT", case.id, target_id=file.id, is_test=case.is_test)
    await events.record(conn, added)
    return CaseFileOut(
        id=file.id,
        file_name=file.name,
        mime_type=file.content_type,
        is_restricted=body.is_restricted,
        size_bytes=len(file.content),
        created_at=created_at,
    )
