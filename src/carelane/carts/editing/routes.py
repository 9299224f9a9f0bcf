"""POST /billing/cart, PUT /billing/cart/{cart_id}, and the lines of a cart."""

from typing import Annotated

from litestar import delete, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.carts.editing import actions
from carelane.carts.lines import broken_rules
from carelane.carts.schemas import CartId, CartIn, CartItemIn, CartItemPatch, CartOut, cart_problems, patch_problems
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.permissions import BILLING_WRITE
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest

LineId = Annotated[str, PathParameter(description="`id` of the line in the cart's `items`")]
_ERRORS = (RecordNotFoundError, ConflictError, RuleBrokenError)


@post(
    "/billing/cart",
    operation_id="createCart",
    summary="Create a cart",
    tags=["Carts"],
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": _ERRORS, "repeatable": True, "rules": cart_problems},
)
async def create_cart(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[CartIn]) -> CartOut:
    """Makes a cart with its lines and prices it. Taxes are those of the patient's primary location."""
    request.auth.require(BILLING_WRITE)
    return await actions.create_cart(services, request.auth, data, await read_key(request))


@put(
    "/billing/cart/{cart_id:str}",
    operation_id="replaceCart",
    summary="Replace a cart",
    tags=["Carts"],
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": _ERRORS, "rules": cart_problems},
)
async def replace_cart(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, data: JSONBody[CartIn]
) -> CartOut:
    """Puts what the body says in place of what the cart had; all its lines are new. Only a DRAFT that was not offered
    changes. With `status` ABANDONED the cart is given up."""
    request.auth.require(BILLING_WRITE)
    return await actions.replace_cart(services, request.auth, cart_id, data)


@post(
    "/billing/cart/{cart_id:str}/items",
    operation_id="addCartItem",
    summary="Add a line to a cart",
    tags=["Carts"],
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": _ERRORS, "repeatable": True, "rules": broken_rules},
)
async def add_item(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, data: JSONBody[CartItemIn]
) -> CartOut:
    """Adds a line and prices the cart anew. Without `unitPrice` the catalogue's price counts."""
    request.auth.require(BILLING_WRITE)
    return await actions.add_line(services, request.auth, cart_id, data, await read_key(request))


@put(
    "/billing/cart/{cart_id:str}/items/{item_id:str}",
    operation_id="changeCartItem",
    summary="Change a line of a cart",
    tags=["Carts"],
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": _ERRORS, "rules": patch_problems},
)
async def change_item(
    request: ActorRequest,
    services: NamedDependency[Services],
    cart_id: CartId,
    item_id: LineId,
    data: JSONBody[CartItemPatch],
) -> CartOut:
    """Changes what the body names, and prices the cart anew."""
    request.auth.require(BILLING_WRITE)
    return await actions.change_line(services, request.auth, cart_id, item_id, data)


@delete(
    "/billing/cart/{cart_id:str}/items/{item_id:str}",
    operation_id="removeCartItem",
    summary="Remove a line from a cart",
    tags=["Carts"],
    status_code=200,
    opt={"errors": (RecordNotFoundError, ConflictError)},
)
async def remove_item(
    request: ActorRequest, services: NamedDependency[Services], cart_id: CartId, item_id: LineId
) -> CartOut:
    """Removes a line and prices the cart anew."""
    request.auth.require(BILLING_WRITE)
    return await actions.remove_line(services, request.auth, cart_id, item_id)
