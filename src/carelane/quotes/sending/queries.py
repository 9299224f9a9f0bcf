"""Every SQL statement about sending quotes, and about the messages of before, which had a table of their own."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.quotes.sending.schemas import Method

# The place that the words of an old message are bound to.
OLD_WORDS = "quote_messages.message_sealed"


class Contact(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Whom a quote goes to and who sends it."""

    first_name: str | None
    email: str | None
    phone_number: str | None
    organization_name: str
    timezone: str
    line_count: int
    link_version: int
    # Messages of the quote that were not sent yet.
    waiting_count: int


class OldMessage(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A row of quote_messages that waits."""

    quote_id: UUID
    method: Method
    message_sealed: bytes | None
    next_attempt_at: datetime


_CONTACT: LiteralString = """
SELECT p.first_name, p.email, p.phone_e164 AS phone_number, o.name AS organization_name,
  coalesce(l.timezone, h.timezone, 'UTC') AS timezone, q.link_version,
  (SELECT count(*) FROM quote_lines n WHERE n.organization_id = q.organization_id AND n.quote_id = q.id) AS line_count,
  count_waiting_messages(q.organization_id, q.id) AS waiting_count
FROM quotes q
JOIN organizations o ON o.id = q.organization_id
JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id
LEFT JOIN locations l ON l.organization_id = q.organization_id AND l.id = q.location_id
LEFT JOIN locations h ON h.organization_id = q.organization_id AND h.id = p.primary_location_id
WHERE q.organization_id = %s AND q.id = %s
"""
_LOCK_OLD: LiteralString = """
SELECT quote_id, method, message_sealed, next_attempt_at FROM quote_messages
WHERE organization_id = %s AND id = %s AND status = 'PENDING' AND (claim_id IS NULL OR next_attempt_at <= now()) FOR UPDATE
"""
_SET_MOVED: LiteralString = """
UPDATE quote_messages SET status = 'CANCELED', failure = 'moved to messages', next_attempt_at = NULL, claim_id = NULL
WHERE organization_id = %s AND id = %s
"""


async def find_contact(conn: Connection, organization_id: UUID, quote_id: UUID) -> Contact:
    """Of a quote that is there."""
    async with conn.cursor(row_factory=class_row(Contact)) as cursor:
        await cursor.execute(_CONTACT, (organization_id, quote_id))
        found = await cursor.fetchone()
    if found is None:
        raise LookupError("a quote without its patient")
    return found


async def list_old(conn: Connection, most: int) -> list[tuple[UUID, UUID]]:
    """Organization and id of old messages that wait and that no worker has in hand. Works in `db.across()`."""
    cursor = await conn.execute("SELECT organization_id, id FROM find_old_quote_messages(%s)", (most,))
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def lock_old(conn: Connection, organization_id: UUID, message_id: UUID) -> OldMessage | None:
    """None: it waits no longer."""
    async with conn.cursor(row_factory=class_row(OldMessage)) as cursor:
        await cursor.execute(_LOCK_OLD, (organization_id, message_id))
        return await cursor.fetchone()


async def set_moved(conn: Connection, organization_id: UUID, message_id: UUID) -> None:
    await conn.execute(_SET_MOVED, (organization_id, message_id))
