"""Every SQL statement about users."""

from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.kit.phi import Phi
from carelane.patients.profiles.queries import PROFILE, ProfileRow
from carelane.patients.queries import STANDS_FOR

_BY: dict[Literal["email", "phone"], LiteralString] = {
    "email": "r.mailbox = %(identifier)s",
    "phone": "r.phone_e164 = %(identifier)s",
}
# A record that was merged stands for the one that stayed.
_KNOWN: LiteralString = f"""
FROM patients r {STANDS_FOR}
WHERE r.organization_id = %(organization_id)s AND p.archived_at IS NULL AND """
_FIND: LiteralString = f"SELECT p.id, p.created_at {_KNOWN}"
# Of several the one who was active last, as a one-time code finds them.
_NEWEST: LiteralString = " ORDER BY p.updated_at DESC, p.id DESC LIMIT 1"
_WHO: LiteralString = f"SELECT DISTINCT p.id, p.first_name_key, p.date_of_birth::text {_KNOWN} {_BY['email']}"
_INSERT: LiteralString = """
INSERT INTO patients (organization_id, id, email, mailbox, first_name, last_name, first_name_key, last_name_key, gender,
  phone_number, phone_e164, date_of_birth, language_preferences, address_line1, address_line2, city, state, postal_code,
  country, sms_notifications_disabled, email_notifications_disabled, chart_sealed)
SELECT %(organization_id)s, %(id)s, n.email, n.mailbox, n.first_name, n.last_name, n.first_name_key, n.last_name_key, n.gender,
  n.phone_number, n.phone_e164, n.date_of_birth, coalesce(n.language_preferences, '{}'), n.address_line1, n.address_line2,
  n.city, n.state, n.postal_code, n.country, coalesce(n.sms_notifications_disabled, false),
  coalesce(n.email_notifications_disabled, false), n.chart_sealed
FROM json_populate_record(null::patients, %(columns)s) n
"""
_ORDER: dict[Literal["asc", "desc"], LiteralString] = {
    "asc": "ORDER BY p.created_at, p.id LIMIT %(most)s",
    "desc": "ORDER BY p.created_at DESC, p.id DESC LIMIT %(most)s",
}
# The first half is what lets the index be used. Nothing follows an unknown patient.
_PLACE: LiteralString = "FROM patients b WHERE b.organization_id = %(organization_id)s AND b.id = %(after)s"
_AFTER: dict[Literal["asc", "desc"], LiteralString] = {
    "asc": f"AND p.created_at >= (SELECT b.created_at {_PLACE}) AND (p.created_at, p.id) > (SELECT b.created_at, b.id {_PLACE})",
    "desc": f"AND p.created_at <= (SELECT b.created_at {_PLACE}) AND (p.created_at, p.id) < (SELECT b.created_at, b.id {_PLACE})",
}
# Up to so many are looked at one by one; what more begin with is met soon enough among all.
_MOST_FEW = 2_000


def _page(order: Literal["asc", "desc"], *, is_onward: bool) -> LiteralString:
    further: LiteralString = f"""p.archived_at IS NULL AND p.mailbox IS NOT NULL AND starts_with(p.mailbox, %(prefix)s)
    {_AFTER[order] if is_onward else ""}"""
    return f"""
WITH few AS MATERIALIZED (
  SELECT t.record_id AS id FROM search_tokens t
  WHERE t.organization_id = %(organization_id)s AND t.kind = 'patient'
    AND t.token >= 'm:' || %(prefix)s AND t.token < 'm:' || %(prefix)s || U&'\\+10FFFF' LIMIT %(most_few)s + 1)
SELECT {PROFILE} FROM (
  (SELECT p.* FROM (SELECT DISTINCT id FROM few) f, LATERAL (
     SELECT * FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = f.id LIMIT 1) p
   WHERE (SELECT count(*) FROM few) <= %(most_few)s AND {further})
  UNION ALL
  (SELECT p.* FROM patients p
   WHERE p.organization_id = %(organization_id)s AND (SELECT count(*) FROM few) > %(most_few)s AND {further} {_ORDER[order]})) p
{_ORDER[order]}
"""


class Found(Phi, msgspec.Struct, frozen=True):
    id: UUID
    created_at: datetime


class Sharer(Phi, msgspec.Struct, frozen=True):
    """One of those who have an e-mail address."""

    id: UUID
    first_name_key: str | None
    date_of_birth: str | None


async def find_user(
    conn: Connection, organization_id: UUID, kind: Literal["email", "phone"], identifier: str
) -> Found | None:
    values = {"organization_id": organization_id, "identifier": identifier}
    row = await (await conn.execute(_FIND + _BY[kind] + _NEWEST, values)).fetchone()
    return Found(*row) if row else None


async def list_sharers(conn: Connection, organization_id: UUID, mailbox: str) -> list[Sharer]:
    """Who has the e-mail address."""
    cursor = await conn.execute(_WHO, {"organization_id": organization_id, "identifier": mailbox})
    return [Sharer(*row) for row in await cursor.fetchall()]


async def insert_user(conn: Connection, organization_id: UUID, patient_id: UUID, columns: dict[str, Any]) -> None:
    await conn.execute(_INSERT, {"organization_id": organization_id, "id": patient_id, "columns": to_json(columns)})


async def list_users(
    conn: Connection, organization_id: UUID, prefix: str, after: UUID | None, order: Literal["asc", "desc"], most: int
) -> list[ProfileRow]:
    """Those whose mailbox begins with `prefix`, by when their records were made."""
    values = {"organization_id": organization_id, "prefix": prefix, "after": after, "most": most, "most_few": _MOST_FEW}
    async with conn.cursor(row_factory=class_row(ProfileRow)) as cursor:
        await cursor.execute(_page(order, is_onward=after is not None), values)
        return await cursor.fetchall()
