"""Reads of webhook endpoints and deliveries."""

from typing import Any

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.phi import UnsealError
from carelane.permissions import BILLING_READ, CASES_READ, PATIENTS_READ, WEBHOOKS_MANAGE, requires
from carelane.services import Services
from carelane.webhooks.actions import Read, read_all, write_contents
from carelane.webhooks.endpoints import access, queries, views
from carelane.webhooks.endpoints.schemas import (
    ContentsOut,
    DeliveriesOut,
    DeliveryDetailOut,
    DeliveryQuery,
    EndpointOut,
    EndpointsOut,
)
from carelane.webhooks.sending.queries import DueDelivery, list_answered

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


@requires(WEBHOOKS_MANAGE, CASES_READ, PATIENTS_READ, BILLING_READ)
async def get_contents(services: Services, actor: Actor, ref: str) -> ContentsOut:
    """What is sent, written by what sends it, and what was answered, which may repeat that. That people's records were read for it
    is recorded. Raises DeliveryNotFoundError."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        delivery = await access.get_delivery(conn, actor, ref)
        rows = await list_answered(conn, actor.organization_id, delivery.id, MAX_ATTEMPTS_SHOWN)
    due = DueDelivery(actor.organization_id, delivery.id, delivery.endpoint_id, delivery.attempts)
    (read,) = await read_all(services, actor, [due], "webhook delivery")
    if isinstance(read, LookupError):
        raise access.unknown_delivery()
    body = await _write(services, read)
    return ContentsOut(
        body=body,
        is_damaged=body is None,
        links_documents=isinstance(read, Read) and read.receiver.document_format == "BASE64",
        attempts=[views.show_answered(data_key, row) for row in rows],
    )


async def _write(services: Services, read: Read | Exception) -> dict[str, Any] | None:
    """None: something that it is written from does not open. Documents are linked: nobody reads them in base64."""
    if isinstance(read, Exception):
        return None
    try:
        body: dict[str, Any] = msgspec.to_builtins(await write_contents(services, read, "URL"))
    except (UnsealError, msgspec.MsgspecError):
        return None
    return body
