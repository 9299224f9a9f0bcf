"""/admin/locations."""

from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter

from carelane.kit.auth import ActorRequest
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.locations import actions, queries
from carelane.locations.schemas import (
    MAX_PUBLIC,
    LocationFilters,
    LocationIn,
    LocationOut,
    LocationPageOut,
    LocationSort,
    PublicLocationOut,
    broken_rules,
)
from carelane.organizations.scopes import CATALOG_READ, CATALOG_WRITE
from carelane.services import Services
from carelane.web.idempotency import read_asked
from carelane.web.multipart import FormOrJsonBody
from carelane.web.paging import PAGE, PER_PAGE, Direction, page_of, word

LocationId = Annotated[str, PathParameter(description="Id of the location")]
_TAGS = ["Locations"]


@get("/admin/locations/list", operation_id="listLocations", summary="List locations", tags=_TAGS)
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
    request.auth.require(CATALOG_READ)
    organization_id = request.auth.organization_id
    filters = LocationFilters(
        location_id=record_id(organization_id, location_id) if location_id else None,
        name=name,
        city=city,
        state=in_state,
        is_virtual=is_virtual,
        sort_by=sort_by,
        is_descending=sort_direction == "desc",
    )
    async with services.db.reading(organization_id) as conn:
        return await queries.list_locations(conn, organization_id, filters, page_of(page, per_page))


@get("/admin/locations/public", operation_id="listPublicLocations", summary="List public locations", tags=_TAGS)
async def list_public(request: ActorRequest, services: NamedDependency[Services]) -> list[PublicLocationOut]:
    """What patients may see of every location, by name, without archived ones."""
    request.auth.require(CATALOG_READ)
    async with services.db.reading(request.auth.organization_id) as conn:
        return await queries.list_public(conn, request.auth.organization_id, MAX_PUBLIC)


@get(
    "/admin/locations/{location_id:str}",
    operation_id="getLocation",
    summary="Get a location",
    tags=_TAGS,
    opt={"errors": (RecordNotFoundError,)},
)
async def get_location(
    request: ActorRequest, services: NamedDependency[Services], location_id: LocationId
) -> LocationOut:
    """One location. An archived one is not there."""
    request.auth.require(CATALOG_READ)
    organization_id = request.auth.organization_id
    async with services.db.reading(organization_id) as conn:
        found = await queries.find_location(conn, organization_id, record_id(organization_id, location_id))
    if found is None:
        raise RecordNotFoundError(f"no location {location_id} here")
    return found


@delete(
    "/admin/locations/delete/{id:str}",
    operation_id="deleteLocation",
    summary="Archive a location",
    tags=_TAGS,
    status_code=200,
    opt={"errors": (RecordNotFoundError,)},
)
async def delete_location(
    request: ActorRequest,
    services: NamedDependency[Services],
    id: LocationId,  # noqa: A002 - the path parameter's name in the dialect
) -> bool:
    """Nothing new can be given the location; patients, carts and charges that have it keep it."""
    request.auth.require(CATALOG_WRITE)
    return await actions.archive_location(services, request.auth, id)


@post(
    "/admin/locations/update-or-create",
    operation_id="updateOrCreateLocation",
    summary="Update or create a location",
    tags=_TAGS,
    status_code=200,
    dto=FormOrJsonBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, ConflictError), "repeatable": True, "form": True, "rules": broken_rules},
)
async def save_location(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[LocationIn]
) -> LocationOut:
    """Changes the location with the id sent, or makes it when there is none; without an id a new one is made."""
    request.auth.require(CATALOG_WRITE)
    asked = await read_asked(request)
    if asked is not None:
        # A form has another boundary each time it is sent; what it says is the same.
        asked = msgspec.structs.replace(asked, body=msgspec.json.encode(data))
    return await actions.save_location(services, request.auth, asked, data)


LOCATIONS = [list_locations, list_public, get_location, delete_location, save_location]
