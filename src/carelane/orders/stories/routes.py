"""POST /api/staff/orders/{orderId}/story."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RuleBrokenError
from carelane.orders.errors import OrderNotFoundError, OrderStateError, SimulatorSilentError
from carelane.orders.stories import actions
from carelane.orders.stories.schemas import StoryIn, StoryToldOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: orders")


@routes.post(
    "/orders/{order_id:str}/story",
    "Say how the simulator goes on",
    errors=(OrderNotFoundError, OrderStateError, RuleBrokenError, SimulatorSilentError),
)
async def tell_story(
    request: ActorRequest,
    services: NamedDependency[Services],
    order_id: Annotated[str, PathParameter(description="UUID of the order")],
    data: JSONBody[StoryIn],
) -> StoryToldOut:
    """For an order of a test case at a pharmacy simulator: what happens there next, once or to the end, told by callback or not."""
    return await actions.tell_story(services, request.auth, order_id, data)
