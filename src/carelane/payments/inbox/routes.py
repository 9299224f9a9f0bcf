"""POST /gateways/stripe/{organizationId}, and what staff see of events that found no payment."""

from typing import Annotated, Any

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.kit.errors import BodyTooLargeError, BodyTooSlowError, EncodedBodyError
from carelane.payments.inbox import actions, reads
from carelane.payments.inbox.errors import EventRefusedError, WrongModeError
from carelane.payments.inbox.schemas import EventStatus, EventTakenOut, GatewayEventPageOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Gateways")
staff_routes = Routes(tag="Staff: payments")

SIGNATURE_HEADER = "stripe-signature"


@routes.post(
    "/stripe/{organization_id:str}",
    "Tell what happened at Stripe",
    errors=(EventRefusedError, WrongModeError, BodyTooLargeError, EncodedBodyError, BodyTooSlowError),
)
async def take_gateway_event(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    organization_id: Annotated[str, PathParameter(description="UUID of the organization")],
) -> EventTakenOut:
    """Takes an event of Stripe's, signed in the header `Stripe-Signature`. Kept before it is answered, applied right after."""
    signature = request.headers.get(SIGNATURE_HEADER, "")
    request_id = request.scope["state"].get("request_id")
    is_new = await actions.take_event(services, organization_id, signature, await request.body(), request_id)
    return EventTakenOut(status="kept" if is_new else "duplicate")


@staff_routes.get("/payments/gateway-events", "List events of the gateway")
async def list_gateway_events(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[EventStatus, QueryParameter(description="What became of them")] = "UNMATCHED",
    after: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most")] = 50,
) -> GatewayEventPageOut:
    """What gateways told, newest first; at first those that no payment was found for."""
    return await reads.list_gateway_events(services, request.auth, status, after, limit)
