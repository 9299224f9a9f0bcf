"""Every SQL statement about the messages that carry quotes."""

from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.quotes.sending.schemas import Method

# The place that a sealed message is bound to.
MESSAGE = "quote_messages.message_sealed"


class Contact(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Whom a quote goes to and who sends it."""

    first_name: str | None
    email: str | None
    phone_number: str | None
    organization_name: str
    timezone: str
    line_count: int
    # Messages of the quote that were not sent yet.
    waiting_count: int


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A message this worker may send until its lease ends. `attempts` counts this one."""

    organization_id: UUID
    id: UUID
    quote_id: UUID
    attempts: int


class HeldMessage(Phi, msgspec.Struct, frozen=True, kw_only=True):
    method: Method
    message_sealed: bytes | None


_CONTACT: LiteralString = """
SELECT p.first_name, p.email, p.phone_number, o.name AS organization_name, coalesce(l.timezone, h.timezone, 'UTC') AS timezone,
  (SELECT count(*) FROM quote_lines n WHERE n.organization_id = q.organization_id AND n.quote_id = q.id) AS line_count,
  (SELECT count(*) FROM quote_messages m
   WHERE m.organization_id = q.organization_id AND m.quote_id = q.id AND m.status = 'PENDING') AS waiting_count
FROM quotes q
JOIN organizations o ON o.id = q.organization_id
JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id
LEFT JOIN locations l ON l.organization_id = q.organization_id AND l.id = q.location_id
LEFT JOIN locations h ON h.organization_id = q.organization_id AND h.id = p.primary_location_id
WHERE q.organization_id = %s AND q.id = %s
"""
_INSERT: LiteralString = """
INSERT INTO quote_messages (organization_id, id, quote_id, method, message_sealed, next_attempt_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_CLAIM: LiteralString = """
SELECT organization_id, id, quote_id, attempts FROM claim_quote_messages(%s, make_interval(secs => %s), %s)
"""
_HOLD: LiteralString = """
SELECT method, message_sealed FROM quote_messages
WHERE organization_id = %s AND id = %s AND claim_id = %s AND status = 'PENDING' FOR UPDATE
"""
_SETTLE: LiteralString = """
UPDATE quote_messages SET status = %(status)s, failure = %(failure)s, next_attempt_at = %(next_attempt_at)s, claim_id = NULL,
  sent_at = CASE WHEN %(status)s = 'SENT' THEN now() ELSE sent_at END
WHERE organization_id = %(organization_id)s AND id = %(id)s AND claim_id = %(claim_id)s AND status = 'PENDING'
RETURNING id
"""


async def find_contact(conn: Connection, organization_id: UUID, quote_id: UUID) -> Contact:
    """Of a quote that is there."""
    async with conn.cursor(row_factory=class_row(Contact)) as cursor:
        await cursor.execute(_CONTACT, (organization_id, quote_id))
        found = await cursor.fetchone()
    if found is None:
        raise LookupError("a quote without its patient")
    return found


async def insert_message(
    conn: Connection,
    organization_id: UUID,
    message_id: UUID,
    quote_id: UUID,
    method: Method,
    sealed: bytes | None,
    due_at: datetime,
) -> None:
    await conn.execute(_INSERT, (organization_id, message_id, quote_id, method, sealed, due_at))


async def claim_due(conn: Connection, most: int, lease_seconds: float, claim_id: UUID) -> list[Claimed]:
    """Messages that are due, of all organizations; each is handed out once in a lease."""
    async with conn.cursor(row_factory=class_row(Claimed)) as cursor:
        await cursor.execute(_CLAIM, (most, lease_seconds, claim_id))
        return await cursor.fetchall()


async def lock_message(conn: Connection, message: Claimed, claim_id: UUID) -> HeldMessage | None:
    """Locks it until the transaction ends; None when another worker has it by now, or it was settled."""
    async with conn.cursor(row_factory=class_row(HeldMessage)) as cursor:
        await cursor.execute(_HOLD, (message.organization_id, message.id, claim_id))
        return await cursor.fetchone()


async def set_outcome(
    conn: Connection,
    message: Claimed,
    claim_id: UUID,
    status: Literal["PENDING", "SENT", "FAILED", "CANCELED"],
    failure: str | None = None,
    next_attempt_at: datetime | None = None,
) -> bool:
    """Whether this claim still held the message."""
    values: dict[str, object] = {"organization_id": message.organization_id, "id": message.id, "claim_id": claim_id}
    values |= {"status": status, "failure": failure, "next_attempt_at": next_attempt_at}
    return await (await conn.execute(_SETTLE, values)).fetchone() is not None
