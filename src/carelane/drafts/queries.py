"""Every SQL statement about drafts."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.drafts.schemas import DraftName, RecordKind
from carelane.kit.db import Connection
from carelane.kit.phi import Phi

# The place that a sealed draft is bound to.
DRAFT = "drafts.sealed"

# The form that was saved before keeps its row, and with it the id that its text is bound to: so the id is asked for first.
_FIND_ID: LiteralString = """
SELECT (SELECT d.id FROM drafts d WHERE d.organization_id = %(organization_id)s AND d.staff_id = %(staff_id)s
          AND d.record_kind = %(kind)s AND d.record_id = %(record_id)s AND d.form = %(form)s),
  CASE %(kind)s
    WHEN 'cases' THEN EXISTS (SELECT FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(record_id)s)
    WHEN 'orders' THEN EXISTS (SELECT FROM orders o WHERE o.organization_id = %(organization_id)s AND o.id = %(record_id)s)
    ELSE EXISTS (SELECT FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = %(record_id)s) END
"""
# Two windows of one member save one after the other.
_HOLD: LiteralString = """
SELECT pg_advisory_xact_lock(hashtextextended('draft ' || %(organization_id)s || %(staff_id)s || %(record_id)s || %(form)s, 0))
"""
_SAVE: LiteralString = """
INSERT INTO drafts (organization_id, id, staff_id, record_kind, record_id, form, sealed)
VALUES (%(organization_id)s, %(id)s, %(staff_id)s, %(kind)s, %(record_id)s, %(form)s, %(sealed)s)
ON CONFLICT ON CONSTRAINT drafts_form_key DO UPDATE SET sealed = excluded.sealed, saved_at = now()
RETURNING saved_at
"""
_DELETE: LiteralString = """
DELETE FROM drafts WHERE organization_id = %(organization_id)s AND staff_id = %(staff_id)s AND record_kind = %(kind)s
  AND record_id = %(record_id)s AND form = %(form)s AND (%(saved_by)s::timestamptz IS NULL OR saved_at <= %(saved_by)s) RETURNING id
"""
_FIND_SAVED_AT: LiteralString = """
SELECT saved_at FROM drafts WHERE organization_id = %(organization_id)s AND staff_id = %(staff_id)s AND record_kind = %(kind)s
  AND record_id = %(record_id)s AND form = %(form)s
"""
_LIST: LiteralString = """
SELECT id, record_kind, record_id, form, sealed, saved_at FROM drafts
WHERE organization_id = %s AND staff_id = %s AND record_kind = %s AND record_id = %s ORDER BY form
LIMIT 50
"""


class DraftRow(Phi, msgspec.Struct, frozen=True):
    id: UUID
    record_kind: RecordKind
    record_id: UUID
    form: str
    sealed: bytes
    saved_at: datetime


class DraftPlace(msgspec.Struct, frozen=True):
    """The row of the form's draft, if there is one; and whether there is such a record."""

    id: UUID | None
    is_record_there: bool


def _named(organization_id: UUID, staff_id: UUID, name: DraftName) -> dict[str, object]:
    return {"organization_id": organization_id, "staff_id": staff_id, **msgspec.structs.asdict(name)}


async def lock_place(conn: Connection, organization_id: UUID, staff_id: UUID, name: DraftName) -> DraftPlace:
    """Until the transaction ends, nobody else saves this draft."""
    values = _named(organization_id, staff_id, name)
    await conn.execute(
        _HOLD,
        values | {"organization_id": str(organization_id), "staff_id": str(staff_id), "record_id": str(name.record_id)},
    )
    row = await (await conn.execute(_FIND_ID, values)).fetchone()
    assert row is not None
    return DraftPlace(*row)


async def save_draft(
    conn: Connection, organization_id: UUID, staff_id: UUID, name: DraftName, draft_id: UUID, sealed: bytes
) -> datetime:
    values = _named(organization_id, staff_id, name) | {"id": draft_id, "sealed": sealed}
    row = await (await conn.execute(_SAVE, values)).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


async def find_saved_at(conn: Connection, organization_id: UUID, staff_id: UUID, name: DraftName) -> datetime | None:
    row = await (await conn.execute(_FIND_SAVED_AT, _named(organization_id, staff_id, name))).fetchone()
    return row[0] if row else None


async def delete_draft(
    conn: Connection, organization_id: UUID, staff_id: UUID, name: DraftName, saved_by: datetime | None
) -> bool:
    """Whether it was there; one that was saved after `saved_by` stays."""
    values = _named(organization_id, staff_id, name) | {"saved_by": saved_by}
    return await (await conn.execute(_DELETE, values)).fetchone() is not None


async def list_drafts(
    conn: Connection, organization_id: UUID, staff_id: UUID, kind: RecordKind, record_id: UUID
) -> list[DraftRow]:
    async with conn.cursor(row_factory=class_row(DraftRow)) as cursor:
        await cursor.execute(_LIST, (organization_id, staff_id, kind, record_id))
        return await cursor.fetchall()


async def delete_old(conn: Connection, older_than: timedelta) -> int:
    """Of all organizations."""
    row = await (await conn.execute("SELECT delete_old_drafts(%s)", (older_than,))).fetchone()
    return int(row[0]) if row else 0
