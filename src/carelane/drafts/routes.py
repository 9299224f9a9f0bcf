"""/api/staff/drafts: what one has typed about a record and not sent."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.drafts import actions, reads
from carelane.drafts.errors import RecordNotFoundError
from carelane.drafts.schemas import KINDS, DraftDiscardedOut, DraftIn, DraftSavedOut, DraftsOut, parse_name
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: drafts")

Kind = Annotated[str, PathParameter(description=f"What the record is: one of {', '.join(KINDS)}")]
RecordId = Annotated[str, PathParameter(description="UUID of the record")]
FormName = Annotated[str, PathParameter(description="Name of the form, such as `reply`")]


@routes.get("/drafts/{record_kind:str}/{record_id:str}", "List one's drafts about a record")
async def list_drafts(
    request: ActorRequest, services: NamedDependency[Services], record_kind: Kind, record_id: RecordId
) -> DraftsOut:
    """Those of the member who asks: nobody else's can be seen. A draft is gone thirty days after it was saved."""
    name = parse_name(record_kind, record_id, "any")
    return await reads.list_drafts(services, request.auth, name.kind, name.record_id)


@routes.put(
    "/drafts/{record_kind:str}/{record_id:str}/{form:str}",
    "Save a draft",
    errors=(RecordNotFoundError, RuleBrokenError),
)
async def save_draft(
    request: ActorRequest,
    services: NamedDependency[Services],
    record_kind: Kind,
    record_id: RecordId,
    form: FormName,
    data: JSONBody[DraftIn],
) -> DraftSavedOut:
    """In place of what was saved before of this form."""
    return await actions.save_draft(services, request.auth, parse_name(record_kind, record_id, form), data)


@routes.delete("/drafts/{record_kind:str}/{record_id:str}/{form:str}", "Discard a draft")
async def discard_draft(
    request: ActorRequest, services: NamedDependency[Services], record_kind: Kind, record_id: RecordId, form: FormName
) -> DraftDiscardedOut:
    """A draft that is not there is no error."""
    return await actions.discard_draft(services, request.auth, parse_name(record_kind, record_id, form))
