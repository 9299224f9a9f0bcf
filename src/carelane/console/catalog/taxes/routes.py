"""`/console/catalog/taxes`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.catalog.desk.reads import get_parts
from carelane.catalog.desk.views import picked
from carelane.console.catalog.access import require_changes
from carelane.console.catalog.routes import Asked, show_list, show_record
from carelane.console.catalog.taxes import views
from carelane.console.catalog.views import ROWS, TAXES, ids_in, ticked
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.services import Services
from carelane.taxes.desk.actions import change_tax, create_tax
from carelane.taxes.desk.reads import get_tax, list_taxes
from carelane.taxes.desk.schemas import RaisedTaxIn, RaisedTaxOut
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Wanted
from carelane.web.routes import ActorRequest

routes = PageRoutes()

TaxId = Annotated[str, PathParameter(description="UUID of the tax")]


@routes.get(TAXES.path)
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
    found = await list_taxes(services, request.auth, wanted)
    listed = views.columns(), [views.row(one) for one in found.taxes], found.total
    return await show_list(request, services, TAXES, asked, listed)


@routes.get(f"{TAXES.path}/new")
async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """An empty form."""
    require_changes(request.auth, TAXES)
    return await _show(request, services, None, Filled.of(isActive=True, scope="ALL"))


@routes.post(f"{TAXES.path}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """As it was filled in."""
    require_changes(request.auth, TAXES)
    try:
        await create_tax(services, request.auth, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error))
    return see_other(with_query(TAXES.path, done="made"))


@routes.get(f"{TAXES.path}/{{tax_id:str}}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], tax_id: TaxId) -> Response[Any]:
    """As it stands."""
    found = await get_tax(services, request.auth, tax_id)
    return await _show(request, services, found, views.form_of(found))


@routes.post(f"{TAXES.path}/{{tax_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], tax_id: TaxId
) -> Response[Any]:
    """As a whole."""
    require_changes(request.auth, TAXES)
    found = await get_tax(services, request.auth, tax_id)
    try:
        await change_tax(services, request.auth, tax_id, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, found, shown_again(form, error, views.form_of(found), views.NAMES))
    return see_other(with_query(TAXES.path, done="changed"))


def _body(form: Form) -> RaisedTaxIn:
    categories = [line.strip() for line in form.get("categoryNames").splitlines() if line.strip()]
    return form.read(RaisedTaxIn, **ticked(form, "isActive"), categoryNames=categories)


async def _show(request: ActorRequest, services: Services, found: RaisedTaxOut | None, form: Filled) -> Response[Any]:
    stands = views.form_of(found) if found else Filled()
    chosen = ids_in((form, stands), "locationIds")
    parts = await get_parts(services, request.auth, chosen)
    values = {
        "scopes": views.scopes(),
        "locations": picked(parts.locations, form.all("locationIds")),
    }
    changes = differences(form, stands, views.NAMES, parts)
    record = (str(found.id), found.name) if found else None
    return await show_record(request, services, TAXES, form, values, record=record, changes=changes)
