"""/api/staff/views"""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RecordNotFoundError
from carelane.saved_views import actions, reads
from carelane.saved_views.errors import TooManyViewsError, ViewNameTakenError
from carelane.saved_views.schemas import ViewIn, ViewOut, ViewsOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")

ViewId = Annotated[str, PathParameter(description="UUID of the view")]


@routes.get("/views", "List saved views")
async def list_views(request: ActorRequest, services: NamedDependency[Services]) -> ViewsOut:
    """One's own, then the clinic's, with how many cases are in each."""
    return ViewsOut(views=await reads.list_views(services, request.auth))


@routes.post("/views", "Save a view", errors=(ViewNameTakenError, TooManyViewsError), repeatable=True)
async def save_view(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ViewIn]) -> ViewOut:
    """A name for filters of the queue, as they stand in its address: `query` is `state=OR&assignedTo=none`. `me` means whoever
    looks. `CLINIC`: everybody sees it."""
    return await actions.save_view(services, request.auth, data, await read_key(request))


@routes.delete("/views/{view_id:str}", "Remove a saved view", errors=(RecordNotFoundError,))
async def remove_view(request: ActorRequest, services: NamedDependency[Services], view_id: ViewId) -> ViewsOut:
    """One's own, or one of the clinic. The answer lists those that are left."""
    await actions.remove_view(services, request.auth, view_id)
    return ViewsOut(views=await reads.list_views(services, request.auth))
