"""`/console/catalog/promo-codes`"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.catalog.desk.reads import get_parts
from carelane.catalog.desk.views import picked
from carelane.console.catalog.access import require_changes
from carelane.console.catalog.codes import views
from carelane.console.catalog.routes import Asked, show_list, show_record
from carelane.console.catalog.views import PROMO_CODES, ROWS, ids_in, ticked
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.console.times import zone_name
from carelane.promo_codes.desk.actions import change_promo_code, create_promo_code
from carelane.promo_codes.desk.reads import get_promo_code, list_promo_codes
from carelane.promo_codes.desk.schemas import PromoCodeIn, PromoCodeOut
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Wanted
from carelane.web.routes import ActorRequest

routes = PageRoutes()

PromoCodeId = Annotated[str, PathParameter(description="UUID of the promo code")]


@routes.get(PROMO_CODES.path)
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
    found = await list_promo_codes(services, request.auth, wanted)
    listed = views.columns(), [views.row(one) for one in found.promo_codes], found.total
    return await show_list(request, services, PROMO_CODES, asked, listed)


@routes.get(f"{PROMO_CODES.path}/new")
async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """An empty form."""
    require_changes(request.auth, PROMO_CODES)
    return await _show(request, services, None, Filled.of(isActive=True))


@routes.post(f"{PROMO_CODES.path}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """As it was filled in."""
    require_changes(request.auth, PROMO_CODES)
    try:
        await create_promo_code(services, request.auth, _body(form, None), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error))
    return see_other(with_query(PROMO_CODES.path, done="made"))


@routes.get(f"{PROMO_CODES.path}/{{promo_code_id:str}}")
async def get_one(
    request: ActorRequest, services: NamedDependency[Services], promo_code_id: PromoCodeId
) -> Response[Any]:
    """As it stands."""
    found = await get_promo_code(services, request.auth, promo_code_id)
    return await _show(request, services, found, views.form_of(found))


@routes.post(f"{PROMO_CODES.path}/{{promo_code_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], promo_code_id: PromoCodeId
) -> Response[Any]:
    """As a whole."""
    require_changes(request.auth, PROMO_CODES)
    found = await get_promo_code(services, request.auth, promo_code_id)
    try:
        await change_promo_code(services, request.auth, promo_code_id, _body(form, found), form.key(request))
    except REFUSALS as error:
        stands = views.form_of(found, form.get("zone"))
        return await _show(request, services, found, shown_again(form, error, stands, views.NAMES))
    return see_other(with_query(PROMO_CODES.path, done="changed"))


def _body(form: Form, found: PromoCodeOut | None) -> PromoCodeIn:
    moments = views.moments_of(form, found)
    return form.read(PromoCodeIn, **ticked(form, "isVisible", "isActive"), **moments)


async def _show(request: ActorRequest, services: Services, found: PromoCodeOut | None, form: Filled) -> Response[Any]:
    stands = views.form_of(found, form.get("zone")) if found else Filled()
    chosen = ids_in((form, stands), "bundleIds")
    parts = await get_parts(services, request.auth, chosen)
    values = {
        "currency": found.currency if found else parts.currency,
        "bundles": picked(parts.bundles, form.all("bundleIds")),
        "zone": zone_name(),
        "used": found.used_count if found else None,
    }
    changes = differences(form, stands, views.NAMES, parts)
    record = (str(found.id), found.code) if found else None
    return await show_record(request, services, PROMO_CODES, form, values, record=record, changes=changes)
