"""/api/staff/catalog/locations."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.locations.desk import actions, reads
from carelane.locations.desk.schemas import PlaceIn, PlaceOut, PlacesOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.paging import IS_ACTIVE, LIMIT, OFFSET, PART_OF_NAME, Wanted
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")

LocationId = Annotated[str, PathParameter(description="UUID of the location")]


@routes.get("/catalog/locations", "List locations")
async def list_catalog_locations(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[str | None, PART_OF_NAME] = None,
    is_active: Annotated[bool | None, IS_ACTIVE] = None,
    limit: Annotated[int, LIMIT] = 50,
    offset: Annotated[int, OFFSET] = 0,
) -> PlacesOut:
    """In the order of the alphabet, those that are not offered any more too."""
    refuse_unknown_filters(request, request.route_handler)
    wanted = Wanted(q=q, is_active=is_active, limit=limit, offset=offset)
    return await reads.list_locations(services, request.auth, wanted)


@routes.post("/catalog/locations", "Make a location", errors=(RuleBrokenError,), repeatable=True)
async def create_catalog_location(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PlaceIn]
) -> PlaceOut:
    """Patients, carts and appointments can be given it from now on."""
    return await actions.create_location(services, request.auth, data, await read_key(request))


@routes.get("/catalog/locations/{location_id:str}", "Get a location", errors=(RecordNotFoundError,))
async def get_catalog_location(
    request: ActorRequest, services: NamedDependency[Services], location_id: LocationId
) -> PlaceOut:
    """With the version to send when it is changed."""
    return await reads.get_location(services, request.auth, location_id)


@routes.put(
    "/catalog/locations/{location_id:str}",
    "Change a location",
    errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_catalog_location(
    request: ActorRequest, services: NamedDependency[Services], location_id: LocationId, data: JSONBody[PlaceIn]
) -> PlaceOut:
    """As a whole. `isActive` false archives it; who has it keeps it."""
    return await actions.change_location(services, request.auth, location_id, data, await read_key(request))
