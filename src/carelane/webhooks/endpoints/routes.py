"""/api/staff/webhook-endpoints and /api/staff/webhook-deliveries."""

from typing import Annotated

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import RuleBrokenError
from carelane.permissions import WEBHOOKS_MANAGE
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.web.wire import JsonBody
from carelane.webhooks.endpoints import access, actions
from carelane.webhooks.endpoints.errors import (
    DeliveryNotFoundError,
    EndpointDisabledError,
    EndpointNotFoundError,
    NameTakenError,
)
from carelane.webhooks.endpoints.schemas import (
    DeliveriesOut,
    DeliveryDetailOut,
    DeliveryOut,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EndpointSecretOut,
    EndpointsOut,
    ReplayedOut,
    ReplayRangeIn,
    RotateSecretIn,
)

EndpointId = Annotated[str, PathParameter(description="UUID of the endpoint")]
DeliveryId = Annotated[str, PathParameter(description="UUID of the delivery")]
_TAGS = ["Staff: webhooks"]
_UNKNOWN = {"errors": (EndpointNotFoundError,)}


@get("/webhook-endpoints", operation_id="listWebhookEndpoints", summary="List webhook endpoints", tags=_TAGS)
async def list_endpoints(request: ActorRequest, services: NamedDependency[Services]) -> EndpointsOut:
    """All endpoints, those that are switched off included. Secrets are not shown."""
    request.auth.require(WEBHOOKS_MANAGE)
    return EndpointsOut(await access.list_endpoints(services, request.auth))


@post(
    "/webhook-endpoints",
    operation_id="createWebhookEndpoint",
    summary="Add a webhook endpoint",
    tags=_TAGS,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, NameTakenError)},
)
async def create_endpoint(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[EndpointIn]
) -> EndpointSecretOut:
    """Adds an endpoint. The answer holds its secret, this once."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await actions.create_endpoint(services, request.auth, data)


@get(
    "/webhook-endpoints/{endpoint_id:str}",
    operation_id="getWebhookEndpoint",
    summary="Get a webhook endpoint",
    tags=_TAGS,
    opt=_UNKNOWN,
)
async def get_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId
) -> EndpointOut:
    """One endpoint, without its secret."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await access.get_endpoint(services, request.auth, access.endpoint_of(endpoint_id))


@patch(
    "/webhook-endpoints/{endpoint_id:str}",
    operation_id="changeWebhookEndpoint",
    summary="Change a webhook endpoint",
    tags=_TAGS,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (EndpointNotFoundError, RuleBrokenError, NameTakenError)},
)
async def change_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId, data: JSONBody[EndpointPatch]
) -> EndpointOut:
    """Changes what the body names. What is on its way is sent as the endpoint is then."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await actions.change_endpoint(services, request.auth, access.endpoint_of(endpoint_id), data)


@delete(
    "/webhook-endpoints/{endpoint_id:str}",
    operation_id="disableWebhookEndpoint",
    summary="Switch a webhook endpoint off",
    tags=_TAGS,
    status_code=200,
    opt=_UNKNOWN,
)
async def disable_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId
) -> EndpointOut:
    """Switches it off and cancels what it waits for. Its deliveries stay readable, and it can be enabled again."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await actions.disable_endpoint(services, request.auth, access.endpoint_of(endpoint_id))


@post(
    "/webhook-endpoints/{endpoint_id:str}/enable",
    operation_id="enableWebhookEndpoint",
    summary="Switch a webhook endpoint on",
    tags=_TAGS,
    status_code=200,
    opt=_UNKNOWN,
)
async def enable_endpoint(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId
) -> EndpointOut:
    """Switches it on again, whoever switched it off. Canceled deliveries stay canceled; replay them by range."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await actions.enable_endpoint(services, request.auth, access.endpoint_of(endpoint_id))


@post(
    "/webhook-endpoints/{endpoint_id:str}/rotate-secret",
    operation_id="rotateWebhookSecret",
    summary="Rotate a webhook secret",
    tags=_TAGS,
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (EndpointNotFoundError, RuleBrokenError)},
)
async def rotate_secret(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId, data: JSONBody[RotateSecretIn]
) -> EndpointSecretOut:
    """Gives the endpoint a new secret, shown this once. For a while bodies are signed with both."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await actions.rotate_secret(services, request.auth, access.endpoint_of(endpoint_id), data)


@post(
    "/webhook-endpoints/{endpoint_id:str}/test",
    operation_id="testWebhookEndpoint",
    summary="Send a test event",
    tags=_TAGS,
    status_code=202,
    opt={"errors": (EndpointNotFoundError, EndpointDisabledError)},
)
async def send_test(request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId) -> DeliveryOut:
    """Sends WEBHOOK_TEST to this endpoint alone. What became of it is in the delivery."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await actions.send_test(services, request.auth, access.endpoint_of(endpoint_id))


@post(
    "/webhook-endpoints/{endpoint_id:str}/replay",
    operation_id="replayWebhookRange",
    summary="Repeat the deliveries of a time",
    tags=_TAGS,
    status_code=202,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (EndpointNotFoundError, EndpointDisabledError, RuleBrokenError)},
)
async def replay_range(
    request: ActorRequest, services: NamedDependency[Services], endpoint_id: EndpointId, data: JSONBody[ReplayRangeIn]
) -> ReplayedOut:
    """Makes new deliveries of all that were made in a time, or of those in one status."""
    request.auth.require(WEBHOOKS_MANAGE)
    return ReplayedOut(await actions.replay_range(services, request.auth, access.endpoint_of(endpoint_id), data))


@get(
    "/webhook-endpoints/{endpoint_id:str}/deliveries",
    operation_id="listWebhookDeliveries",
    summary="List deliveries",
    tags=_TAGS,
    opt=_UNKNOWN,
)
async def list_deliveries(
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
    request.auth.require(WEBHOOKS_MANAGE)
    page = access.page_of(status, before, limit)
    return await access.list_deliveries(services, request.auth, access.endpoint_of(endpoint_id), page)


@get(
    "/webhook-deliveries/{delivery_id:str}",
    operation_id="getWebhookDelivery",
    summary="Get a delivery",
    tags=_TAGS,
    opt={"errors": (DeliveryNotFoundError,)},
)
async def get_delivery(
    request: ActorRequest, services: NamedDependency[Services], delivery_id: DeliveryId
) -> DeliveryDetailOut:
    """One delivery with its attempts."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await access.get_delivery(services, request.auth, access.delivery_of(delivery_id))


@post(
    "/webhook-deliveries/{delivery_id:str}/replay",
    operation_id="replayWebhookDelivery",
    summary="Repeat a delivery",
    tags=_TAGS,
    status_code=202,
    opt={"errors": (DeliveryNotFoundError, EndpointDisabledError)},
)
async def replay_delivery(
    request: ActorRequest, services: NamedDependency[Services], delivery_id: DeliveryId
) -> DeliveryOut:
    """Makes a new delivery of the same event. The receiver gets the same `webhook-id` again."""
    request.auth.require(WEBHOOKS_MANAGE)
    return await actions.replay_delivery(services, request.auth, access.delivery_of(delivery_id))


WEBHOOKS = [
    list_endpoints,
    create_endpoint,
    get_endpoint,
    change_endpoint,
    disable_endpoint,
    enable_endpoint,
    rotate_secret,
    send_test,
    replay_range,
    list_deliveries,
    get_delivery,
    replay_delivery,
]
