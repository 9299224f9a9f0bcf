"""/admin/locations."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.locations import actions, reads
from carelane.locations.schemas import (
    LocationFilters,
    LocationIn,
    LocationOut,
    LocationPageOut,
    LocationSort,
    PublicLocationOut,
    broken_rules,
)
from carelane.services import Services
from carelane.web.multipart import FormOrJsonBody, key_of_form
from carelane.web.paging import PAGE, PER_PAGE, Direction, page_of, word
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Locations", body=FormOrJsonBody)

LocationId = Annotated[str, PathParameter(description="Id of the location")]


@routes.get("/admin/locations/list", "List locations")
async def list_locations(
    request: ActorRequest,
    services: NamedDependency[Services],
    page: Annotated[int | None, PAGE] = None,
    per_page: Annotated[int | None, PER_PAGE] = None,
    sort_by: FromQuery[LocationSort] = "name",
    sort_direction: FromQuery[Direction] = "asc",
    location_id: Annotated[str | None, word("One location")] = None,
    name: Annotated[str | None, word("A part of the name")] = None,
    city: Annotated[str | None, word("A part of the city's name")] = None,
    in_state: Annotated[str | None, word("The whole state", name="state")] = None,
    is_virtual: FromQuery[bool | None] = None,
) -> LocationPageOut:
    """One page of the locations, without archived ones."""
    filters = LocationFilters(
        location_id=record_id(request.auth.organization_id, location_id) if location_id else None,
        name=name,
        city=city,
        state=in_state,
        is_virtual=is_virtual,
        sort_by=sort_by,
        is_descending=sort_direction == "desc",
    )
    return await reads.list_locations(services, request.auth, filters, page_of(page, per_page))


@routes.get("/admin/locations/public", "List public locations")
async def list_public_locations(request: ActorRequest, services: NamedDependency[Services]) -> list[PublicLocationOut]:
    """What patients may see of every location, by name, without archived ones."""
    return await reads.list_public_locations(services, request.auth)


@routes.get("/admin/locations/{location_id:str}", "Get a location", errors=(RecordNotFoundError,))
async def get_location(
    request: ActorRequest, services: NamedDependency[Services], location_id: LocationId
) -> LocationOut:
    """One location. An archived one is not there."""
    return await reads.get_location(services, request.auth, location_id)


@routes.delete("/admin/locations/delete/{id:str}", "Archive a location", errors=(RecordNotFoundError,))
async def delete_location(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: LocationId,  # noqa: A002 - the path parameter's name in the dialect
) -> bool:
    """Nothing new can be given the location; patients, carts and charges that have it keep it."""
    return await actions.archive_location(services, request.auth, id)


@routes.post(
    "/admin/locations/update-or-create",
    "Update or create a location",
    errors=(RuleBrokenError, ConflictError),
    rules=broken_rules,
    repeatable=True,
    form=True,
)
async def update_or_create_location(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[LocationIn]
) -> LocationOut:
    """Changes the location with the id sent, or makes it when there is none; without an id a new one is made."""
    request_key = await key_of_form(request, data)
    return await actions.save_location(services, request.auth, data, request_key, base_url(request, services))
