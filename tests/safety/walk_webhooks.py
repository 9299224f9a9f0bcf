"""The tenant walk's part about webhooks: endpoints, deliveries, the feed."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from carelane import events
from carelane.kit.auth import system_actor
from carelane.kit.phi import DataKey
from carelane.services import Services
from carelane.webhooks.queries import SECRET
from tests.factories.rows import insert_row

ENDPOINTS = "/api/staff/webhook-endpoints"
DELIVERIES = "/api/staff/webhook-deliveries"


LISTENERS = "/webhook/decoda"


class Told(NamedTuple):
    """An endpoint and a listener of the victim, and a delivery to each."""

    endpoint_id: UUID
    delivery_id: UUID
    listener_id: UUID
    attempt_id: UUID


async def tell_marked(services: Services, organization_id: UUID, case_id: UUID, mark: str) -> Told:
    """Each text holds the mark. Both are switched off, so that nothing is sent to them."""
    key = await services.keyring.data_key(organization_id)
    endpoint_id, delivery_id = await _tell(services, organization_id, case_id, key, mark, "CARE")
    listener_id, attempt_id = await _tell(services, organization_id, case_id, key, mark, "BILLING")
    return Told(endpoint_id, delivery_id, listener_id, attempt_id)


async def _tell(
    services: Services, organization_id: UUID, case_id: UUID, key: DataKey, mark: str, dialect: str
) -> tuple[UUID, UUID]:
    endpoint_id = uuid4()
    sealed = key.seal(mark.encode(), SECRET, endpoint_id)
    off = {"disabled_at": "2026-01-01", "disabled_reason": "BY_STAFF"}
    values = {"name": mark, "url": f"https://{mark}.example/", "secret_sealed": sealed, "dialect": dialect}
    values["notification_email"] = f"ops@{mark}.example"
    await insert_row(services, organization_id, "webhook_endpoints", id=endpoint_id, **values, **off)
    actor = system_actor(organization_id)
    async with services.db.transaction(actor) as conn:
        cursor = await conn.execute("SELECT patient_id FROM cases WHERE id = %s", (case_id,))
        ((patient_id,),) = await cursor.fetchall()
        event = events.new_event(actor, "PATIENT_UPDATED", None, target_id=patient_id)
        await events.record(conn, event)
    waiting = {"endpoint_id": endpoint_id, "event_id": event.id, "status": "CANCELED"}
    return endpoint_id, await insert_row(services, organization_id, "webhook_deliveries", **waiting)


def walk_webhooks(
    told: Told, own_id: UUID, key: dict[str, str], administrator: dict[str, str]
) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """(route, (method, url, options)) pairs: the victim's ids, the other's credentials. `own_id`: an endpoint of the other's."""
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
    # Of their own there is one before the victim's.
    yield f"GET {named}/deliveries", ("GET", f"{ENDPOINTS}/{own_id}/deliveries", seen | {"params": query})
    delivery, deliveries = f"{DELIVERIES}/{told.delivery_id}", f"{DELIVERIES}/{{delivery_id}}"
    yield f"GET {deliveries}", ("GET", delivery, seen)
    yield f"GET {deliveries}/contents", ("GET", f"{delivery}/contents", seen)
    yield f"POST {deliveries}/replay", ("POST", f"{delivery}/replay", seen)
    for after in ("0", "latest"):
        yield "GET /api/v1/events", ("GET", "/api/v1/events", {"headers": key, "params": {"after": after}})


def walk_listeners(told: Told, billing: dict[str, str]) -> Iterator[tuple[str, tuple[str, str, dict[str, Any]]]]:
    """As `walk_webhooks`; staff's endpoint is asked for too."""
    seen = {"headers": billing}
    new = {"subscriptions": ["PATIENT_CREATED"], "url": "https://192.0.2.1/"}
    yield f"POST {LISTENERS}/create", ("POST", f"{LISTENERS}/create", seen | {"json": new})
    for query in ({}, {"include_archived": "true"}):
        yield f"GET {LISTENERS}/list", ("GET", f"{LISTENERS}/list", seen | {"params": query})
    for one in (told.listener_id, told.endpoint_id):
        yield f"GET {LISTENERS}/get/{{webhook_id}}", ("GET", f"{LISTENERS}/get/{one}", seen)
        update = ("PUT", f"{LISTENERS}/update/{one}", seen | {"json": {"subscriptions": []}})
        yield f"PUT {LISTENERS}/update/{{webhook_id}}", update
        attempts = f"{LISTENERS}/{one}/delivery-attempts/list"
        yield f"GET {LISTENERS}/{{webhook_id}}/delivery-attempts/list", ("GET", attempts, seen)
        yield f"DELETE {LISTENERS}/delete/{{webhook_id}}", ("DELETE", f"{LISTENERS}/delete/{one}", seen)
    for one in (told.attempt_id, told.delivery_id):
        event, named = f"{LISTENERS}/events/{one}", f"{LISTENERS}/events/{{webhook_delivery_attempt_id}}"
        yield f"GET {named}", ("GET", event, seen)
        yield f"GET {named}/send", ("GET", f"{event}/send", seen)
    config = {"webhookUrl": "https://192.0.2.1/", "webhookEnabled": True}
    yield "PUT /tenant/webhook-config", ("PUT", "/tenant/webhook-config", seen | {"json": config})
    yield "GET /tenant/webhook-config", ("GET", "/tenant/webhook-config", seen)
