"""What is held back: kept sealed, opened, and told within the clinic."""

from uuid import UUID

import msgspec

from carelane import events
from carelane.cases.review.grace import queries
from carelane.cases.review.queries import CaseSummary
from carelane.cases.review.schemas import DecideIn
from carelane.event_names import EventType
from carelane.events import Event
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey

# The place that the body is bound to.
BODY = "pending_decisions.body_sealed"


async def hold(conn: Connection, actor: Actor, key: DataKey, case: CaseSummary, body: DecideIn) -> None:
    """Keeps what was checked until its grace is over. The case's row is locked."""
    held_id = uuid7()
    values: dict[str, object] = {
        "organization_id": actor.organization_id,
        "id": held_id,
        "case_id": case.id,
        "staff_id": actor.id,
        "body": key.seal(msgspec.json.encode(body), BODY, held_id),
        "seconds": body.grace_seconds,
    }
    due_at = await queries.insert_held(conn, values)
    await record(conn, actor, case, "DECISION_SUBMITTED", held_id, due_at.isoformat())


async def record(
    conn: Connection,
    actor: Actor,
    case: CaseSummary,
    type: EventType,  # noqa: A002 - as in events.new_event
    held_id: UUID,
    value_after: str | None = None,
) -> None:
    """Within the clinic alone: to everybody else nothing is decided yet."""
    event: Event = events.new_event(
        actor, type, case.id, target_id=held_id, is_test=case.is_test, value_after=value_after
    )
    await events.record(conn, msgspec.structs.replace(event, is_quiet=True, is_restricted=True))


def open_body(key: DataKey, sealed: bytes, held_id: UUID) -> DecideIn:
    """Raises UnsealError."""
    return msgspec.json.decode(key.open(sealed, BODY, held_id), type=DecideIn)
