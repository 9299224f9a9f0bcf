"""Taking an event: find out whose it is, keep it, answer. What it means is found out afterwards (`matching/`)."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from carelane.kit import failpoints
from carelane.kit.auth import system_actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.payments.accounts.access import list_webhook_accounts
from carelane.payments.gateways.protocol import GatewayEvent
from carelane.payments.inbox import access, queries
from carelane.payments.inbox.queries import NewEvent
from carelane.payments.inbox.schemas import CameBy
from carelane.services import Services

# The gateway sends an event for three days, and lists it for thirty; its id is remembered for longer than either.
SETTLED_KEPT = timedelta(days=90)
UNMATCHED_KEPT = timedelta(days=400)
# Of types that change nothing about money, or tell what another event tells as well.
_EMPTY_TYPES = {"payment_intent.created": "an intent that has only been made holds no money"}
# In one transaction.
_MOST_REMOVED = 5_000


async def take_event(
    services: Services, organization: str, signature: str, body: bytes, request_id: str | None
) -> bool:
    """Keeps the event; whether it was new. Raises EventRefusedError, WrongModeError; then nothing is kept."""
    organization_id, data_key = await access.organization_of(services, organization)
    async with services.db.transaction(system_actor(organization_id, request_id)) as conn:
        accounts = await list_webhook_accounts(conn, services, data_key, organization_id)
        account_id, event = access.read_event(accounts, signature, body)
        count = await keep_events(conn, organization_id, account_id, [event], "WEBHOOK")
    failpoints.reach("gateway_event.kept")
    return count == 1


async def keep_events(
    conn: Connection, organization_id: UUID, account_id: UUID, events: Collection[GatewayEvent], came_by: CameBy
) -> int:
    """How many of them were new. The worker applies them once the transaction is committed."""
    rows = [_row(organization_id, account_id, event, came_by) for event in events]
    return await queries.insert_events(conn, rows) if rows else 0


async def wake_unmatched(conn: Connection, organization_id: UUID, object_id: str) -> None:
    """For whoever adds a payment with a reference to a gateway's object, after its row, in the same transaction: what was told
    of the object before is applied now."""
    await queries.lock_object(conn, organization_id, object_id)
    await queries.update_waiting(conn, organization_id, object_id)


def _row(organization_id: UUID, account_id: UUID, event: GatewayEvent, came_by: CameBy) -> NewEvent:
    names_itself = event.object_kind in {"intent", "setup"}
    reason = _reason_to_ignore(event)
    return NewEvent(
        organization_id=organization_id,
        id=uuid7(),
        gateway_account_id=account_id,
        event_id=event.id,
        type=event.type,
        object_kind=event.object_kind,
        object_id=event.object_id,
        intent_id=event.object_id if names_itself else event.intent_id,
        attempt_id=event.attempt_id,
        happened_at=event.happened_at,
        came_by=came_by,
        status="IGNORED" if reason else "RECEIVED",
        failure=reason,
    )


def _reason_to_ignore(event: GatewayEvent) -> str | None:
    """Why an event is kept and nothing more."""
    return "changes no payment" if event.object_kind == "other" else _EMPTY_TYPES.get(event.type)


async def remove_old(services: Services, organization_id: UUID) -> None:
    """Forgets what was settled long ago, batch by batch; what found no payment is kept for longer."""
    count = _MOST_REMOVED
    while count == _MOST_REMOVED:
        async with services.db.transaction(system_actor(organization_id)) as conn:
            count = await queries.delete_old(conn, organization_id, SETTLED_KEPT, UNMATCHED_KEPT, _MOST_REMOVED)
