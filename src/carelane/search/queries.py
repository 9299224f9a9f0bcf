"""Every SQL statement of search.

Everything that finds is a range of an index in the collation "C", or a lookup by a key: under row-level security nothing else
would use an index.
"""

from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, uuid_array
from carelane.search.rows import Wanted
from carelane.search.schemas import FoundCaseOut, FoundOrderOut, FoundPatientOut, Kind

# Of those who have the rarest of several words, this many are looked at for the others.
_MOST_TOGETHER = 1_000
# Of what a member looked at, the newest this many reads are gone through.
_MOST_READS = 300

_HITS: LiteralString = """
SELECT n.kind, w.record_id, w.token = n.beginning AS is_whole, left(n.beginning, 2) = 'i:' AS is_code
FROM unnest(%(kinds)s::text[], %(beginnings)s::text[]) WITH ORDINALITY n (kind, beginning, place), LATERAL (
  SELECT t.record_id, t.token FROM search_tokens t
  WHERE t.organization_id = %(organization_id)s AND t.kind = n.kind
    AND t.token >= n.beginning AND t.token < n.beginning || U&'\\+10FFFF'
  ORDER BY t.token LIMIT %(most)s) w
ORDER BY n.place, w.token, w.record_id
"""
# Several words that are not beside one another, or only begun: those who have the one that the fewest have, and the others too.
_TOGETHER: LiteralString = """
WITH rarest AS MATERIALIZED (
  SELECT o.word FROM unnest(%(words)s::text[]) o (word), LATERAL (
    SELECT count(*) AS hits FROM (
      SELECT FROM search_tokens t
      WHERE t.organization_id = %(organization_id)s AND t.kind = 'patient'
        AND t.token >= o.word AND t.token < o.word || U&'\\+10FFFF'
      LIMIT %(most_together)s) t) n
  ORDER BY n.hits, char_length(o.word) DESC LIMIT 1)
SELECT DISTINCT w.record_id FROM rarest r, LATERAL (
  SELECT t.record_id FROM search_tokens t
  WHERE t.organization_id = %(organization_id)s AND t.kind = 'patient'
    AND t.token >= r.word AND t.token < r.word || U&'\\+10FFFF'
  ORDER BY t.token LIMIT %(most_together)s) w
WHERE NOT EXISTS (
  SELECT FROM unnest(%(words)s::text[]) o (word) WHERE NOT EXISTS (
    SELECT FROM search_tokens t WHERE t.organization_id = %(organization_id)s AND t.record_id = w.record_id
      AND t.token >= o.word AND t.token < o.word || U&'\\+10FFFF'))
LIMIT %(most)s
"""
_BY_ID: LiteralString = """
SELECT 'patient', p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = %(record_id)s
UNION ALL SELECT 'case', c.id FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(record_id)s
UNION ALL SELECT 'order', o.id FROM orders o WHERE o.organization_id = %(organization_id)s AND o.id = %(record_id)s
UNION ALL SELECT 'order', o.id FROM orders o WHERE o.organization_id = %(organization_id)s AND o.external_id = %(record_id)s
"""
_RECENT: LiteralString = """
SELECT r.record_kind, r.record_id FROM (
  SELECT r.id, r.record_kind, r.record_id FROM phi_reads r
  WHERE r.organization_id = %(organization_id)s AND r.actor_id = %(actor_id)s ORDER BY r.id DESC LIMIT %(most_reads)s) r
WHERE r.record_kind IN ('patient', 'case') GROUP BY r.record_kind, r.record_id ORDER BY max(r.id::text) DESC LIMIT %(most)s
"""
_NEWEST_ORDERS: LiteralString = """
SELECT o.id FROM orders o WHERE o.organization_id = %s ORDER BY o.id DESC LIMIT %s
"""
# In the order of `ids`; a record that was merged, as the one that stayed.
_PATIENTS: LiteralString = """
SELECT p.id, p.given_id AS reference, p.first_name, p.last_name, p.date_of_birth, p.email, p.phone_number, p.state,
  p.archived_at IS NOT NULL AS is_archived
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY n (id, place), LATERAL (
  SELECT coalesce(m.merged_into_id, m.id) AS id FROM patients m
  WHERE m.organization_id = %(organization_id)s AND m.id = n.id LIMIT 1) m, LATERAL (
  SELECT * FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = m.id LIMIT 1) p
ORDER BY n.place
"""
_CASES: LiteralString = """
SELECT c.id, c.short_id, c.status, c.patient_first_name AS first_name, c.patient_last_name AS last_name, c.is_archived, c.is_test,
  c.created_at
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY n (id, place), LATERAL (
  SELECT * FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = n.id LIMIT 1) c
ORDER BY n.place
"""
_ORDERS: LiteralString = """
SELECT o.id, o.status, c.short_id AS case_short_id, coalesce(p.name, o.pharmacy_name) AS pharmacy_name, o.pharmacy_order_id,
  o.tracking_id, o.is_test, o.created_at
FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY n (id, place), LATERAL (
  SELECT * FROM orders o WHERE o.organization_id = %(organization_id)s AND o.id = n.id LIMIT 1) o
JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = o.case_id
LEFT JOIN pharmacies p ON p.organization_id = %(organization_id)s AND p.id = o.pharmacy_id
ORDER BY n.place
"""


