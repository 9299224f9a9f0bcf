"""The SQL of who may see a patient."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from carelane.audit.readers.schemas import ReaderRow
from carelane.kit.db import Connection, uuid_array

_MOST_COUNTED = 1_000

_LIST: LiteralString = """
WITH looked AS MATERIALIZED (
  SELECT r.actor_id, count(*) AS times, max(r.created_at) AS last_at
  FROM unnest(%(records)s::uuid[]) m (id), LATERAL (
    SELECT n.actor_id, n.actor_kind, n.created_at FROM phi_reads n
    WHERE n.organization_id = %(organization_id)s AND n.record_id = m.id ORDER BY n.id DESC LIMIT %(most_counted)s) r
  WHERE r.actor_kind IN ('staff', 'key', 'client') GROUP BY r.actor_id
), somebody AS (
  SELECT s.id, 'staff' AS kind, concat_ws(' ', s.title, s.first_name, s.last_name, s.title_suffix) AS name, s.first_name, s.last_name,
    s.role, ARRAY[]::text[] AS scopes, s.deactivated_at IS NULL AS is_active
  FROM staff s WHERE s.organization_id = %(organization_id)s
  UNION ALL
  SELECT k.id, k.kind, k.name, NULL, NULL, NULL, k.scopes, k.revoked_at IS NULL FROM credentials k WHERE k.organization_id = %(organization_id)s
)
SELECT o.*, coalesce(l.times, 0) AS times, l.last_at FROM somebody o LEFT JOIN looked l ON l.actor_id = o.id
WHERE l.times > 0 OR o.is_active AND (o.role = ANY(%(roles)s::text[]) OR o.scopes && %(scopes)s::text[])
ORDER BY o.kind <> 'staff', o.role, o.last_name, o.first_name, o.name, o.id LIMIT %(most)s
"""


async def list_readers(
    conn: Connection,
    organization_id: UUID,
    records: Sequence[UUID],
    roles: Sequence[str],
    scopes: Sequence[str],
    most: int,
) -> list[ReaderRow]:
    """Who has one of the roles or scopes, and who has looked at any of the records."""
    values: dict[str, object] = {
        "organization_id": organization_id,
        "records": uuid_array(records),
        "roles": list(roles),
        "scopes": list(scopes),
        "most_counted": _MOST_COUNTED,
        "most": most,
    }
    async with conn.cursor(row_factory=class_row(ReaderRow)) as cursor:
        await cursor.execute(_LIST, values)
        return await cursor.fetchall()
