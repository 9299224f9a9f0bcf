"""Every SQL statement about who saw a patient's record."""

from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.patient_detail.seen.schemas import SightOut, SummaryOut
from carelane.patients.queries import family, living

# Of each kind of record the newest.
MOST_RECORDS = 200
# Of each record, for the summary.
_MOST_COUNTED = 1_000

_EXISTS: LiteralString = f"SELECT {living('%(id)s')}"
# What of the patient's is on record when it is seen, with the records that were merged into the patient's.
MINE: LiteralString = f"""
WITH cases_found AS MATERIALIZED (
  SELECT c.id, c.short_id FROM cases c WHERE c.organization_id = %(organization_id)s AND c.patient_id = %(patient_id)s
  ORDER BY c.created_at DESC LIMIT %(most_records)s
), mine AS MATERIALIZED (
  SELECT f AS id, NULL AS short_id FROM unnest({family("%(patient_id)s::uuid")}) f
  UNION ALL SELECT c.id, c.short_id FROM cases_found c
  UNION ALL (SELECT a.id, c.short_id FROM cases_found c
    JOIN attachments a ON a.organization_id = %(organization_id)s AND a.case_id = c.id LIMIT %(most_records)s)
  UNION ALL (SELECT e.id, c.short_id FROM cases_found c
    JOIN calendar_events e ON e.organization_id = %(organization_id)s AND e.case_id = c.id LIMIT %(most_records)s)
  UNION ALL (SELECT a.id, NULL FROM attachments a WHERE a.organization_id = %(organization_id)s
    AND a.uploaded_by_patient_id = %(patient_id)s AND a.case_id IS NULL LIMIT %(most_records)s)
  UNION ALL (SELECT y.id, NULL FROM payments y WHERE y.organization_id = %(organization_id)s AND y.patient_id = %(patient_id)s
    LIMIT %(most_records)s)
  UNION ALL (SELECT k.id, NULL FROM carts k WHERE k.organization_id = %(organization_id)s AND k.patient_id = %(patient_id)s
    ORDER BY k.created_at DESC LIMIT %(most_records)s)
  UNION ALL (SELECT q.id, NULL FROM quotes q WHERE q.organization_id = %(organization_id)s AND q.patient_id = %(patient_id)s
    ORDER BY q.created_at DESC LIMIT %(most_records)s)
  UNION ALL (SELECT g.id, NULL FROM charges g WHERE g.organization_id = %(organization_id)s AND g.patient_id = %(patient_id)s
    ORDER BY g.created_at DESC LIMIT %(most_records)s)
)"""
_LIST: LiteralString = f"""{MINE}
SELECT r.id, r.created_at AS at, r.actor_kind, r.actor_id, coalesce(nullif(concat_ws(' ', s.title, s.first_name,
    s.last_name, s.title_suffix), ''), k.name) AS name, s.first_name, s.last_name, s.role, r.record_kind, r.short_id AS case_short_id, r.reason
FROM (
  SELECT n.*, m.short_id FROM mine m, LATERAL (
    SELECT * FROM phi_reads n WHERE n.organization_id = %(organization_id)s AND n.record_id = m.id
      AND (%(after)s::uuid IS NULL OR n.id < %(after)s) ORDER BY n.id DESC LIMIT %(most)s) n
  ORDER BY n.id DESC LIMIT %(most)s) r
LEFT JOIN staff s ON s.organization_id = r.organization_id AND s.id = r.actor_id AND r.actor_kind = 'staff'
LEFT JOIN credentials k ON k.organization_id = r.organization_id AND k.id = r.actor_id AND r.actor_kind IN ('key', 'client')
ORDER BY r.id DESC
"""
_SUMMARY: LiteralString = f"""{MINE}
SELECT count(*) AS times, count(DISTINCT r.actor_id) FILTER (WHERE r.actor_kind = 'staff') AS people,
  count(DISTINCT r.actor_id) FILTER (WHERE r.actor_kind IN ('key', 'client')) AS programs, coalesce(bool_or(r.is_last), false) AS is_at_least
FROM mine m, LATERAL (
  SELECT n.actor_kind, n.actor_id, row_number() OVER (ORDER BY n.id DESC) >= %(most_counted)s AS is_last FROM (
    SELECT * FROM phi_reads n WHERE n.organization_id = %(organization_id)s AND n.record_id = m.id
    ORDER BY n.id DESC LIMIT %(most_counted)s) n
  WHERE n.created_at > now() - interval '180 days') r
"""


async def find_living(conn: Connection, organization_id: UUID, patient_id: UUID) -> UUID | None:
    """The patient whom the id stands for."""
    cursor = await conn.execute(_EXISTS, {"organization_id": organization_id, "id": patient_id})
    row = await cursor.fetchone()
    return row[0] if row else None


async def list_sights(
    conn: Connection, organization_id: UUID, patient_id: UUID, after: UUID | None, most: int
) -> list[SightOut]:
    values = {"organization_id": organization_id, "patient_id": patient_id, "after": after, "most": most}
    async with conn.cursor(row_factory=class_row(SightOut)) as cursor:
        await cursor.execute(_LIST, values | {"most_records": MOST_RECORDS})
        return await cursor.fetchall()


async def get_summary(conn: Connection, organization_id: UUID, patient_id: UUID) -> SummaryOut:
    values = {"organization_id": organization_id, "patient_id": patient_id}
    bounds = {"most_records": MOST_RECORDS, "most_counted": _MOST_COUNTED}
    async with conn.cursor(row_factory=class_row(SummaryOut)) as cursor:
        await cursor.execute(_SUMMARY, values | bounds)
        row = await cursor.fetchone()
    return row or SummaryOut(times=0, people=0, programs=0, is_at_least=False)
