"""/user/patient/quick-note."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.patients.billing.routes import PatientId
from carelane.patients.notes import actions, reads
from carelane.patients.notes.schemas import NoteIn, NoteOut, NotePatch, broken_rules
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Quick notes", body=EitherCaseBody)

NoteId = Annotated[str, PathParameter(description="Id of the note")]


@routes.post(
    "/user/patient/quick-note/create",
    "Create a quick note",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError),
    rules=broken_rules,
    repeatable=True,
)
async def create_quick_note(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[NoteIn]
) -> NoteOut:
    """Writes something down about a patient, for whoever works here. An archived patient is a 409."""
    return await actions.create_note(services, request.auth, data, await read_key(request))


@routes.get(
    "/user/patient/quick-note/list/{patient_id:str}", "List a patient's quick notes", errors=(RecordNotFoundError,)
)
async def list_quick_notes(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientId
) -> list[NoteOut]:
    """The newest first, at most 500. Deleted ones are left out."""
    return await reads.list_notes(services, request.auth, patient_id)


@routes.get("/user/patient/quick-note/{note_id:str}", "Get a quick note", errors=(RecordNotFoundError,))
async def get_quick_note(request: ActorRequest, services: NamedDependency[Services], note_id: NoteId) -> NoteOut:
    """One note."""
    return await reads.get_note(services, request.auth, note_id)


@routes.put(
    "/user/patient/quick-note/update/{note_id:str}",
    "Update a quick note",
    errors=(RuleBrokenError, RecordNotFoundError),
    rules=broken_rules,
)
async def update_quick_note(
    request: ActorRequest, services: NamedDependency[Services], note_id: NoteId, data: JSONBody[NotePatch]
) -> NoteOut:
    """Changes what the body says; what is absent or null stays."""
    return await actions.update_note(services, request.auth, note_id, data)


@routes.delete("/user/patient/quick-note/{note_id:str}", "Delete a quick note", errors=(RecordNotFoundError,))
async def delete_quick_note(request: ActorRequest, services: NamedDependency[Services], note_id: NoteId) -> bool:
    """It is not found any more."""
    return await actions.archive_note(services, request.auth, note_id)
