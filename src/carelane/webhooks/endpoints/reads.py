"""Reads of webhook endpoints and deliveries."""

from carelane.kit.auth import Actor
from carelane.permissions import WEBHOOKS_MANAGE, requires
from carelane.services import Services
from carelane.webhooks.endpoints import access, queries
from carelane.webhooks.endpoints.schemas import (
    DeliveriesOut,
    DeliveryDetailOut,
    DeliveryQuery,
    EndpointOut,
    EndpointsOut,
)

MAX_ATTEMPTS_SHOWN = 100
# Of what the receiver did, not of what staff wanted.
_FAILED = frozenset({"GONE", "FAILING"})


@requires(WEBHOOKS_MANAGE)
async def list_endpoints(services: Services, actor: Actor) -> EndpointsOut:
    """All of them, disabled ones too, oldest first."""
    async with services.db.reading(actor.organization_id) as conn:
        return EndpointsOut(await queries.list_endpoints(conn, actor.organization_id))


@requires(WEBHOOKS_MANAGE)
async def list_failing(services: Services, actor: Actor) -> list[EndpointOut]:
    """Those whose last deliveries failed, and those that were switched off for it."""
    endpoints = (await list_endpoints(services, actor)).endpoints
    return [one for one in endpoints if one.disabled_reason in _FAILED or (one.first_failed_at and not one.disabled_at)]


@requires(WEBHOOKS_MANAGE)
async def get_endpoint(services: Services, actor: Actor, ref: str) -> EndpointOut:
    """Raises EndpointNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        return await access.get_endpoint(conn, actor, ref)


@requires(WEBHOOKS_MANAGE)
async def list_deliveries(services: Services, actor: Actor, ref: str, query: DeliveryQuery) -> DeliveriesOut:
    """Those of the endpoint `ref`. Raises InvalidRequestError, EndpointNotFoundError."""
    page = query.page()
    async with services.db.reading(actor.organization_id) as conn:
        endpoint = await access.get_endpoint(conn, actor, ref)
        found = await queries.list_deliveries(
            conn, actor.organization_id, endpoint.id, page.status, page.before, page.limit + 1
        )
    shown = found[: page.limit]
    return DeliveriesOut(deliveries=shown, next=shown[-1].id if len(found) > page.limit else None)


@requires(WEBHOOKS_MANAGE)
async def get_delivery(services: Services, actor: Actor, ref: str) -> DeliveryDetailOut:
    """Raises DeliveryNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        delivery = await access.get_delivery(conn, actor, ref)
        attempts = await queries.list_attempts(conn, actor.organization_id, delivery.id, MAX_ATTEMPTS_SHOWN)
    return DeliveryDetailOut(delivery=delivery, attempts=attempts)
