"""/api/staff/orders: the state of orders and why; cancel, send again, replace."""

from typing import Annotated

from litestar import Response
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import RuleBrokenError
from carelane.orders.desk import actions, reads
from carelane.orders.desk.schemas import (
    CancelIn,
    OrderDetailOut,
    OrderMovedOut,
    OrderPageOut,
    OrderQuery,
    OrderReplacedOut,
    OrderWhyOut,
    ReplaceIn,
)
from carelane.orders.errors import AlreadyReplacedError, OrderNotFoundError, OrderStateError
from carelane.orders.states import OrderStatus
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: orders")

OrderId = Annotated[str, PathParameter(description="UUID of the order")]
_ASKED = ResponseSpec(OrderMovedOut, description="The pharmacy is asked", generate_examples=False)


@routes.get("/orders", "List orders")
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
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> OrderPageOut:
    """The organization's orders, newest first, page by page. Holds no health information."""
    query = OrderQuery(
        statuses=status,
        pharmacy_id=pharmacy_id,
        case_id=case_id,
        needs_attention=needs_attention,
        after=after,
        limit=limit,
    )
    return await reads.list_orders(services, request.auth, query)


@routes.get("/orders/{order_id:str}", "Get an order", errors=(OrderNotFoundError,))
async def get_order(request: ActorRequest, services: NamedDependency[Services], order_id: OrderId) -> OrderDetailOut:
    """One order with our calls to the pharmacy, its callbacks and its parcels. Holds no health information."""
    return await reads.get_order(services, request.auth, order_id)


@routes.get("/orders/{order_id:str}/why", "Why does it stand there?", errors=(OrderNotFoundError,))
async def explain_order(request: ActorRequest, services: NamedDependency[Services], order_id: OrderId) -> OrderWhyOut:
    """What the order waits for, since when, the last failure, what happens next and when, and who can move it."""
    return await reads.explain_order(services, request.auth, order_id)


@routes.post(
    "/orders/{order_id:str}/cancel",
    "Cancel an order",
    errors=(OrderNotFoundError, OrderStateError),
    responses={202: _ASKED},
)
async def cancel_order(
    request: ActorRequest, services: NamedDependency[Services], order_id: OrderId, data: JSONBody[CancelIn]
) -> Response[OrderMovedOut]:
    """200: it never left us and is CANCELED. 202: the pharmacy may have it and is asked; look at where it stands later."""
    moved = await actions.cancel_order(services, request.auth, order_id, data)
    return Response(moved, status_code=200 if moved.status == "CANCELED" else 202)


@routes.post(
    "/orders/{order_id:str}/send",
    "Send an order on its way again",
    errors=(OrderNotFoundError, OrderStateError, RuleBrokenError),
)
async def send_order_again(
    request: ActorRequest, services: NamedDependency[Services], order_id: OrderId
) -> OrderMovedOut:
    """Takes up an order that needs attention. If the pharmacy may have it, it is asked before anything is sent."""
    return await actions.send_order_again(services, request.auth, order_id)


@routes.post(
    "/orders/{order_id:str}/replace",
    "Replace an order",
    errors=(OrderNotFoundError, OrderStateError, AlreadyReplacedError, RuleBrokenError),
)
async def replace_order(
    request: ActorRequest, services: NamedDependency[Services], order_id: OrderId, data: JSONBody[ReplaceIn]
) -> OrderReplacedOut:
    """A new order with the same prescription, for one that came to nothing or whose parcel did. Once per order."""
    return await actions.replace_order(services, request.auth, order_id, data)
