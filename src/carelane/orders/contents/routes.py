"""GET /api/staff/orders/{orderId}/contents."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.orders.contents import reads
from carelane.orders.contents.schemas import OrderContentsOut
from carelane.orders.errors import OrderNotFoundError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: orders")


@routes.get("/orders/{order_id:str}/contents", "Read what is in an order", errors=(OrderNotFoundError,))
async def get_order_contents(
    request: ActorRequest,
    services: NamedDependency[Services],
    order_id: Annotated[str, PathParameter(description="UUID of the order")],
) -> OrderContentsOut:
    """The prescription, where it goes, and what the pharmacy and staff wrote. Health information: the look at it is recorded."""
    return await reads.get_contents(services, request.auth, order_id)
