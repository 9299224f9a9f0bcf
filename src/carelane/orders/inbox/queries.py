"""Every SQL statement about callbacks of pharmacies."""

from datetime import timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row, dict_row

from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi
from carelane.orders.inbox.schemas import CallbackStatus, CandidateOut, WaitingCallbackOut

# The places that a kept message and the reason for laying it aside are bound to.
KEPT = "pharmacy_callbacks.sealed"
DISMISSAL = "pharmacy_callbacks.dismissal_sealed"

_INSERT: LiteralString = """
INSERT INTO pharmacy_callbacks (organization_id, id, pharmacy_id, message_id, external_id, pharmacy_order_id, status, sealed)
VALUES (%(organization_id)s, %(id)s, %(pharmacy_id)s, %(message_id)s, %(external_id)s, %(pharmacy_order_id)s, %(status)s,
        %(sealed)s)
ON CONFLICT (organization_id, pharmacy_id, message_id) DO NOTHING RETURNING id
"""
_FIND_NAMED: LiteralString = """
SELECT id, status FROM pharmacy_callbacks WHERE organization_id = %s AND pharmacy_id = %s AND message_id = %s
"""
_FIND: LiteralString = """
SELECT id, pharmacy_id, external_id, pharmacy_order_id, sealed FROM pharmacy_callbacks WHERE organization_id = %s AND id = %s
"""
# Only orders that went to this pharmacy: no pharmacy changes the orders of another.
_FIND_BY_OUR_ID: LiteralString = """
SELECT id FROM orders WHERE organization_id = %s AND pharmacy_id = %s AND external_id = %s
"""
_FIND_BY_THEIR_ID: LiteralString = """
SELECT id FROM orders WHERE organization_id = %s AND pharmacy_id = %s AND pharmacy_order_id = %s
ORDER BY created_at DESC LIMIT 1
"""
_LOCK: LiteralString = """
SELECT status FROM pharmacy_callbacks WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE
"""
_SET_JUDGED: LiteralString = """
UPDATE pharmacy_callbacks SET status = %(status)s, order_id = %(order_id)s,
  applied_at = CASE WHEN %(status)s = 'WAITING' THEN NULL ELSE now() END
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_INBOX: LiteralString = """
SELECT b.id, b.pharmacy_id, p.name AS pharmacy_name, b.message_id, b.status, b.external_id, b.pharmacy_order_id,
  b.created_at AS since
FROM pharmacy_callbacks b JOIN pharmacies p ON p.organization_id = b.organization_id AND p.id = b.pharmacy_id
WHERE b.organization_id = %(organization_id)s
"""
_WAITS: LiteralString = " AND b.status IN ('WAITING', 'UNREADABLE')"
_SEALED: LiteralString = """
SELECT id, sealed FROM pharmacy_callbacks WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""
_SET_DISMISSED: LiteralString = """
UPDATE pharmacy_callbacks SET status = 'DISMISSED', dismissal_sealed = %s, applied_at = now() WHERE organization_id = %s AND id = %s
"""
# Each state is read from its own end of the board's index; a pharmacy names its number in its first answer, so few have none.
_CANDIDATES: LiteralString = """
SELECT f.id AS pharmacy_id, o.id, c.short_id AS case_short_id, o.status, o.is_test, o.created_at,
  c.patient_first_name || ' ' || c.patient_last_name AS patient_name
FROM unnest(%(pharmacies)s::uuid[]) f (id)
CROSS JOIN unnest('{SENDING,SENT,NEEDS_ATTENTION}'::text[]) k (status)
CROSS JOIN unnest('{false,true}'::boolean[]) t (is_test)
CROSS JOIN LATERAL (
  SELECT * FROM (
    SELECT * FROM orders o WHERE o.organization_id = %(organization_id)s AND o.pharmacy_id = f.id AND o.is_test = t.is_test
      AND o.status = k.status ORDER BY o.id LIMIT %(looked_at)s) o
  WHERE o.pharmacy_order_id IS NULL AND o.sending_began_at IS NOT NULL ORDER BY o.id LIMIT %(most)s) o
JOIN cases c ON c.organization_id = o.organization_id AND c.id = o.case_id
ORDER BY o.id
"""
_MOST_CANDIDATES = 20
_MOST_LOOKED_AT = 200


