"""`/console/catalog`, which begins with the products, and `/console/catalog/products`."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.catalog.desk.actions import change_product, create_product
from carelane.catalog.desk.reads import get_parts, get_product, list_products
from carelane.catalog.desk.schemas import SoldProductIn, SoldProductOut
from carelane.catalog.desk.views import picked
from carelane.console.catalog.access import require_changes
from carelane.console.catalog.products import views
from carelane.console.catalog.routes import Asked, show_list, show_record
from carelane.console.catalog.views import PATH, PRODUCTS, ROWS, fields_of, ids_in, ticked
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import with_query
from carelane.console.meanwhile import differences, shown_again
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Wanted
from carelane.web.routes import ActorRequest

routes = PageRoutes()

ProductId = Annotated[str, PathParameter(description="UUID of the product")]
Word = Annotated[str | None, QueryParameter(name="q", description="A part of the name")]
State = Annotated[str | None, QueryParameter(name="state", description="active, archived or all")]
Begin = Annotated[str | None, QueryParameter(name="from", description="How many are left out")]


@routes.get(PATH)
async def get_first(request: ActorRequest) -> Response[Any]:  # noqa: ARG001 - the route's guard reads it
    """The catalog begins with its products."""
    return see_other(PRODUCTS.path)


@routes.get(PRODUCTS.path)
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
    found = await list_products(services, request.auth, wanted)
    listed = views.columns(), [views.row(one) for one in found.products], found.total
    return await show_list(request, services, PRODUCTS, asked, listed)


@routes.get(f"{PRODUCTS.path}/new")
async def get_new(request: ActorRequest, services: NamedDependency[Services]) -> Response[Any]:
    """An empty form."""
    require_changes(request.auth, PRODUCTS)
    return await _show(request, services, None, Filled.of(type="PRODUCT", isActive=True))


@routes.post(f"{PRODUCTS.path}/new/make")
async def make(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form]
) -> Response[Any]:
    """In the clinic's currency."""
    require_changes(request.auth, PRODUCTS)
    try:
        await create_product(services, request.auth, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, None, form.refused(error))
    return see_other(with_query(PRODUCTS.path, done="made"))


@routes.get(f"{PRODUCTS.path}/{{product_id:str}}")
async def get_one(request: ActorRequest, services: NamedDependency[Services], product_id: ProductId) -> Response[Any]:
    """As it stands."""
    product = await get_product(services, request.auth, product_id)
    return await _show(request, services, product, fields_of(product))


@routes.post(f"{PRODUCTS.path}/{{product_id:str}}/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], product_id: ProductId
) -> Response[Any]:
    """As a whole."""
    require_changes(request.auth, PRODUCTS)
    product = await get_product(services, request.auth, product_id)
    try:
        await change_product(services, request.auth, product_id, _body(form), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, product, shown_again(form, error, fields_of(product), views.NAMES))
    return see_other(with_query(PRODUCTS.path, done="changed"))


def _body(form: Form) -> SoldProductIn:
    return form.read(SoldProductIn, **ticked(form, "isActive"))


async def _show(
    request: ActorRequest, services: Services, product: SoldProductOut | None, form: Filled
) -> Response[Any]:
    stands = fields_of(product) if product else Filled()
    chosen = ids_in((form, stands), "exemptedTaxIds")
    parts = await get_parts(services, request.auth, chosen)
    values = {
        "currency": product.currency if product else parts.currency,
        "types": views.types(),
        "taxes": picked(parts.taxes, form.all("exemptedTaxIds")),
    }
    changes = differences(form, stands, views.NAMES, parts)
    record = (str(product.id), product.name) if product else None
    return await show_record(request, services, PRODUCTS, form, values, record=record, changes=changes)