class Hit(msgspec.Struct, frozen=True):
    """`is_whole`: the token is what was typed, not only its beginning. `is_code`: the token is an id."""

    kind: Kind
    record_id: UUID
    is_whole: bool
    is_code: bool


async def list_hits(conn: Connection, organization_id: UUID, wanted: Wanted, most: int) -> list[Hit]:
    """Of each beginning at most `most`."""
    values = {"organization_id": organization_id, "kinds": wanted.kinds, "beginnings": wanted.beginnings, "most": most}
    cursor = await conn.execute(_HITS, values)
    return [Hit(*row) for row in await cursor.fetchall()]


async def list_together(conn: Connection, organization_id: UUID, words: list[str], most: int) -> list[UUID]:
    """Patients who have all of the words."""
    values: dict[str, Any] = {"organization_id": organization_id, "words": words, "most": most}
    cursor = await conn.execute(_TOGETHER, values | {"most_together": _MOST_TOGETHER})
    return [row[0] for row in await cursor.fetchall()]


async def list_by_id(conn: Connection, organization_id: UUID, record_id: UUID) -> list[tuple[Kind, UUID]]:
    """Of orders, by the id that the pharmacy knows too."""
    cursor = await conn.execute(_BY_ID, {"organization_id": organization_id, "record_id": record_id})
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def list_recent(
    conn: Connection, organization_id: UUID, actor_id: UUID | None, most: int
) -> list[tuple[Kind, UUID]]:
    """The patients and cases that the member looked at last."""
    values = {"organization_id": organization_id, "actor_id": actor_id, "most_reads": _MOST_READS, "most": most}
    cursor = await conn.execute(_RECENT, values)
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def list_newest_orders(conn: Connection, organization_id: UUID, most: int) -> list[UUID]:
    cursor = await conn.execute(_NEWEST_ORDERS, (organization_id, most))
    return [row[0] for row in await cursor.fetchall()]


async def list_patients(conn: Connection, organization_id: UUID, ids: list[UUID]) -> list[FoundPatientOut]:
    async with conn.cursor(row_factory=class_row(FoundPatientOut)) as cursor:
        await cursor.execute(_PATIENTS, _values(organization_id, ids))
        return await cursor.fetchall()


async def list_cases(conn: Connection, organization_id: UUID, ids: list[UUID]) -> list[FoundCaseOut]:
    async with conn.cursor(row_factory=class_row(FoundCaseOut)) as cursor:
        await cursor.execute(_CASES, _values(organization_id, ids))
        return await cursor.fetchall()


async def list_orders(conn: Connection, organization_id: UUID, ids: list[UUID]) -> list[FoundOrderOut]:
    async with conn.cursor(row_factory=class_row(FoundOrderOut)) as cursor:
        await cursor.execute(_ORDERS, _values(organization_id, ids))
        return await cursor.fetchall()


def _values(organization_id: UUID, ids: list[UUID]) -> dict[str, Any]:
    return {"organization_id": organization_id, "ids": uuid_array(ids)}
