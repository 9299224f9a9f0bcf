"""SQL that finds what runs out before its promise does.

Each step is a statement that looks its keys up all at once: those of holds that end one after the other lie beside one another. Joined,
they would be looked up one by one, for the planner believes that there are few.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.cases.review.queue.walk.queries import UNDECIDED
from carelane.kit.db import Connection, uuid_array
from carelane.payments.states import HURRY_BEFORE

# So many holds are looked at, and cases whose reader's license ends; the first to run out, if there are more.
MOST_SOONER = 1_000

_HOLDS: LiteralString = """
SELECT i.payment_id, i.hold_ends_at FROM payment_intents i
WHERE i.organization_id = %(organization_id)s AND i.status = 'requires_capture' AND i.hold_ends_at <= now() + %(hurry)s
ORDER BY i.hold_ends_at LIMIT %(most)s
"""
_PAID_FOR: LiteralString = """
SELECT y.id, y.case_id FROM payments y
WHERE y.organization_id = %(organization_id)s AND y.id = ANY(%(ids)s::uuid[]) AND y.case_id IS NOT NULL
"""
# Those that the reader may decide, but not for a day any more.
_LICENSED: LiteralString = """
SELECT c.id, l.ends FROM unnest(%(states)s::text[], %(ends)s::timestamptz[]) l (state, ends),
  unnest(ARRAY['OPEN', 'ASSIGNED', 'IN_PROGRESS', 'NO_DECISION']) one (status), LATERAL (
  SELECT c.id FROM cases c
  WHERE c.organization_id = %(organization_id)s AND NOT c.is_archived AND c.status = one.status AND c.patient_state = l.state
    AND c.due_at > l.ends AND c.due_at < 'infinity'
  ORDER BY c.due_at LIMIT %(most)s) c
ORDER BY l.ends LIMIT %(most)s
"""
_PROMISED: LiteralString = f"""
SELECT c.id, nullif(c.due_at, 'infinity') FROM cases c
WHERE c.organization_id = %(organization_id)s AND c.id = ANY(%(ids)s::uuid[]) AND {UNDECIDED}
"""


class Sooner(msgspec.Struct, frozen=True):
    """A case that waits and runs out before its promise does."""

    case_id: UUID
    ends: datetime
    reason: str


async def list_sooner(conn: Connection, organization_id: UUID, ending: Iterable[tuple[str, datetime]]) -> list[Sooner]:
    """`ending`: states where the reader's license ends within a day, and when."""
    found = [*await _holds(conn, organization_id), *await _licensed(conn, organization_id, list(ending))]
    if not found:
        return []
    # Of each the first to run out, which is put in place of the others.
    first = {one.case_id: one for one in sorted(found, key=lambda one: one.ends, reverse=True)}
    promised = await _look_up(conn, organization_id, _PROMISED, first)
    return [one for one in first.values() if one.case_id in promised and _is_before(one.ends, promised[one.case_id])]


def _is_before(ends: datetime, promised: datetime | None) -> bool:
    return promised is None or ends < promised


async def _holds(conn: Connection, organization_id: UUID) -> list[Sooner]:
    """The cases whose money is held, but not for a day any more."""
    values = {"organization_id": organization_id, "hurry": HURRY_BEFORE, "most": MOST_SOONER}
    held = await (await conn.execute(_HOLDS, values)).fetchall()
    cases = await _look_up(conn, organization_id, _PAID_FOR, (row[0] for row in held)) if held else {}
    return [Sooner(cases[payment_id], ends, "HOLD") for payment_id, ends in held if payment_id in cases]


async def _licensed(conn: Connection, organization_id: UUID, ending: list[tuple[str, datetime]]) -> list[Sooner]:
    if not ending:
        return []
    values: dict[str, object] = {"organization_id": organization_id, "most": MOST_SOONER}
    values |= {"states": [state for state, _ in ending], "ends": [ends for _, ends in ending]}
    cursor = await conn.execute(_LICENSED, values)
    return [Sooner(case_id, ends, "LICENSE") for case_id, ends in await cursor.fetchall()]


async def _look_up(
    conn: Connection, organization_id: UUID, statement: LiteralString, ids: Iterable[UUID]
) -> dict[UUID, Any]:
    cursor = await conn.execute(statement, {"organization_id": organization_id, "ids": uuid_array(ids)})
    return dict(await cursor.fetchall())
