"""One cart, and the end of old ones. Writing carts is in `editing`, their lists in `listing`."""

from typing import Annotated

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from carelane.carts import access, actions
from carelane.carts.conversion.routes import convert_cart
from carelane.carts.editing.routes import add_item, change_item, create_cart, remove_item, replace_cart
from carelane.carts.listing.routes import list_carts, list_newest_carts
from carelane.carts.schemas import CartId, CartOut
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.permissions import BILLING_READ, BILLING_WRITE
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest

MAX_DAYS = 36_500


@get(
    "/billing/cart/{cart_id:str}",
    operation_id="getCart",
    summary="Get a cart",
    tags=["Carts"],
    opt={"errors": (RecordNotFoundError,)},
)
async def get_cart(request: ActorRequest, services: NamedDependency[Services], cart_id: CartId) -> CartOut:
    """One cart with its lines and the quotes made of it."""
    request.auth.require(BILLING_READ)
    return await access.get_cart(services, request.auth, cart_id)


@delete(
    "/billing/cart/{cart_id:str}",
    operation_id="archiveCart",
    summary="Archive a cart",
    tags=["Carts"],
    status_code=200,
    opt={"errors": (RecordNotFoundError, ConflictError)},
)
async def archive_cart(request: ActorRequest, services: NamedDependency[Services], cart_id: CartId) -> bool:
    """Archives a cart, after which it is not found any more; quotes of it that nobody answered expire. A cart whose quote
    was accepted is converted, not archived."""
    request.auth.require(BILLING_WRITE)
    await actions.archive_cart(services, request.auth, cart_id)
    return True


@post(
    "/billing/cart/expire-old",
    operation_id="expireOldCarts",
    summary="Expire old carts",
    tags=["Carts"],
    status_code=200,
    opt={"repeatable": True},
)
async def expire_old_carts(
    request: ActorRequest,
    services: NamedDependency[Services],
    days_old: Annotated[int, QueryParameter(description="Days since the last change", ge=1, le=MAX_DAYS)] = 30,
) -> int:
    """Expires drafts that nobody changed for `days_old` days and that were not offered; answers how many, at most 5,000."""
    request.auth.require(BILLING_WRITE)
    return await actions.expire_old(services, request.auth, days_old, await read_key(request))


CARTS = [
    create_cart,
    list_carts,
    list_newest_carts,
    expire_old_carts,
    get_cart,
    replace_cart,
    archive_cart,
    add_item,
    change_item,
    remove_item,
    convert_cart,
]