class NewCallback(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    pharmacy_id: UUID
    message_id: str
    external_id: UUID | None
    pharmacy_order_id: str | None
    status: CallbackStatus
    sealed: bytes


class KeptRow(msgspec.Struct, frozen=True):
    id: UUID
    pharmacy_id: UUID
    external_id: UUID | None
    pharmacy_order_id: str | None
    sealed: bytes


async def insert_callback(conn: Connection, callback: NewCallback) -> bool:
    """Whether it was new: false when the pharmacy has sent a message of that id before."""
    cursor = await conn.execute(_INSERT, msgspec.structs.asdict(callback))
    return await cursor.fetchone() is not None


async def find_named(
    conn: Connection, organization_id: UUID, pharmacy_id: UUID, message_id: str
) -> tuple[UUID, CallbackStatus] | None:
    cursor = await conn.execute(_FIND_NAMED, (organization_id, pharmacy_id, message_id))
    row = await cursor.fetchone()
    return (row[0], row[1]) if row else None


async def find_callback(conn: Connection, organization_id: UUID, callback_id: UUID) -> KeptRow | None:
    async with conn.cursor(row_factory=class_row(KeptRow)) as cursor:
        await cursor.execute(_FIND, (organization_id, callback_id))
        return await cursor.fetchone()


async def find_order_id(conn: Connection, organization_id: UUID, callback: KeptRow) -> UUID | None:
    """The order that the message is about. Our id for it wins; the pharmacy's own counts only when ours is missing."""
    if callback.external_id is not None:
        cursor = await conn.execute(_FIND_BY_OUR_ID, (organization_id, callback.pharmacy_id, callback.external_id))
    else:
        values = organization_id, callback.pharmacy_id, callback.pharmacy_order_id
        cursor = await conn.execute(_FIND_BY_THEIR_ID, values)
    row = await cursor.fetchone()
    return row[0] if row else None


async def lock_callback(conn: Connection, organization_id: UUID, callback_id: UUID) -> CallbackStatus | None:
    """How it was judged so far; its row stays locked. Lock the case and the order first. None: it was deleted meanwhile."""
    cursor = await conn.execute(_LOCK, (organization_id, callback_id))
    row = await cursor.fetchone()
    return row[0] if row else None


async def set_judged(
    conn: Connection, organization_id: UUID, callback_id: UUID, status: CallbackStatus, order_id: UUID | None
) -> None:
    values = {"organization_id": organization_id, "id": callback_id, "status": status, "order_id": order_id}
    await conn.execute(_SET_JUDGED, values)


async def find_open(conn: Connection, older_than: timedelta, most: int) -> list[tuple[UUID, UUID]]:
    """Organization and id of callbacks that somebody should have judged by now, across organizations."""
    cursor = await conn.execute("SELECT organization_id, id FROM find_open_callbacks(%s, %s)", (older_than, most))
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def list_inbox(
    conn: Connection, organization_id: UUID, after: UUID | None, most: int
) -> list[WaitingCallbackOut]:
    statement = _INBOX + _WAITS + (" AND b.id < %(after)s" if after else "") + " ORDER BY b.id DESC LIMIT %(most)s"
    async with conn.cursor(row_factory=class_row(WaitingCallbackOut)) as cursor:
        await cursor.execute(statement, {"organization_id": organization_id, "after": after, "most": most})
        return await cursor.fetchall()


async def count_inbox(conn: Connection, organization_id: UUID, most: int) -> int:
    statement: LiteralString = f"""
SELECT count(*) FROM (
  SELECT FROM pharmacy_callbacks b WHERE b.organization_id = %s{_WAITS} ORDER BY b.id DESC LIMIT %s) l
"""
    row = await (await conn.execute(statement, (organization_id, most))).fetchone()
    return int(row[0]) if row else 0


async def find_inbox_row(conn: Connection, organization_id: UUID, callback_id: UUID) -> WaitingCallbackOut | None:
    async with conn.cursor(row_factory=class_row(WaitingCallbackOut)) as cursor:
        await cursor.execute(_INBOX + " AND b.id = %(id)s", {"organization_id": organization_id, "id": callback_id})
        return await cursor.fetchone()


async def list_sealed(conn: Connection, organization_id: UUID, callback_ids: list[UUID]) -> dict[UUID, bytes]:
    cursor = await conn.execute(_SEALED, (organization_id, uuid_array(callback_ids)))
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def list_candidates(
    conn: Connection, organization_id: UUID, pharmacy_ids: set[UUID]
) -> dict[UUID, list[CandidateOut]]:
    """By pharmacy: orders that it may have without our knowing its number for them."""
    values = {
        "organization_id": organization_id, "pharmacies": uuid_array(pharmacy_ids),
        "most": _MOST_CANDIDATES, "looked_at": _MOST_LOOKED_AT,
    }  # fmt: skip
    found: dict[UUID, list[CandidateOut]] = {}
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_CANDIDATES, values)
        for row in await cursor.fetchall():
            found.setdefault(row.pop("pharmacy_id"), []).append(CandidateOut(**row))
    return {pharmacy_id: orders[:_MOST_CANDIDATES] for pharmacy_id, orders in found.items()}


async def set_dismissed(conn: Connection, organization_id: UUID, callback_id: UUID, sealed: bytes) -> None:
    """The callback must be locked."""
    await conn.execute(_SET_DISMISSED, (sealed, organization_id, callback_id))
