"""POST /api/staff/orders/{orderId}/resolve."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RuleBrokenError
from carelane.orders.desk.schemas import OrderMovedOut
from carelane.orders.errors import OrderNotFoundError, OrderStateError
from carelane.orders.resolving import actions
from carelane.orders.resolving.schemas import ResolveOrderIn
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: orders")


@routes.post(
    "/orders/{order_id:str}/resolve",
    "Say what became of an order",
    errors=(OrderNotFoundError, OrderStateError, RuleBrokenError),
    repeatable=True,
)
async def resolve_order(
    request: ActorRequest,
    services: NamedDependency[Services],
    order_id: Annotated[str, PathParameter(description="UUID of the order")],
    data: JSONBody[ResolveOrderIn],
) -> OrderMovedOut:
    """For an order that needs attention: what happened at the pharmacy, found out by a person; the order goes on from there. For one
    that was refused, or ended while the pharmacy said otherwise: that somebody has dealt with it."""
    return await actions.resolve_order(services, request.auth, order_id, data, await read_key(request))
