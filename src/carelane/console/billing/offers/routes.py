"""`/console/billing/carts`: the list, and one that is put together by search"""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.carts.access import unknown_cart
from carelane.carts.drafting.edit import add_line, change_line, remove_line
from carelane.carts.reads import get_cart, list_carts, list_currencies
from carelane.carts.schemas import CartFilters, CartItemIn, CartItemPatch
from carelane.catalog.billing.items.reads import list_items
from carelane.catalog.billing.items.schemas import ItemFilters
from carelane.catalog.billing.packages.reads import list_packages
from carelane.catalog.billing.packages.schemas import PackageFilters
from carelane.console.billing import views as common
from carelane.console.billing.offers import views
from carelane.console.billing.views import PAGE_SIZE, PATH, Filter, choice, frame_of, one_of, refused_part
from carelane.console.filters import filters_of
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.patients.states import CART_STATES
from carelane.kit.auth import Actor
from carelane.kit.ids import record_id
from carelane.kit.languages import _
from carelane.quotes.convert import convert_cart
from carelane.quotes.drafting.create import create_quote
from carelane.quotes.schemas import ConvertCartIn, QuoteIn
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import MAX_PAGE, Page, pattern
from carelane.web.routes import ActorRequest

routes = PageRoutes()

CARTS_PATH = f"{PATH}/carts"
_ONE = CARTS_PATH + "/{cart_id:str}"

CartRef = Annotated[str, PathParameter(description="Id of the cart")]
PageNumber = Annotated[int, QueryParameter(name="page", ge=1, le=MAX_PAGE, description="Which page")]


@routes.get(CARTS_PATH)
async def get_carts(
    request: ActorRequest, services: NamedDependency[Services], number: PageNumber = 1
) -> Response[Any]:
    """The newest first."""
    asked = filters_of(request, "status", "search", "patient")
    actor, status = request.auth, one_of(asked, "status", CART_STATES)
    filters = CartFilters(
        patient_id=record_id(actor.organization_id, asked["patient"]) if "patient" in asked else None,
        statuses=(status,) if status else None,
        search=asked.get("search"),
    )
    found = await list_carts(services, actor, filters, Page(PAGE_SIZE, (number - 1) * PAGE_SIZE))
    states = {code: shown.text for code, shown in CART_STATES.items()}
    fields = [
        choice(asked, "status", _("State"), states, _("any state")),
        Filter(name="search", label=_("Patient, product or bundle"), value=asked.get("search", "")),
    ]
    back, onward = common.pages(CARTS_PATH, asked, number, found.total)
    values = frame_of(actor, "carts", fields, asked) | {
        "carts": found.data,
        "total": found.total,
        "states": CART_STATES,
        "currencies": await list_currencies(services, actor, [cart.id for cart in found.data]),
        "line_name": views.name_of_line,
        "back": back,
        "onward": onward,
    }
    return await page(request, services, "billing/carts.html", values, here="billing")


@routes.get(_ONE)
async def get_one(
    request: ActorRequest,
    services: NamedDependency[Services],
    cart_id: CartRef,
    q: Annotated[str, QueryParameter(description="What to look for", max_length=200)] = "",
) -> Response[Any]:
    """Its lines with their totals, and what can be put in."""
    return await _show(request, services, cart_id, Filled(), q)


async def _show(request: ActorRequest, services: Services, cart_id: str, form: Filled, text: str = "") -> Response[Any]:
    cart = await get_cart(services, request.auth, cart_id)
    found = await search(request, services, text)
    values = views.cart_page(request.auth, cart, await _currency_of(services, request.auth, cart_id), text, found)
    return await page(request, services, "billing/cart.html", values, here="billing", form=form, notes=views.NOTES)


async def _currency_of(services: Services, actor: Actor, cart_id: str) -> str:
    """Its own. Raises RecordNotFoundError."""
    found = await list_currencies(services, actor, [cart_id])
    if cart_id not in found:
        raise unknown_cart(cart_id)
    return found[cart_id]


async def search(request: ActorRequest, services: Services, text: str) -> list[views.Found]:
    """What is sold under such a name. No name holds the character that ends a text in the database."""
    if not text.strip() or "\0" in text:
        return []
    like, first = pattern(text.strip()), Page(views.FOUND, 0)
    packages = await list_packages(services, request.auth, PackageFilters(name=like), ("name", "asc"), first)
    items = await list_items(services, request.auth, ItemFilters(name=like), ("name", "asc"), first)
    return views.found_of(items.data, packages.data)


@routes.post(_ONE + "/add")
async def add(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], cart_id: CartRef
) -> Response[Any]:
    """A product or a bundle, at the price of the catalogue."""
    try:
        await add_line(services, request.auth, cart_id, form.read(CartItemIn), form.key(request))
    except REFUSALS as error:
        return await _show(request, services, cart_id, form.refused(error), form.get("q"))
    return see_other(with_query(f"{CARTS_PATH}/{cart_id}", q=form.get("q") or None, done="added"))


@routes.post(_ONE + "/change")
async def change(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], cart_id: CartRef
) -> Response[Any]:
    """How many of a line, at what price and discount; priced anew."""
    line_id = form.get("lineId")
    prefix = f"l{line_id}-"
    own = views.changed_part(form, prefix)
    try:
        currency = await _currency_of(services, request.auth, cart_id)
        prices = {"unitPrice": views.price_of(own, "unitPrice", currency)} if own.get("unitPrice") else {}
        await change_line(services, request.auth, cart_id, line_id, own.read(CartItemPatch, **prices))
    except REFUSALS as error:
        return await _show(request, services, cart_id, refused_part(form, prefix, error))
    return see_other(with_query(f"{CARTS_PATH}/{cart_id}", done="changed"))


@routes.post(_ONE + "/remove")
async def remove(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], cart_id: CartRef
) -> Response[Any]:
    """Takes a line out; priced anew."""
    try:
        await remove_line(services, request.auth, cart_id, form.get("lineId"))
    except REFUSALS as error:
        return await _show(request, services, cart_id, form.refused(error))
    return see_other(with_query(f"{CARTS_PATH}/{cart_id}", done="removed"))


@routes.post(_ONE + "/quote")
async def make_quote(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], cart_id: CartRef
) -> Response[Any]:
    """As the cart is at this moment."""
    try:
        cart = await get_cart(services, request.auth, cart_id)
        more: dict[str, Any] = {
            "patientId": cart.patient.id,
            "cartId": cart.id,
            "creatorId": str(request.auth.id),
            "validUntilDate": common.last_moment_of(form, "validUntil"),
        }
        quote = await create_quote(
            services, request.auth, form.read(QuoteIn, **more), form.key(request), form.get("seen")
        )
    except REFUSALS as error:
        return await _show(request, services, cart_id, form.refused(error))
    return see_other(with_query(f"{PATH}/quotes/{quote.id}", done="quoted"))


@routes.post(_ONE + "/charge")
async def charge(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], cart_id: CartRef
) -> Response[Any]:
    """What is in it is owed from now on."""
    try:
        body = ConvertCartIn(cart_id=cart_id)
        made = await convert_cart(services, request.auth, cart_id, body, form.key(request), form.get("seen"))
    except REFUSALS as error:
        return await _show(request, services, cart_id, form.refused(error))
    return see_other(with_query(f"{PATH}/charges/{made.id}", done="made"))
