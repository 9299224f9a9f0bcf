"""Statements that change a charge beside its money, and whose charges are which."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.charges.schemas import UserOut
from carelane.kit.db import Connection, uuid_array

_OURS: LiteralString = "organization_id = %(organization_id)s AND id = %(charge_id)s AND archived_at IS NULL"
# Of two texts the first says whether it is changed, for an empty one takes away what there was.
_SAVE: LiteralString = f"""
UPDATE charges SET updated_at = now(),
  description_sealed = CASE WHEN %(has_description)s THEN %(description)s::bytea ELSE description_sealed END,
  comment_sealed = CASE WHEN %(has_comment)s THEN %(comment)s::bytea ELSE comment_sealed END,
  external_created_at = coalesce(%(external_created_at)s::timestamptz, external_created_at)
WHERE {_OURS} RETURNING is_test
"""
_SET_ARCHIVED: LiteralString = f"UPDATE charges SET archived_at = now(), updated_at = now() WHERE {_OURS}"
_SET_SELLER: LiteralString = """
UPDATE charge_lines n SET sold_by_id = %(staff_id)s FROM charges c
WHERE n.organization_id = %(organization_id)s AND n.id = %(line_id)s AND (%(is_package)s = false OR n.bundle_id IS NOT NULL)
  AND c.organization_id = n.organization_id AND c.id = n.charge_id AND c.archived_at IS NULL
RETURNING c.id, c.is_test
"""
_LIST_PATIENTS: LiteralString = """
SELECT c.id, json_build_object('id', coalesce(p.given_id, p.id::text), 'firstName', p.first_name, 'lastName', p.last_name,
  'phoneNumber', p.phone_number, 'email', p.email, 'type', 'PATIENT', 'locationId', (
    SELECT coalesce(l.given_id, l.id::text) FROM locations l
    WHERE l.organization_id = p.organization_id AND l.id = p.primary_location_id))::text
FROM charges c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE c.organization_id = %(organization_id)s AND c.id = ANY(%(charge_ids)s::uuid[]) AND c.archived_at IS NULL
"""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What is written on a charge from now on. `None`: what is there stays; empty bytes: nothing."""

    description: bytes | None = None
    comment: bytes | None = None
    external_created_at: datetime | None = None


async def save_written(conn: Connection, organization_id: UUID, charge_id: UUID, new: Written) -> bool | None:
    """Whether the charge is of test money; None where there is no such charge."""
    values = {
        "organization_id": organization_id,
        "charge_id": charge_id,
        "has_description": new.description is not None,
        "description": new.description or None,
        "has_comment": new.comment is not None,
        "comment": new.comment or None,
        "external_created_at": new.external_created_at,
    }
    row = await (await conn.execute(_SAVE, values)).fetchone()
    return bool(row[0]) if row else None


async def set_archived(conn: Connection, organization_id: UUID, charge_id: UUID) -> None:
    await conn.execute(_SET_ARCHIVED, {"organization_id": organization_id, "charge_id": charge_id})


async def set_seller(
    conn: Connection, organization_id: UUID, line_id: UUID, staff_id: UUID | None, *, is_package: bool
) -> tuple[UUID, bool] | None:
    """The charge that the line is of, and whether it is of test money; None where there is no such line."""
    values = {"organization_id": organization_id, "line_id": line_id, "staff_id": staff_id, "is_package": is_package}
    row = await (await conn.execute(_SET_SELLER, values)).fetchone()
    return (row[0], bool(row[1])) if row else None


async def list_patients(conn: Connection, organization_id: UUID, charge_ids: list[UUID]) -> dict[UUID, UserOut]:
    """Whom the charges are of, by the id of the charge."""
    values = {"organization_id": organization_id, "charge_ids": uuid_array(charge_ids)}
    cursor = await conn.execute(_LIST_PATIENTS, values)
    return {row[0]: msgspec.json.decode(row[1], type=UserOut) for row in await cursor.fetchall()}
