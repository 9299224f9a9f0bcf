"""The tenant walk's part about webhooks: endpoints, deliveries, the feed."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from carelane.kit.auth import system_actor
from carelane.services import Services
from carelane.webhooks.queries import SECRET
from tests.factories.rows import insert_row

ENDPOINTS = "/api/staff/webhook-endpoints"
DELIVERIES = "/api/staff/webhook-deliveries"


class Told(NamedTuple):
    """An endpoint of the victim and a delivery to it."""

    endpoint_id: UUID
    delivery_id: UUID


async def tell_marked(services: Services, organization_id: UUID, case_id: UUID, mark: str) -> Told:
    """Each text holds the mark. The endpoint is switched off, so that nothing is sent to it."""
    endpoint_id = uuid4()
    key = await services.keyring.data_key(organization_id)
    sealed = key.seal(mark.encode(), SECRET, endpoint_id)
    off = {"disabled_at": "2026-01-01", "disabled_reason": "BY_STAFF"}
    values = {"name": mark, "url": f"https://{mark}.example/", "secret_sealed": sealed}
    await insert_row(services, organization_id, "webhook_endpoints", id=endpoint_id, **values, **off)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        cursor = await conn.execute("SELECT id FROM events WHERE case_id = %s LIMIT 1", (case_id,))
        ((event_id,),) = await cursor.fetchall()
    waiting = {"endpoint_id": endpoint_id, "event_id": event_id, "case_id": case_id, "status": "CANCELED"}
    return Told(endpoint_id, await insert_row(services, organization_id, "webhook_deliveries", **waiting))


def walk_webhooks(
    told: Told, key: dict[str, str], administrator: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: the victim's ids, the other's credentials."""
    seen, one, named = {"headers": administrator}, f"{ENDPOINTS}/{told.endpoint_id}", f"{ENDPOINTS}/{{endpoint_id}}"
    span = {"from": "2020-01-01T00:00:00Z", "to": "2199-01-01T00:00:00Z"}
    new = {"name": str(uuid4()), "url": "https://192.0.2.1/"}
    yield f"GET {ENDPOINTS}", ("GET", ENDPOINTS, seen)
    yield f"POST {ENDPOINTS}", ("POST", ENDPOINTS, seen | {"json": new})
    yield f"GET {named}", ("GET", one, seen)
    yield f"PATCH {named}", ("PATCH", one, seen | {"json": {"events": []}})
    yield f"DELETE {named}", ("DELETE", one, seen)
    for act, body in (("enable", None), ("test", None), ("rotate-secret", {}), ("replay", span)):
        yield f"POST {named}/{act}", ("POST", f"{one}/{act}", seen | {"json": body})
    for query in ({}, {"before": str(told.delivery_id)}):
        yield f"GET {named}/deliveries", ("GET", f"{one}/deliveries", seen | {"params": query})
    delivery, deliveries = f"{DELIVERIES}/{told.delivery_id}", f"{DELIVERIES}/{{delivery_id}}"
    yield f"GET {deliveries}", ("GET", delivery, seen)
    yield f"POST {deliveries}/replay", ("POST", f"{delivery}/replay", seen)
    for after in ("0", "latest"):
        yield "GET /api/v1/events", ("GET", "/api/v1/events", {"headers": key, "params": {"after": after}})
