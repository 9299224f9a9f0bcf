"""/api/staff/orders: how orders stand and why; cancel, send on, replace."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit import clock
from carelane.kit.errors import FieldProblem, InvalidRequestError, RuleBrokenError
from carelane.kit.ids import parse_uuid
from carelane.orders.desk import actions, queries
from carelane.orders.desk.errors import AlreadyReplacedError, OrderNotFoundError, OrderStateError
from carelane.orders.desk.queries import OrderFilter
from carelane.orders.desk.schemas import (
    CancelIn,
    OrderDetailOut,
    OrderMovedOut,
    OrderPageOut,
    OrderReplacedOut,
    OrderWhyOut,
    ReplaceIn,
)
from carelane.orders.desk.why import Standing, explain
from carelane.orders.sending.queries import find_order
from carelane.orders.states import OrderStatus
from carelane.permissions import ORDERS_READ, ORDERS_WORK
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.web.wire import JsonBody, boolean_string

OrderId = Annotated[str, PathParameter(description="UUID of the order")]
After = Annotated[str | None, QueryParameter(description="`next` of the page before")]
Limit = Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")]


@get("/orders", operation_id="listOrders", summary="List orders", tags=["Staff: orders"])
async def list_orders(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[list[OrderStatus] | None, QueryParameter(description="Any of these; may be repeated")] = None,
    pharmacy_id: Annotated[str | None, QueryParameter(name="pharmacyId", description="UUID of a pharmacy")] = None,
    case_id: Annotated[str | None, QueryParameter(name="caseId", description="UUID of a case")] = None,
    needs_attention: Annotated[
        str | None,
        QueryParameter(name="needsAttention", description="`true` or `false`: whether a person must look at it"),
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> OrderPageOut:
    """The organization's orders, newest first, page by page. Holds no health information."""
    request.auth.require(ORDERS_READ)
    wanted = OrderFilter(
        statuses=status,
        pharmacy_id=uuid_or_none("pharmacyId", pharmacy_id),
        case_id=uuid_or_none("caseId", case_id),
        needs_attention=boolean_string("needsAttention", needs_attention),
    )
    place, organization_id = uuid_or_none("after", after), request.auth.organization_id
    async with services.db.reading(organization_id) as conn:
        found = await queries.list_orders(conn, organization_id, wanted, place, limit + 1)
    return OrderPageOut(orders=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


@get(
    "/orders/{order_id:str}",
    operation_id="getOrder",
    summary="Get an order",
    tags=["Staff: orders"],
    opt={"errors": (OrderNotFoundError,)},
)
async def get_order(request: ActorRequest, services: NamedDependency[Services], order_id: OrderId) -> OrderDetailOut:
    """One order with our calls to the pharmacy, its callbacks and its parcels. Holds no health information."""
    request.auth.require(ORDERS_READ)
    organization_id, wanted = request.auth.organization_id, known_id(order_id)
    async with services.db.reading(organization_id) as conn:
        row = await queries.find_order_row(conn, organization_id, wanted)
        if row is None:
            raise OrderNotFoundError
        shipped_by = await queries.get_shipped_by(conn, organization_id, wanted)
        calls = await queries.list_calls(conn, organization_id, wanted)
        callbacks = await queries.list_callbacks(conn, organization_id, wanted)
        shipping = await queries.list_shipping(conn, organization_id, wanted)
    columns = msgspec.structs.asdict(row) | msgspec.structs.asdict(shipped_by)
    return OrderDetailOut(**columns, calls=calls, callbacks=callbacks, shipping=shipping)


@get(
    "/orders/{order_id:str}/why",
    operation_id="explainOrder",
    summary="Why does it stand there?",
    tags=["Staff: orders"],
    opt={"errors": (OrderNotFoundError,)},
)
async def get_why(request: ActorRequest, services: NamedDependency[Services], order_id: OrderId) -> OrderWhyOut:
    """What the order waits for, since when, the last failure, what happens next and when, and who can move it."""
    request.auth.require(ORDERS_READ)
    organization_id = request.auth.organization_id
    async with services.db.reading(organization_id) as conn:
        order = await find_order(conn, organization_id, known_id(order_id))
        if order is None:
            raise OrderNotFoundError
        standing = Standing(
            order=order,
            moved_at=await queries.find_moved_at(conn, order) or order.created_at,
            is_replaced=await queries.find_is_replaced(conn, organization_id, order.id),
            last_call=await queries.find_last_failure(conn, organization_id, order.id),
        )
    return explain(standing, clock.now())


@post(
    "/orders/{order_id:str}/cancel",
    operation_id="cancelOrder",
    summary="Cancel an order",
    tags=["Staff: orders"],
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    responses={202: ResponseSpec(OrderMovedOut, description="The pharmacy is asked", generate_examples=False)},
    opt={"errors": (OrderNotFoundError, OrderStateError)},
)
async def cancel_order(
    request: ActorRequest, services: NamedDependency[Services], order_id: OrderId, data: JSONBody[CancelIn]
) -> Response[OrderMovedOut]:
    """200: it never left us and is CANCELED. 202: the pharmacy may have it and is asked; look at where it stands later."""
    request.auth.require(ORDERS_WORK)
    stands = await actions.cancel_order(services, request.auth, known_id(order_id), data.reason)
    return Response(stands, status_code=200 if stands.status == "CANCELED" else 202)


@post(
    "/orders/{order_id:str}/send",
    operation_id="sendOrderAgain",
    summary="Send an order on its way again",
    tags=["Staff: orders"],
    status_code=200,
    opt={"errors": (OrderNotFoundError, OrderStateError)},
)
async def send_again(request: ActorRequest, services: NamedDependency[Services], order_id: OrderId) -> OrderMovedOut:
    """Takes up an order that needs attention. If the pharmacy may have it, it is asked before anything is sent."""
    request.auth.require(ORDERS_WORK)
    return await actions.send_again(services, request.auth, known_id(order_id))


@post(
    "/orders/{order_id:str}/replace",
    operation_id="replaceOrder",
    summary="Replace an order",
    tags=["Staff: orders"],
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (OrderNotFoundError, OrderStateError, AlreadyReplacedError, RuleBrokenError)},
)
async def replace_order(
    request: ActorRequest, services: NamedDependency[Services], order_id: OrderId, data: JSONBody[ReplaceIn]
) -> OrderReplacedOut:
    """A new order with the same prescription, for one that came to nothing or whose parcel did. Once per order."""
    request.auth.require(ORDERS_WORK)
    return await actions.replace_order(services, request.auth, known_id(order_id), data)


def known_id(text: str) -> UUID:
    """What cannot be an id names no order. Raises OrderNotFoundError."""
    found = parse_uuid(text)
    if found is None:
        raise OrderNotFoundError
    return found


def uuid_or_none(name: str, text: str | None) -> UUID | None:
    """A query parameter that spells a UUID. Raises InvalidRequestError."""
    if text is None:
        return None
    found = parse_uuid(text)
    if found is None:
        raise InvalidRequestError(problems=[FieldProblem(name, "expected a UUID")])
    return found
