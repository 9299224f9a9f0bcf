"""`/console/catalog/locations`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.console.catalog.access import require_changes
from carelane.console.catalog.locations import views
from carelane.console.catalog.routes import Asked, show_list, show_record
from carelane.console.catalog.views import LOCATIONS, ROWS, fields_of, ticked
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.locations.desk.actions import change_location, create_location
from carelane.locations.desk.reads import get_location, list_locations
from carelane.locations.desk.schemas import PlaceIn, PlaceOut
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Wanted
from carelane.web.routes import ActorRequest

routes = PageRoutes()

LocationId = Annotated[str, PathParameter(description="UUID of the location")]


@routes.get(LOCATIONS.path)
async def get_list(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[str | None, QueryParameter(name="q", description="A part of the name")] = None,
    which: Annotated[str | None, QueryParameter(name="state", description="active, archived or all")] = None,
    begin: Annotated[str | None, QueryParameter(name="from", description="How many are left out")] = None,
) -> Response[Any]:
    """In the order of the alphabet."""
    asked = Asked(q, which, begin)
    wanted = Wanted(q=asked.q or None, is_active=asked.is_active, limit=ROWS, offset=asked.offset)
    found = await list_locations(services, request.auth, wanted)
    listed = views.columns(), [views.row(one) for one in found.locations], found.total
    return await show_list(request, services, LOCATIONS, asked, listed)


@routes.get(f"{LOCATIONS.path}/new")
async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """An empty form."""
    require_changes(request.auth, LOCATIONS)
    return await _show(request, services, None, Filled.of(isActive=True, timezone="America/New_York"))


@routes.post(f"{LOCATIONS.path}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """As it was filled in."""
    require_changes(request.auth, LOCATIONS)
    try:
        await create_location(services, request.auth, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error))
    return see_other(with_query(LOCATIONS.path, done="made"))


@routes.get(f"{LOCATIONS.path}/{{location_id:str}}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], location_id: LocationId) -> Response[Any]:
    """As it stands."""
    found = await get_location(services, request.auth, location_id)
    return await _show(request, services, found, fields_of(found))


@routes.post(f"{LOCATIONS.path}/{{location_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], location_id: LocationId
) -> Response[Any]:
    """As a whole."""
    require_changes(request.auth, LOCATIONS)
    found = await get_location(services, request.auth, location_id)
    try:
        await change_location(services, request.auth, location_id, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, found, shown_again(form, error, fields_of(found), views.NAMES))
    return see_other(with_query(LOCATIONS.path, done="changed"))


def _body(form: Form) -> PlaceIn:
    return form.read(PlaceIn, **ticked(form, "isVirtual", "isActive"))


async def _show(request: ActorRequest, services: Services, found: PlaceOut | None, form: Filled) -> Response[Any]:
    values: dict[str, object] = {}
    changes = differences(form, fields_of(found), views.NAMES) if found else []
    record = (str(found.id), found.name) if found else None
    return await show_record(request, services, LOCATIONS, form, values, record=record, changes=changes)
