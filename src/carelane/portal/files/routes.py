"""/api/v1/users/me/files: the files of the patient who signed in."""

from typing import Annotated, Literal
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.ids import parse_uuid
from carelane.portal.files import actions, reads
from carelane.portal.files.errors import CaseClosedError, CaseNotOwnError, NoSuchFileError
from carelane.portal.files.schemas import (
    DownloadAnswerOut,
    FileAnswerOut,
    FileDeletedOut,
    FilesAnswerOut,
    FileUploadIn,
    RenameIn,
    UploadAnswerOut,
    rename_problems,
    upload_problems,
)
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes, base_url
from carelane.web.wire import uuid_string

routes = Routes(tag="Patient portal")
# Its body is a file.
upload_routes = Routes(tag="Patient portal")

FileId = Annotated[str, PathParameter(description="UUID of the file")]


def _id_of(text: str) -> UUID:
    found = parse_uuid(text)
    if found is None:
        raise InvalidRequestError(problems=[FieldProblem("file_id", "expected a UUID", "path")])
    return found


@routes.get("/users/me/files", "List one's own files", errors=(CaseNotOwnError,))
async def list_my_files(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str | None, QueryParameter(name="caseId", description="Only those of this case")] = None,
    kind: Annotated[
        Literal["phi", "general"] | None,
        QueryParameter(name="type", description="`phi`: those with health information; `general`: the others"),
    ] = None,
) -> FilesAnswerOut:
    """Files of the patient's cases, newest first, at most 1,000. Files of no case are found by their id."""
    is_phi = None if kind is None else kind == "phi"
    return await reads.list_files(services, request.auth, uuid_string("caseId", case_id), is_phi)


@routes.get("/users/me/files/{file_id:str}/metadata", "Get one's own file", errors=(NoSuchFileError,))
async def get_my_file(request: ActorRequest, services: NamedDependency[Services], file_id: FileId) -> FileAnswerOut:
    """Everything but the bytes."""
    return await reads.get_file(services, request.auth, _id_of(file_id))


@routes.get("/users/me/files/{file_id:str}/download", "Get a link to one's own file", errors=(NoSuchFileError,))
async def download_my_file(
    request: ActorRequest, services: NamedDependency[Services], file_id: FileId
) -> DownloadAnswerOut:
    """A link that works for 15 minutes without any credential."""
    return await reads.link_file(services, request.auth, _id_of(file_id), base_url(request, services))


@upload_routes.post(
    "/users/me/files/upload",
    "Upload a file",
    errors=(CaseNotOwnError, CaseClosedError),
    rules=upload_problems,
    repeatable=True,
)
async def upload_my_file(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[FileUploadIn]
) -> UploadAnswerOut:
    """With `caseId` it is added to that case, which must not be closed; without, it belongs to no case and is not in the list."""
    return await actions.upload_file(services, request.auth, data, await read_key(request))


@routes.patch(
    "/users/me/files/{file_id:str}/metadata", "Rename a file", errors=(NoSuchFileError,), rules=rename_problems
)
async def rename_my_file(
    request: ActorRequest, services: NamedDependency[Services], file_id: FileId, data: JSONBody[RenameIn]
) -> FileAnswerOut:
    """Only one that the patient uploaded."""
    return await actions.rename_file(services, request.auth, _id_of(file_id), data)


@routes.delete("/users/me/files/{file_id:str}", "Delete a file", errors=(NoSuchFileError, CaseNotOwnError))
async def delete_my_file(request: ActorRequest, services: NamedDependency[Services], file_id: FileId) -> FileDeletedOut:
    """Only one that the patient uploaded. The clinic keeps it in the record of the case, marked as deleted."""
    return await actions.delete_file(services, request.auth, _id_of(file_id))
