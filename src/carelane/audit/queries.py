"""Every SQL statement of the audit."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.audit.schemas import ActorKind, ActorOut, AuditFilters, What
from carelane.kit.db import Connection, uuid_array
from carelane.patient_detail.seen.queries import MINE, MOST_RECORDS
from carelane.patients.queries import living
from carelane.permissions import Role

# Of acts by one person with one name, so many of the person's are looked through for a page: no index has both.
_MOST_LOOKED_THROUGH = 5_000
_MOST_ACTORS = 500

_BOUNDS: LiteralString = "n.organization_id = %(organization_id)s AND n.id < %(before)s AND n.id >= %(since)s"
_NEWEST: LiteralString = "ORDER BY n.id DESC LIMIT %(most)s"
_OF_ACTOR: LiteralString = " AND n.actor_id = %(actor_id)s"
# Only the system has no id.
_OF_SYSTEM: LiteralString = " AND n.actor_id IS NULL"
_OF_TYPE: LiteralString = " AND n.type = %(act)s"
_ACT: LiteralString = """
'ACT' AS what, n.id, n.created_at, n.type AS act, n.actor_kind, n.actor_id, NULL AS record_kind, n.target_id AS record_id, n.case_id,
NULL AS reason, CASE WHEN n.is_phi OR n.is_restricted THEN NULL ELSE n.value_before END AS value_before,
CASE WHEN n.is_phi OR n.is_restricted THEN NULL ELSE n.value_after END AS value_after, n.is_test, n.request_id
"""
_READ: LiteralString = """
'READ' AS what, n.id, n.created_at, 'READ' AS act, n.actor_kind, n.actor_id, n.record_kind, n.record_id,
CASE WHEN n.record_kind = 'case' THEN n.record_id END AS case_id, n.reason, NULL AS value_before, NULL AS value_after,
false AS is_test, n.request_id
"""
# Each record is looked at by its own index; what is of a case and about a record of its own is found twice.
_ABOUT: LiteralString = """
SELECT {columns} FROM unnest(%(records)s::uuid[]) m (id), LATERAL (
  SELECT * FROM {table} n WHERE n.{column} = m.id AND {where} ORDER BY n.id DESC LIMIT %(most)s) n
"""
_PAGE: LiteralString = """
SELECT r.id, r.created_at AS at, r.what, r.act, r.actor_kind, r.actor_id, coalesce(nullif(concat_ws(' ', s.title, s.first_name,
    s.last_name, s.title_suffix), ''), k.name) AS actor_name, s.role AS actor_role, r.record_kind, r.record_id, r.case_id,
  c.short_id AS case_short_id, r.reason, r.value_before, r.value_after, r.is_test, r.request_id
FROM (SELECT * FROM ({found}) n ORDER BY n.id DESC LIMIT %(most)s) r
LEFT JOIN staff s ON s.organization_id = %(organization_id)s AND s.id = r.actor_id AND r.actor_kind = 'staff'
LEFT JOIN credentials k ON k.organization_id = %(organization_id)s AND k.id = r.actor_id AND r.actor_kind IN ('key', 'client')
LEFT JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = r.case_id
ORDER BY r.id DESC
"""
_REACHED: LiteralString = """
SELECT n.id FROM events n WHERE {where} ORDER BY n.id DESC OFFSET %(looked)s - 1 LIMIT 1
"""
_RESOLVE: LiteralString = """
SELECT 'patient', {living} WHERE EXISTS (SELECT FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = %(id)s)
UNION ALL SELECT 'case', c.id FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(id)s
UNION ALL SELECT 'case', c.id FROM cases c WHERE c.organization_id = %(organization_id)s AND c.short_id = %(short_id)s
UNION ALL SELECT 'order', o.case_id FROM orders o WHERE o.organization_id = %(organization_id)s AND o.id = %(id)s
UNION ALL SELECT 'payment', y.id FROM payments y WHERE y.organization_id = %(organization_id)s AND y.id = %(id)s
UNION ALL SELECT 'charge', g.id FROM charges g WHERE g.organization_id = %(organization_id)s AND g.id = %(id)s
UNION ALL SELECT 'cart', k.id FROM carts k WHERE k.organization_id = %(organization_id)s AND k.id = %(id)s
UNION ALL SELECT 'quote', q.id FROM quotes q WHERE q.organization_id = %(organization_id)s AND q.id = %(id)s
LIMIT 1
""".replace("{living}", living("%(id)s"))
_OF_PATIENT: LiteralString = f"""{MINE}
SELECT m.id FROM mine m
UNION ALL (SELECT o.id FROM cases_found c JOIN orders o ON o.organization_id = %(organization_id)s AND o.case_id = c.id
  LIMIT %(most_records)s)
UNION ALL (SELECT i.id FROM invoices i WHERE i.organization_id = %(organization_id)s AND i.patient_id = %(patient_id)s
  ORDER BY i.id DESC LIMIT %(most_records)s)
"""
_ACTORS: LiteralString = """
(SELECT s.id, 'staff' AS kind, concat_ws(' ', s.title, s.first_name, s.last_name, s.title_suffix) AS name, s.role,
  s.deactivated_at IS NULL AS is_active FROM staff s WHERE s.organization_id = %(organization_id)s
  ORDER BY s.last_name, s.first_name, s.id LIMIT %(most)s)
