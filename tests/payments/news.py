"""The gateway's news, told over HTTP and applied by the test itself, in a server whose worker does nothing."""

from typing import Any
from uuid import UUID, uuid4

import msgspec

from carelane.kit.claims import Lease, now_seconds
from carelane.payments.inbox.jobs import Inbox
from carelane.payments.inbox.queries import DueEvent
from tests.factories.rows import update_row
from tests.payments.inbox.calling import signature
from tests.payments.world import Till

KEPT = "SELECT id FROM gateway_events WHERE status = 'RECEIVED' OR (status = 'UNMATCHED' AND due_at <= now()) ORDER BY received_at, id"


async def tell(till: Till, event: dict[str, Any]) -> None:
    body = msgspec.json.encode(event)
    headers = {"content-type": "application/json", "stripe-signature": signature(body, till.webhook_secret)}
    answer = await till.http.post(f"/gateways/stripe/{till.organization_id}", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


async def kept(till: Till) -> list[UUID]:
    """What was told and is to be applied."""
    return [event_id for (event_id,) in await till.ask(KEPT)]


async def apply(till: Till, event_id: UUID) -> None:
    claim_id, organization_id = uuid4(), till.organization_id
    await update_row(till.services, organization_id, "gateway_events", event_id, claim_id=claim_id)
    await Inbox(till.services).work(Lease(DueEvent(organization_id, event_id), claim_id, now_seconds() + 60))
