"""/billing/cart. Converting one is in `carelane.quotes.routes`: an accepted cart is converted by converting its quote."""

from typing import Annotated
from uuid import UUID

from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from carelane.carts import actions, expire, reads
from carelane.carts.drafting import create, edit
from carelane.carts.schemas import (
    MAX_LISTED,
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    CartFilters,
    CartId,
    CartIn,
    CartItemIn,
    CartItemPatch,
    CartOut,
    CartSort,
    CartsOut,
    cart_problems,
)
from carelane.carts.states import CartStatus
from carelane.kit.auth import Actor
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.ids import record_id
from carelane.pricing.schemas import line_problems
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import MAX_PAGE, Direction, Page, names, page_of, word
from carelane.web.routes import ActorRequest, Routes

MAX_DAYS = 36_500
_ERRORS = (RecordNotFoundError, ConflictError, RuleBrokenError)

routes = Routes(tag="Carts", body=EitherCaseBody)

LineId = Annotated[str, PathParameter(description="`id` of the line in the cart's `items`")]


@routes.post("/billing/cart", "Create a cart", errors=_ERRORS, rules=cart_problems, repeatable=True)
async def create_cart(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[CartIn]) -> CartOut:
    """Makes a cart with its lines and prices it. Taxes are those of the patient's primary location."""
    return await create.create_cart(services, request.auth, data, await read_key(request))


@routes.get("/billing/cart", "List carts, by pages")
async def list_carts(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, word("Carts of one patient")] = None,
    creator_id: Annotated[str | None, word("Carts that one member of staff made")] = None,
    statuses: Annotated[list[CartStatus] | None, names("Carts in one of these")] = None,
    page: Annotated[int, QueryParameter(ge=0, le=MAX_PAGE)] = 1,
    size: Annotated[int, QueryParameter(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
    sort_by: FromQuery[CartSort] = "created_date",
    sort_direction: FromQuery[Direction] = "desc",
    search: Annotated[
        str | None,
        word(
            "A part of the patient's or the creator's name, of the status or of the name of an item or package in the cart; or"
            " the whole id of the cart or the patient. Each of these finds its newest 1,000 carts; items and packages are"
            " looked for in the newest 10,000."
        ),
    ] = None,
) -> CartsOut:
    """The organization's carts, newest first unless asked otherwise. Archived ones are left out. A `total` of 10,000 and
    more may be two seconds old."""
    filters = CartFilters(
        patient_id=_id(request.auth, patient_id),
        creator_id=_id(request.auth, creator_id),
        statuses=tuple(dict.fromkeys(statuses)) if statuses else None,
        search=search,
        sort_by=sort_by,
        sort_direction=sort_direction,
    )
    return await reads.list_carts(services, request.auth, filters, page_of(page, size))


@routes.get("/billing/cart/list", "List the newest carts")
async def list_newest_carts(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: Annotated[str | None, word("Carts of one patient")] = None,
    status: FromQuery[CartStatus | None] = None,
) -> list[CartOut]:
    """The newest 1,000 carts that fit, in full. Whoever has more asks for pages."""
    filters = CartFilters(patient_id=_id(request.auth, patient_id), statuses=(status,) if status else None)
    return await reads.list_newest_carts(services, request.auth, filters, Page(MAX_LISTED, 0))


@routes.post("/billing/cart/expire-old", "Expire old carts", repeatable=True)
async def expire_old_carts(
    request: ActorRequest,
    services: NamedDependency[Services],
    days_old: Annotated[int, QueryParameter(description="Days since the last change", ge=1, le=MAX_DAYS)] = 30,
) -> int:
    """Expires drafts that nobody changed for `days_old` days and that were not offered; answers how many, at most 5,000."""
    return await expire.expire_old(services, request.auth, days_old, await read_key(request))


@routes.get("/billing/cart/{cart_id:str}", "Get a cart", errors=(RecordNotFoundError,))
async def get_cart(request: ActorRequest, services: NamedDependency[Services], cart_id: CartId) -> CartOut:
    """One cart with its lines and the quotes made of it."""
    return await reads.get_cart(services, request.auth, cart_id)


@routes.put("/billing/cart/{cart_id:str}", "Replace a cart", errors=_ERRORS, rules=cart_problems)
async def replace_cart(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, data: JSONBody[CartIn]
) -> CartOut:
    """Puts what the body says in place of what the cart had; all its lines are new. Only a DRAFT that was not offered
    changes. With `status` ABANDONED the cart is given up."""
    return await edit.replace_cart(services, request.auth, cart_id, data)


@routes.delete("/billing/cart/{cart_id:str}", "Archive a cart", errors=(RecordNotFoundError, ConflictError))
async def archive_cart(request: ActorRequest, services: NamedDependency[Services], cart_id: CartId) -> bool:
    """Archives a cart, after which it is not found any more; quotes of it that nobody answered expire. A cart whose quote
    was accepted is converted, not archived."""
    return await actions.archive_cart(services, request.auth, cart_id)


@routes.post(
    "/billing/cart/{cart_id:str}/items",
    "Add a line to a cart",
    errors=_ERRORS,
    rules=line_problems,
    repeatable=True,
)
async def add_cart_item(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, data: JSONBody[CartItemIn]
) -> CartOut:
    """Adds a line and prices the cart anew. Without `unitPrice` the catalogue's price counts."""
    return await edit.add_line(services, request.auth, cart_id, data, await read_key(request))


@routes.put(
    "/billing/cart/{cart_id:str}/items/{item_id:str}",
    "Change a line of a cart",
    errors=_ERRORS,
)
async def change_cart_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    cart_id: CartId,
    item_id: LineId,
    data: JSONBody[CartItemPatch],
) -> CartOut:
    """Changes what the body names, and prices the cart anew."""
    return await edit.change_line(services, request.auth, cart_id, item_id, data)


@routes.delete(
    "/billing/cart/{cart_id:str}/items/{item_id:str}",
    "Remove a line from a cart",
    errors=(RecordNotFoundError, ConflictError),
)
async def remove_cart_item(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, item_id: LineId
) -> CartOut:
    """Removes a line and prices the cart anew."""
    return await edit.remove_line(services, request.auth, cart_id, item_id)


def _id(actor: Actor, ref: str | None) -> UUID | None:
    return record_id(actor.organization_id, ref) if ref is not None else None
