"""The doors to endpoints and deliveries, by the ids that callers send."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.webhooks.endpoints import queries
from carelane.webhooks.endpoints.errors import DeliveryNotFoundError, EndpointDisabledError, EndpointNotFoundError
from carelane.webhooks.endpoints.schemas import DeliveryOut, EndpointOut


def endpoint_id_of(ref: str) -> UUID:
    """Raises EndpointNotFoundError for what cannot be an id."""
    endpoint_id = parse_uuid(ref)
    if endpoint_id is None:
        raise EndpointNotFoundError
    return endpoint_id


async def get_endpoint(conn: Connection, actor: Actor, ref: str) -> EndpointOut:
    """Raises EndpointNotFoundError."""
    found = await queries.find_endpoint(conn, actor.organization_id, endpoint_id_of(ref))
    if found is None:
        raise EndpointNotFoundError
    return found


async def get_enabled(conn: Connection, actor: Actor, ref: str) -> EndpointOut:
    """Raises EndpointNotFoundError, EndpointDisabledError."""
    found = await get_endpoint(conn, actor, ref)
    if found.disabled_at is not None:
        raise EndpointDisabledError("enable it first: POST /api/staff/webhook-endpoints/{id}/enable")
    return found


async def get_delivery(conn: Connection, actor: Actor, ref: str) -> DeliveryOut:
    """Raises DeliveryNotFoundError."""
    delivery_id = parse_uuid(ref)
    found = await queries.find_delivery(conn, actor.organization_id, delivery_id) if delivery_id else None
    if found is None:
        raise unknown_delivery()
    return found


def unknown_delivery() -> DeliveryNotFoundError:
    """Nothing is left of one that was deleted, so nobody can say which of the two it is."""
    return DeliveryNotFoundError(
        "there is none of this id, or it arrived so long ago that it was deleted (CARELANE_KEEP_DELIVERIES_DAYS)"
    )