UNION ALL (SELECT k.id, k.kind, k.name, NULL, k.revoked_at IS NULL FROM credentials k WHERE k.organization_id = %(organization_id)s
  ORDER BY k.revoked_at IS NOT NULL, k.name, k.id LIMIT %(most)s)
"""


class EntryRow(msgspec.Struct, frozen=True, kw_only=True):
    """One act or read; the kind of an act's record follows from its name."""

    id: UUID
    at: datetime
    what: What
    act: str
    actor_kind: ActorKind
    actor_id: UUID | None
    actor_name: str | None
    actor_role: Role | None
    record_kind: str | None
    record_id: UUID | None
    case_id: UUID | None
    case_short_id: str | None
    reason: str | None
    value_before: str | None
    value_after: str | None
    is_test: bool
    request_id: str | None


async def list_entries(conn: Connection, organization_id: UUID, filters: AuditFilters, most: int) -> list[EntryRow]:
    """The newest first."""
    found: LiteralString = " UNION ALL ".join(_sources(filters))
    async with conn.cursor(row_factory=class_row(EntryRow)) as cursor:
        await cursor.execute(_PAGE.format(found=found), _values(organization_id, filters, most))
        return await cursor.fetchall()


async def find_reached(conn: Connection, organization_id: UUID, filters: AuditFilters) -> UUID | None:
    """How far acts were looked through, when that was not to the end."""
    if not _is_narrowed(filters):
        return None
    statement = _REACHED.format(where=_BOUNDS + _whose(filters))
    row = await (await conn.execute(statement, _values(organization_id, filters, 0))).fetchone()
    return row[0] if row else None


async def find_record(
    conn: Connection, organization_id: UUID, record_id: UUID, short_id: str
) -> tuple[str, UUID] | None:
    """What the id is of, and whose reading is on record with it: an order is of its case."""
    values = {"organization_id": organization_id, "id": record_id, "short_id": short_id}
    row = await (await conn.execute(_RESOLVE, values)).fetchone()
    return (row[0], row[1]) if row else None


async def list_records_of(conn: Connection, organization_id: UUID, patient_id: UUID) -> list[UUID]:
    """The newest of each kind of what is a patient's."""
    values = {"organization_id": organization_id, "patient_id": patient_id, "most_records": MOST_RECORDS}
    return [row[0] for row in await (await conn.execute(_OF_PATIENT, values)).fetchall()]


async def list_actors(conn: Connection, organization_id: UUID) -> list[ActorOut]:
    """Members of staff by name, then keys and clients."""
    async with conn.cursor(row_factory=class_row(ActorOut)) as cursor:
        await cursor.execute(_ACTORS, {"organization_id": organization_id, "most": _MOST_ACTORS})
        return await cursor.fetchall()


def _sources(filters: AuditFilters) -> list[LiteralString]:
    whose = _whose(filters)
    named: LiteralString = _OF_TYPE if filters.wants_acts and filters.act else ""
    if filters.record_ids is not None:
        return _about(filters, _BOUNDS + whose + named, _BOUNDS + whose)
    within: LiteralString = f"SELECT * FROM events n WHERE {_BOUNDS}{whose}{named} {_NEWEST}"
    if _is_narrowed(filters):
        looked: LiteralString = f"SELECT * FROM events n WHERE {_BOUNDS}{whose} ORDER BY n.id DESC LIMIT %(looked)s"
        within = f"SELECT * FROM ({looked} OFFSET 0) n WHERE n.type = %(act)s {_NEWEST}"
    acts: LiteralString = f"(SELECT {_ACT} FROM ({within}) n)"
    reads: LiteralString = f"(SELECT {_READ} FROM (SELECT * FROM phi_reads n WHERE {_BOUNDS}{whose} {_NEWEST}) n)"
    return _wanted(filters, acts, reads)


def _about(filters: AuditFilters, acts: LiteralString, reads: LiteralString) -> list[LiteralString]:
    """Of the records. An event of a case about the case itself is one."""
    by_target: LiteralString = _ABOUT.format(columns=_ACT, table="events", column="target_id", where=acts)
    by_case: LiteralString = _ABOUT.format(columns=_ACT, table="events", column="case_id", where=acts)
    of_reads: LiteralString = _ABOUT.format(columns=_READ, table="phi_reads", column="record_id", where=reads)
    return _wanted(filters, f"({by_target} UNION {by_case})", f"({of_reads})")


def _wanted(filters: AuditFilters, acts: LiteralString, reads: LiteralString) -> list[LiteralString]:
    found: list[LiteralString] = []
    if filters.wants_acts:
        found.append(acts)
    if filters.wants_reads:
        found.append(reads)
    return found


def _whose(filters: AuditFilters) -> LiteralString:
    if not filters.is_of_actor:
        return ""
    return _OF_SYSTEM if filters.actor_id is None else _OF_ACTOR


def _is_narrowed(filters: AuditFilters) -> bool:
    """By person and act at once."""
    return filters.is_of_actor and filters.wants_acts and filters.act is not None and filters.record_ids is None


def _values(organization_id: UUID, filters: AuditFilters, most: int) -> dict[str, object]:
    return {
        "organization_id": organization_id,
        "since": filters.since,
        "before": filters.before,
        "actor_id": filters.actor_id,
        "act": filters.act,
        "records": uuid_array(filters.record_ids or ()),
        "most": most,
        "looked": _MOST_LOOKED_THROUGH,
    }
