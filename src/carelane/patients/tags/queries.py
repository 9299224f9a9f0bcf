"""Every SQL statement about tags."""

from functools import cache
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, uuid_array
from carelane.patients.tags.schemas import TagDetailOut, TagFilters, TagIn, TagOut, TagPatch, TagSortBy
from carelane.web.paging import Page

_TAG: LiteralString = """
'id', t.id, 'name', t.name, 'isActive', t.is_active, 'createdDate', t.created_at, 'emoji', t.emoji, 'color', t.color,
'updatedDate', t.updated_at
"""
_SHOWN: LiteralString = f"json_build_object({_TAG})::text"
# Whoever has more will not ask how many exactly; and nobody waits for the count.
_DETAIL: LiteralString = f"""
json_build_object({_TAG}, 'patientCount', (
    SELECT count(*) FROM (
      SELECT FROM patient_tag_assignments a, LATERAL (
        SELECT p.archived_at FROM patients p WHERE p.organization_id = a.organization_id AND p.id = a.patient_id LIMIT 1) p
      WHERE a.organization_id = t.organization_id AND a.tag_id = t.id AND p.archived_at IS NULL
      ORDER BY a.patient_id LIMIT 10000) n))::text
"""
_FIND: LiteralString = f"SELECT {_DETAIL} FROM patient_tags t WHERE t.organization_id = %s AND t.id = %s"

_INSERT: LiteralString = f"""
INSERT INTO patient_tags AS t (organization_id, id, name, emoji, color, is_active) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING RETURNING {_SHOWN}
"""

_UPDATE: LiteralString = f"""
UPDATE patient_tags t SET name = coalesce(%(name)s, t.name), emoji = coalesce(%(emoji)s, t.emoji),
  color = coalesce(%(color)s, t.color), is_active = coalesce(%(is_active)s, t.is_active), updated_at = now()
WHERE t.organization_id = %(organization_id)s AND t.id = %(id)s RETURNING {_SHOWN}
"""

# Locked first: an assignment under way has committed by then, and a later one finds the tag gone.
_LOCK: LiteralString = "SELECT t.id FROM patient_tags t WHERE t.organization_id = %s AND t.id = %s FOR UPDATE"
_DELETE_ASSIGNMENTS: LiteralString = "DELETE FROM patient_tag_assignments WHERE organization_id = %s AND tag_id = %s"
_DELETE: LiteralString = "DELETE FROM patient_tags WHERE organization_id = %s AND id = %s"

_LOCK_FOR_USE: LiteralString = """
SELECT t.id FROM patient_tags t WHERE t.organization_id = %s AND t.id = ANY(%s::uuid[]) ORDER BY t.id FOR KEY SHARE
"""
_REMOVE_OTHERS: LiteralString = """
DELETE FROM patient_tag_assignments WHERE organization_id = %s AND patient_id = %s AND tag_id <> ALL(%s::uuid[])
"""
_ASSIGN: LiteralString = """
INSERT INTO patient_tag_assignments (organization_id, patient_id, tag_id)
SELECT %s, %s, unnest(%s::uuid[]) ON CONFLICT DO NOTHING
"""
_CONDITIONS: dict[str, LiteralString] = {
    "name": "strpos(lower(t.name), (SELECT lower(%(name)s))) > 0",
    "is_active": "t.is_active = %(is_active)s",
}
_SORTS: dict[TagSortBy, LiteralString] = {
    "name": "t.name",
    "created_date": "t.created_at",
    "updated_date": "t.updated_at",
}


@cache
def _page(conditions: tuple[str, ...], sort_by: TagSortBy, is_descending: bool) -> tuple[LiteralString, LiteralString]:
    where: LiteralString = " FROM patient_tags t WHERE t.organization_id = %(organization_id)s" + "".join(
        " AND " + _CONDITIONS[name] for name in conditions
    )
    way: LiteralString = " DESC" if is_descending else " ASC"
    order = " ORDER BY " + _SORTS[sort_by] + way + ", t.id" + way + " LIMIT %(most)s OFFSET %(skipped)s"
    return "SELECT count(*)" + where, "SELECT " + _SHOWN + where + order


async def list_page(
    conn: Connection, organization_id: UUID, filters: TagFilters, page: Page
) -> tuple[list[TagOut], int]:
    """A page, and how many there are on all pages."""
    asked_for = tuple(name for name in _CONDITIONS if getattr(filters, name) is not None)
    count, rows = _page(asked_for, filters.sort_by, filters.is_descending)
    values = {name: getattr(filters, name) for name in asked_for}
    values |= {"organization_id": organization_id, "most": page.limit, "skipped": page.offset}
    counted, found = await conn.execute(count, values), await conn.execute(rows, values)
    (total,) = (await counted.fetchall())[0]
    return [_tag(row) for row in await found.fetchall()], total


async def find_tag(conn: Connection, organization_id: UUID, tag_id: UUID) -> TagDetailOut | None:
    row = await (await conn.execute(_FIND, (organization_id, tag_id))).fetchone()
    return msgspec.json.decode(row[0], type=TagDetailOut) if row else None


async def insert_tag(conn: Connection, organization_id: UUID, tag_id: UUID, tag: TagIn) -> TagOut | None:
    """None when another tag has the name."""
    values = (organization_id, tag_id, tag.name, tag.emoji, tag.color, tag.is_active)
    row = await (await conn.execute(_INSERT, values)).fetchone()
    return _tag(row) if row else None


async def update_tag(conn: Connection, organization_id: UUID, tag_id: UUID, patch: TagPatch) -> TagOut | None:
    """None when there is no such tag. Raises UniqueViolation when another has the name."""
    values = msgspec.structs.asdict(patch) | {"organization_id": organization_id, "id": tag_id}
    row = await (await conn.execute(_UPDATE, values)).fetchone()
    return _tag(row) if row else None


async def delete_tag(conn: Connection, organization_id: UUID, tag_id: UUID) -> bool:
    """Takes it from all patients too. False when there is no such tag."""
    here = (organization_id, tag_id)
    if await (await conn.execute(_LOCK, here)).fetchone() is None:
        return False
    await conn.execute(_DELETE_ASSIGNMENTS, here)
    await conn.execute(_DELETE, here)
    return True


async def lock_tags(conn: Connection, organization_id: UUID, tag_ids: list[UUID]) -> set[UUID]:
    """Those of `tag_ids` that are there; they stay there until the transaction ends."""
    found = await conn.execute(_LOCK_FOR_USE, (organization_id, uuid_array(tag_ids)))
    return {row[0] for row in await found.fetchall()}


async def set_tags(conn: Connection, organization_id: UUID, patient_id: UUID, tag_ids: list[UUID]) -> None:
    """The patient has these tags and no others. The patient's row and the tags must be locked."""
    values = (organization_id, patient_id, uuid_array(tag_ids))
    await conn.execute(_REMOVE_OTHERS, values)
    await conn.execute(_ASSIGN, values)


def _tag(row: tuple[Any, ...]) -> TagOut:
    return msgspec.json.decode(row[0], type=TagOut)
