"""The SQL statements about what `carelane apply` last applied."""

from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.kit.db import Connection, to_json

_LOCK: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('apply ' || %s, 0))"
_LIST: LiteralString = "SELECT kind, record_id, fields::text FROM applied_records WHERE organization_id = %s"
_SAVE: LiteralString = """
INSERT INTO applied_records (organization_id, kind, record_id, fields, actor_kind, actor_id)
SELECT %s, n.kind, n.record_id, n.fields, %s, %s FROM json_populate_recordset(null::applied_records, %s) n
ON CONFLICT (organization_id, kind, record_id) DO UPDATE SET
  fields = excluded.fields, actor_kind = excluded.actor_kind, actor_id = excluded.actor_id, applied_at = now()
WHERE applied_records.fields <> excluded.fields
"""

# What a file says of a record, by the file's own keys; ready for JSON.
Fields = dict[str, Any]


class AppliedRecord(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    record_id: UUID
    fields: Fields


async def lock_organization_file(conn: Connection, organization_id: UUID) -> None:
    """Keeps other applies to this organization out until the transaction ends, whether its row exists or not."""
    await conn.execute(_LOCK, (str(organization_id),))


async def list_applied(conn: Connection, organization_id: UUID) -> list[AppliedRecord]:
    cursor = await conn.execute(_LIST, (organization_id,))
    return [
        AppliedRecord(kind=kind, record_id=record_id, fields=msgspec.json.decode(fields))
        for kind, record_id, fields in await cursor.fetchall()
    ]


async def save_applied(conn: Connection, actor: Actor, records: list[AppliedRecord]) -> None:
    """What is remembered already stays as it is, with the moment it was applied at."""
    await conn.execute(_SAVE, (actor.organization_id, actor.kind, actor.id, to_json(records)))
