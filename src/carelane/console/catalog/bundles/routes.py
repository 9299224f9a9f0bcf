"""`/console/catalog/bundles`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.catalog.desk.actions import change_bundle, create_bundle
from carelane.catalog.desk.reads import get_bundle, get_parts, list_bundles
from carelane.catalog.desk.schemas import OfferedBundleIn, OfferedBundleOut
from carelane.catalog.desk.views import picked
from carelane.console.catalog.access import require_changes
from carelane.console.catalog.bundles import views
from carelane.console.catalog.routes import Asked, show_list, show_record
from carelane.console.catalog.views import BUNDLES, ROWS, fields_of, ids_in, ticked
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Wanted
from carelane.web.routes import ActorRequest

routes = PageRoutes()

BundleId = Annotated[str, PathParameter(description="UUID of the bundle")]
Word = Annotated[str | None, QueryParameter(name="q", description="A part of the name")]
State = Annotated[str | None, QueryParameter(name="state", description="active, archived or all")]
Begin = Annotated[str | None, QueryParameter(name="from", description="How many are left out")]


@routes.get(BUNDLES.path)
async def get_list(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Word = None,
    which: State = None,
    begin: Begin = None,
) -> Response[Any]:
    """By name."""
    asked = Asked(q, which, begin)
    wanted = Wanted(q=asked.q or None, is_active=asked.is_active, limit=ROWS, offset=asked.offset)
    found = await list_bundles(services, request.auth, wanted)
    listed = views.columns(), [views.row(one) for one in found.bundles], found.total
    return await show_list(request, services, BUNDLES, asked, listed)


@routes.get(f"{BUNDLES.path}/new")
async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """An empty form."""
    require_changes(request.auth, BUNDLES)
    return await _show(request, services, None, Filled.of(initialDiscount="0.00", isVisible=True))


@routes.post(f"{BUNDLES.path}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """In the clinic's currency."""
    require_changes(request.auth, BUNDLES)
    try:
        await create_bundle(services, request.auth, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error))
    return see_other(with_query(BUNDLES.path, done="made"))


@routes.get(f"{BUNDLES.path}/{{bundle_id:str}}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], bundle_id: BundleId) -> Response[Any]:
    """As it stands."""
    bundle = await get_bundle(services, request.auth, bundle_id)
    return await _show(request, services, bundle, fields_of(bundle))


@routes.post(f"{BUNDLES.path}/{{bundle_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], bundle_id: BundleId
) -> Response[Any]:
    """As a whole."""
    require_changes(request.auth, BUNDLES)
    bundle = await get_bundle(services, request.auth, bundle_id)
    try:
        await change_bundle(services, request.auth, bundle_id, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, bundle, shown_again(form, error, fields_of(bundle), views.NAMES))
    return see_other(with_query(BUNDLES.path, done="changed"))


def _body(form: Form) -> OfferedBundleIn:
    return form.read(OfferedBundleIn, **ticked(form, "isVisible", "isSoldOut", "isArchived"))


async def _show(
    request: ActorRequest, services: Services, bundle: OfferedBundleOut | None, form: Filled
) -> Response[Any]:
    stands = fields_of(bundle) if bundle else Filled()
    chosen = ids_in((form, stands), "productIds", "intakeFormId", "followupFormId")
    parts = await get_parts(services, request.auth, chosen)
    values = {
        "currency": bundle.currency if bundle else parts.currency,
        "products": picked(parts.products, form.all("productIds")),
        "intake_forms": views.forms(parts.forms, form.get("intakeFormId")),
        "followup_forms": views.forms(parts.forms, form.get("followupFormId")),
    }
    changes = differences(form, stands, views.NAMES, parts)
    record = (str(bundle.id), bundle.name) if bundle else None
    return await show_record(request, services, BUNDLES, form, values, record=record, changes=changes)
