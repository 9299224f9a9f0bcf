"""`/console/catalog/drugs`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.catalog.desk.reads import get_parts
from carelane.console.catalog.access import require_changes
from carelane.console.catalog.drugs import views
from carelane.console.catalog.routes import Asked, show_list, show_record
from carelane.console.catalog.views import DRUGS, ROWS, fields_of, ids_in, ticked
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.pharmacies.drugs.actions import change_drug, create_drug
from carelane.pharmacies.drugs.reads import get_drug, list_drugs
from carelane.pharmacies.drugs.schemas import DrugIn, DrugOut
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Wanted
from carelane.web.routes import ActorRequest

routes = PageRoutes()

DrugId = Annotated[str, PathParameter(description="UUID of the drug")]


@routes.get(DRUGS.path)
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
    found = await list_drugs(services, request.auth, wanted)
    listed = views.columns(), [views.row(one) for one in found.drugs], found.total
    return await show_list(request, services, DRUGS, asked, listed)


@routes.get(f"{DRUGS.path}/new")
async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """An empty form."""
    require_changes(request.auth, DRUGS)
    return await _show(request, services, None, Filled.of(isActive=True))


@routes.post(f"{DRUGS.path}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """As it was filled in."""
    require_changes(request.auth, DRUGS)
    try:
        await create_drug(services, request.auth, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error))
    return see_other(with_query(DRUGS.path, done="made"))


@routes.get(f"{DRUGS.path}/{{drug_id:str}}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], drug_id: DrugId) -> Response[Any]:
    """As it stands."""
    found = await get_drug(services, request.auth, drug_id)
    return await _show(request, services, found, fields_of(found))


@routes.post(f"{DRUGS.path}/{{drug_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], drug_id: DrugId
) -> Response[Any]:
    """As a whole."""
    require_changes(request.auth, DRUGS)
    found = await get_drug(services, request.auth, drug_id)
    try:
        await change_drug(services, request.auth, drug_id, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, found, shown_again(form, error, fields_of(found), views.NAMES))
    return see_other(with_query(DRUGS.path, done="changed"))


def _body(form: Form) -> DrugIn:
    return form.read(DrugIn, **ticked(form, "isActive"))


async def _show(request: ActorRequest, services: Services, found: DrugOut | None, form: Filled) -> Response[Any]:
    stands = fields_of(found) if found else Filled()
    chosen = ids_in((form, stands), "productId")
    parts = await get_parts(services, request.auth, chosen)
    values = {
        "schedules": views.schedules(),
        "products": views.products(parts.products, form.get("productId")),
    }
    changes = differences(form, stands, views.NAMES, parts)
    record = (str(found.id), found.name) if found else None
    return await show_record(request, services, DRUGS, form, values, record=record, changes=changes)
