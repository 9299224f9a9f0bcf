"""/api/staff/webhook-endpoints and /api/staff/webhook-deliveries."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError
from carelane.webhooks.endpoints import actions, reads
from carelane.webhooks.endpoints.errors import (
    DeliveryNotFoundError,
    EndpointDisabledError,
    EndpointNotFoundError,
    NameTakenError,
)
from carelane.webhooks.endpoints.schemas import (
    ContentsOut,
    DeliveriesOut,
    DeliveryDetailOut,
    DeliveryOut,
    DeliveryQuery,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EndpointSecretOut,
    EndpointsOut,
    ReplayedOut,
    ReplayRangeIn,
    RotateSecretIn,
)

routes = Routes(tag="Staff: webhooks")

EndpointId = Annotated[str, PathParameter(description="UUID of the endpoint")]
DeliveryId = Annotated[str, PathParameter(description="UUID of the delivery")]


@routes.get("/webhook-endpoints", "List webhook endpoints")
async def list_webhook_endpoints(request: ActorRequest, services: NamedDependency[Services]) -> EndpointsOut:
    """All endpoints, those that are switched off included. Secrets are not shown."""
    return await reads.list_endpoints(services, request.auth)


@routes.post("/webhook-endpoints", "Add a webhook endpoint", errors=(RuleBrokenError, NameTakenError), status=201)
async def create_webhook_endpoint(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[EndpointIn]
) -> EndpointSecretOut:
    """Adds an endpoint. The answer holds its secret, this once."""
    return await actions.create_endpoint(services, request.auth, data)


@routes.get("/webhook-endpoints/{endpoint_id:str}", "Get a webhook endpoint", errors=(EndpointNotFoundError,))
async def get_webhook_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId
) -> EndpointOut:
    """One endpoint, without its secret."""
    return await reads.get_endpoint(services, request.auth, endpoint_id)


@routes.patch(
    "/webhook-endpoints/{endpoint_id:str}",
    "Change a webhook endpoint",
    errors=(EndpointNotFoundError, RuleBrokenError, NameTakenError, ChangedMeanwhileError),
)
async def change_webhook_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId, data: JSONBody[EndpointPatch]
) -> EndpointOut:
    """Changes what the body names. What is on its way is sent as the endpoint is then."""
    return await actions.change_endpoint(services, request.auth, endpoint_id, data)


@routes.delete("/webhook-endpoints/{endpoint_id:str}", "Switch a webhook endpoint off", errors=(EndpointNotFoundError,))
async def disable_webhook_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId
) -> EndpointOut:
    """Switches it off and cancels what it waits for. Its deliveries stay readable, and it can be enabled again."""
    return await actions.disable_endpoint(services, request.auth, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id:str}/enable",
    "Switch a webhook endpoint on",
    errors=(EndpointNotFoundError, RuleBrokenError, NameTakenError),
)
async def enable_webhook_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId
) -> EndpointOut:
    """Switches it on again, whoever switched it off. Canceled deliveries stay canceled; replay them by range."""
    return await actions.enable_endpoint(services, request.auth, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id:str}/rotate-secret",
    "Rotate a webhook secret",
    errors=(EndpointNotFoundError, RuleBrokenError),
)
async def rotate_webhook_secret(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId, data: JSONBody[RotateSecretIn]
) -> EndpointSecretOut:
    """Gives the endpoint a new secret, shown this once. For a while bodies are signed with both."""
    return await actions.rotate_secret(services, request.auth, endpoint_id, data)


@routes.post(
    "/webhook-endpoints/{endpoint_id:str}/test",
    "Send a test event",
    errors=(EndpointNotFoundError, EndpointDisabledError),
    status=202,
)
async def test_webhook_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId
) -> DeliveryOut:
    """Sends WEBHOOK_TEST to this endpoint alone. What became of it is in the delivery."""
    return await actions.send_test(services, request.auth, endpoint_id)


@routes.post(
    "/webhook-endpoints/{endpoint_id:str}/replay",
    "Repeat the deliveries of a time",
    errors=(EndpointNotFoundError, EndpointDisabledError, RuleBrokenError),
    status=202,
)
async def replay_webhook_range(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId, data: JSONBody[ReplayRangeIn]
) -> ReplayedOut:
    """Makes new deliveries of all that were made in a time, or of those in one status."""
    return ReplayedOut(await actions.replay_range(services, request.auth, endpoint_id, data))


@routes.get("/webhook-endpoints/{endpoint_id:str}/deliveries", "List deliveries", errors=(EndpointNotFoundError,))
async def list_webhook_deliveries(
    request: ActorRequest,
    services: NamedDependency[Services],
    endpoint_id: EndpointId,
    status: Annotated[
        str | None, QueryParameter(name="status", description="`PENDING`, `DELIVERED`, `FAILED` or `CANCELED`")
    ] = None,
    before: Annotated[str | None, QueryParameter(name="before", description="`next` of the page before")] = None,
    limit: Annotated[str | None, QueryParameter(name="limit", description="1 to 100, usually 50")] = None,
) -> DeliveriesOut:
    """The newest first. No bodies."""
    return await reads.list_deliveries(services, request.auth, endpoint_id, DeliveryQuery(status, before, limit))


@routes.get("/webhook-deliveries/{delivery_id:str}", "Get a delivery", errors=(DeliveryNotFoundError,))
async def get_webhook_delivery(
    request: ActorRequest, services: NamedDependency[Services], delivery_id: DeliveryId
) -> DeliveryDetailOut:
    """One delivery with its attempts."""
    return await reads.get_delivery(services, request.auth, delivery_id)


@routes.get(
    "/webhook-deliveries/{delivery_id:str}/contents",
    "What a delivery says, and what was answered",
    errors=(DeliveryNotFoundError,),
)
async def get_webhook_contents(
    request: ActorRequest, services: NamedDependency[Services], delivery_id: DeliveryId
) -> ContentsOut:
    """The body as it would be sent now, and the answers to its attempts. Health information: that it was read is recorded."""
    return await reads.get_contents(services, request.auth, delivery_id)


@routes.post(
    "/webhook-deliveries/{delivery_id:str}/replay",
    "Repeat a delivery",
    errors=(DeliveryNotFoundError, EndpointDisabledError),
    status=202,
)
async def replay_webhook_delivery(
    request: ActorRequest, services: NamedDependency[Services], delivery_id: DeliveryId
) -> DeliveryOut:
    """Makes a new delivery of the same event. The receiver gets the same `webhook-id` again."""
    return await actions.replay_delivery(services, request.auth, delivery_id)
