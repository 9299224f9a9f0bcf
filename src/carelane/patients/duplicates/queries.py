"""SQL that finds records which may be of one person, by equality alone: each look reaches an index, however many patients there are."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.patients.duplicates.schemas import SameField

# Doubles come with new records: whoever of so many, the newest, has the same as anybody else is found.
MOST_SEEN = 1_000
MOST_GROUPS = 100
MOST_OF_GROUP = 20

_COLUMNS: dict[SameField, tuple[LiteralString, ...]] = {
    "name": ("last_name_key", "first_name_key", "date_of_birth"),
    "email": ("mailbox",),
    "phoneNumber": ("phone_e164",),
}


def _doubles(field: SameField) -> LiteralString:
    names = _COLUMNS[field]
    columns: LiteralString = ", ".join(names)
    is_known: LiteralString = " AND ".join("p." + name + " IS NOT NULL" for name in names)
    is_same: LiteralString = " AND ".join("d." + name + " = s." + name for name in names)
    return f"""
SELECT g.ids FROM (
  SELECT {columns}, max(created_at) AS created_at FROM (
    SELECT p.* FROM patients p WHERE p.organization_id = %(organization_id)s AND p.archived_at IS NULL
    ORDER BY p.created_at DESC, p.id DESC LIMIT %(most_seen)s) p
  WHERE {is_known} GROUP BY {columns}) s, LATERAL (
  SELECT array_agg(m.id ORDER BY m.created_at, m.id) AS ids FROM (
    SELECT d.id, d.created_at FROM patients d
    WHERE d.organization_id = %(organization_id)s AND d.archived_at IS NULL AND {is_same} LIMIT %(most_of_group)s) m) g
WHERE cardinality(g.ids) > 1 ORDER BY s.created_at DESC, g.ids LIMIT %(most_groups)s
"""


_DOUBLES: dict[SameField, LiteralString] = {field: _doubles(field) for field in _COLUMNS}


class Group(msgspec.Struct, frozen=True):
    """Ids of patients who have the same `field`."""

    field: SameField
    ids: list[UUID]


async def list_doubles(conn: Connection, organization_id: UUID, field: SameField) -> list[Group]:
    """Groups with the newest patients first; in each, whoever was made first comes first."""
    values = {
        "organization_id": organization_id,
        "most_seen": MOST_SEEN,
        "most_groups": MOST_GROUPS,
        "most_of_group": MOST_OF_GROUP,
    }
    return [Group(field, row[0]) for row in await (await conn.execute(_DOUBLES[field], values)).fetchall()]
