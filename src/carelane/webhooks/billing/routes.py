"""/webhook/decoda and /tenant/webhook-config."""

from datetime import datetime
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.paging import Direction, Page, pattern, word
from carelane.web.routes import ActorRequest, Routes
from carelane.webhooks.billing import actions, reads
from carelane.webhooks.billing.schemas import (
    MAX_ATTEMPTS,
    MAX_OFFSET,
    USUAL_ATTEMPTS,
    AlertType,
    AttemptFilters,
    ConfigIn,
    ConfigOut,
    DeliveryAttemptOut,
    ListenerIn,
    ListenerOut,
    ListenerPatch,
    SortBy,
    broken_rules,
)

routes = Routes(tag="Webhooks of a storefront", body=EitherCaseBody)

WebhookId = Annotated[str, PathParameter(description="Id of the webhook")]
AttemptId = Annotated[str, PathParameter(description="Id of the delivery attempt: `id` of what was sent")]


@routes.post(
    "/webhook/decoda/create", "Create a webhook", errors=(RuleBrokenError,), repeatable=True, rules=broken_rules
)
async def create_webhook(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ListenerIn]
) -> ListenerOut:
    """Tells a URL of what happens from now on. `secret` is the key of the signature that it gets."""
    return await actions.create_listener(services, request.auth, data, await read_key(request))


@routes.get("/webhook/decoda/list", "List webhooks")
async def list_webhooks(
    request: ActorRequest, services: NamedDependency[Services], include_archived: FromQuery[bool] = False
) -> list[ListenerOut]:
    """The oldest first."""
    return await reads.list_listeners(services, request.auth, include_archived)


@routes.get("/webhook/decoda/get/{webhook_id:str}", "Get a webhook", errors=(RecordNotFoundError,))
async def get_webhook(request: ActorRequest, services: NamedDependency[Services], webhook_id: WebhookId) -> ListenerOut:
    """One webhook, also an archived one."""
    return await reads.get_listener(services, request.auth, webhook_id)


@routes.put(
    "/webhook/decoda/update/{webhook_id:str}",
    "Update a webhook",
    errors=(RuleBrokenError, RecordNotFoundError),
    rules=broken_rules,
)
async def update_webhook(
    request: ActorRequest, services: NamedDependency[Services], webhook_id: WebhookId, data: JSONBody[ListenerPatch]
) -> ListenerOut:
    """Changes what the body says; what is absent stays. One that was switched off because its receiver failed is on again."""
    return await actions.update_listener(services, request.auth, webhook_id, data)


@routes.delete("/webhook/decoda/delete/{webhook_id:str}", "Archive a webhook", errors=(RecordNotFoundError,))
async def delete_webhook(request: ActorRequest, services: NamedDependency[Services], webhook_id: WebhookId) -> bool:
    """It is told nothing more, and what it waits for is called off."""
    return await actions.archive_listener(services, request.auth, webhook_id)


@routes.get(
    "/webhook/decoda/{webhook_id:str}/delivery-attempts/list", "List delivery attempts", errors=(RecordNotFoundError,)
)
async def list_delivery_attempts(
    request: ActorRequest,
    services: NamedDependency[Services],
    webhook_id: WebhookId,
    event_type: FromQuery[AlertType | None] = None,
    is_delivered: FromQuery[bool | None] = None,
    created_before: FromQuery[datetime | None] = None,
    created_after: FromQuery[datetime | None] = None,
    last_delivery_attempt_status: Annotated[str | None, word("The HTTP status that came last, such as 503")] = None,
    last_delivery_attempt_error: Annotated[str | None, word("A part of `lastDeliveryAttemptError`")] = None,
    delivery_date_before: FromQuery[datetime | None] = None,
    delivery_date_after: FromQuery[datetime | None] = None,
    sort_by: FromQuery[SortBy | None] = None,
    sort_direction: FromQuery[Direction | None] = None,
    limit: Annotated[
        int | None, QueryParameter(ge=1, le=MAX_ATTEMPTS, description=f"Without it {USUAL_ATTEMPTS}")
    ] = None,
    offset: Annotated[int | None, QueryParameter(ge=0, le=MAX_OFFSET, description="How many to leave out")] = None,
) -> list[DeliveryAttemptOut]:
    """What the webhook was told or is to be told, each once, however often it was sent. `data` is as the record is now.

    Filters other than by day of creation, and other orders, are applied to the newest 5,000 within those days; to the oldest 5,000
    where the oldest come first.
    """
    filters = AttemptFilters(
        event_type=_kept(event_type),
        is_delivered=is_delivered,
        created_before=created_before,
        created_after=created_after,
        last_status=_status(last_delivery_attempt_status),
        last_error=pattern(last_delivery_attempt_error) if last_delivery_attempt_error is not None else None,
        delivered_before=delivery_date_before,
        delivered_after=delivery_date_after,
        sort_by=sort_by or "created_date",
        sort_direction=sort_direction or "desc",
    )
    page = Page(limit or USUAL_ATTEMPTS, offset or 0)
    return await reads.list_attempts(services, request.auth, webhook_id, filters, page)


@routes.get(
    "/webhook/decoda/events/{webhook_delivery_attempt_id:str}", "Get a delivery attempt", errors=(RecordNotFoundError,)
)
async def get_delivery_attempt(
    request: ActorRequest, services: NamedDependency[Services], webhook_delivery_attempt_id: AttemptId
) -> DeliveryAttemptOut:
    """One alert to one webhook, and what came of it."""
    return await reads.get_attempt(services, request.auth, webhook_delivery_attempt_id)


@routes.get(
    "/webhook/decoda/events/{webhook_delivery_attempt_id:str}/send",
    "Send an alert again",
    errors=(RecordNotFoundError, ConflictError),
)
async def send_delivery_attempt(
    request: ActorRequest,
    services: NamedDependency[Services],
    webhook_delivery_attempt_id: AttemptId,
    notify_failure: FromQuery[bool] = True,
) -> DeliveryAttemptOut:
    """A GET that acts, as the vendor has it: the alert is sent once more, under the same `id`. The answer comes before that: it says
    how things stand. While one is waiting to be sent, asking again changes nothing."""
    return await actions.send_again(services, request.auth, webhook_delivery_attempt_id, notify_failure)


@routes.get("/tenant/webhook-config", "Get the tenant's webhook")
async def get_webhook_config(request: ActorRequest, services: NamedDependency[Services]) -> ConfigOut:
    """The one webhook of the tenant's own settings; it is among the others too."""
    return await reads.get_config(services, request.auth)


@routes.put("/tenant/webhook-config", "Set the tenant's webhook", errors=(RuleBrokenError, ConflictError))
async def update_webhook_config(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[ConfigIn]
) -> ConfigOut:
    """It is what the body says afterwards: what is absent is empty, or off."""
    return await actions.save_config(services, request.auth, data)


def _kept(event_type: AlertType | None) -> str | None:
    return "PAYMENT_SUCCEEDED" if event_type == "PAYMENT_COMPLETED" else event_type


def _status(text: str | None) -> int | None:
    """Raises InvalidRequestError."""
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) == 3):
        problem = "expected an HTTP status of three digits"
        raise InvalidRequestError(problems=[FieldProblem("last_delivery_attempt_status", problem, "query")])
    return int(text)
