"""Every SQL statement about a patient's files. `a` is the file, `%(patient_id)s` the patient."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.documents.queries import INSERT_ATTACHMENTS, Attachment
from carelane.kit.db import Connection, to_json
from carelane.kit.phi import Phi
from carelane.staff.queries import person_json
from carelane.staff.schemas import BasicUserOut

_SHOWN: LiteralString = f"""
SELECT json_build_object('id', a.id, 'file_name', encode(a.file_name_sealed, 'hex'), 'is_phi', a.is_phi,
  'is_restricted', a.is_restricted, 'case_id', a.case_id, 'created_at', a.created_at,
  'is_own', a.uploaded_by_patient_id IS NOT DISTINCT FROM %(patient_id)s,
  'uploaded_by', {person_json("a", "uploaded_by_staff_id", "uploaded_by_patient_id")})::text
FROM attachments a
"""
# A note, and whatever hangs on it, is for staff alone.
_OF_CASES: LiteralString = """
a.organization_id = %(organization_id)s AND a.deleted_at IS NULL AND NOT a.is_restricted
AND a.case_id IN (SELECT c.id FROM cases c WHERE c.organization_id = %(organization_id)s AND c.patient_id = %(patient_id)s)
AND NOT EXISTS (SELECT FROM comments m WHERE m.organization_id = a.organization_id AND m.id = a.comment_id
  AND (m.is_restricted OR m.deleted_at IS NOT NULL))
"""
_ONE: LiteralString = (
    "WHERE a.organization_id = %(organization_id)s AND a.id = %(file_id)s AND (("
    + _OF_CASES
    + ") OR (a.case_id IS NULL AND a.deleted_at IS NULL AND a.uploaded_by_patient_id = %(patient_id)s))"
)
_LIST: LiteralString = (
    _SHOWN
    + "WHERE "
    + _OF_CASES
    + """
AND (%(case_id)s::uuid IS NULL OR a.case_id = %(case_id)s) AND (%(is_phi)s::boolean IS NULL OR a.is_phi = %(is_phi)s)
ORDER BY a.created_at DESC, a.id DESC LIMIT %(most)s
"""
)
_INSERT: LiteralString = f"WITH sent AS (SELECT %s::jsonb AS rows) {INSERT_ATTACHMENTS} RETURNING created_at"


class FileRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The name is still sealed, in hex. `is_own`: this patient uploaded it."""

    id: UUID
    file_name: str
    is_phi: bool
    is_restricted: bool
    case_id: UUID | None
    created_at: datetime
    is_own: bool
    uploaded_by: BasicUserOut | None


class OwnCase(msgspec.Struct, frozen=True):
    is_archived: bool
    is_test: bool


async def find_case(
    conn: Connection, organization_id: UUID, patient_id: UUID, case_id: UUID, *, is_locked: bool = False
) -> OwnCase | None:
    """The case, if it is the patient's; `is_locked`: nobody else moves it until the transaction ends."""
    statement: LiteralString = (
        "SELECT is_archived, is_test FROM cases WHERE organization_id = %s AND id = %s AND patient_id = %s"
    )
    locking: LiteralString = " FOR NO KEY UPDATE" if is_locked else ""
    row = await (await conn.execute(statement + locking, (organization_id, case_id, patient_id))).fetchone()
    return OwnCase(*row) if row else None


async def list_files(
    conn: Connection, organization_id: UUID, patient_id: UUID, case_id: UUID | None, is_phi: bool | None, most: int
) -> list[FileRow]:
    values = {
        "organization_id": organization_id,
        "patient_id": patient_id,
        "case_id": case_id,
        "is_phi": is_phi,
        "most": most,
    }
    cursor = await conn.execute(_LIST, values)
    return [msgspec.json.decode(row[0], type=FileRow) for row in await cursor.fetchall()]


async def find_file(conn: Connection, organization_id: UUID, patient_id: UUID, file_id: UUID) -> FileRow | None:
    """None, too, for one that this patient may not see."""
    return await _find(conn, organization_id, patient_id, file_id, _SHOWN + _ONE)


async def lock_file(conn: Connection, organization_id: UUID, patient_id: UUID, file_id: UUID) -> FileRow | None:
    """As `find_file`; nobody else changes it until the transaction ends."""
    return await _find(conn, organization_id, patient_id, file_id, _SHOWN + _ONE + " FOR NO KEY UPDATE OF a")


async def _find(
    conn: Connection, organization_id: UUID, patient_id: UUID, file_id: UUID, statement: LiteralString
) -> FileRow | None:
    values = {"organization_id": organization_id, "patient_id": patient_id, "file_id": file_id}
    row = await (await conn.execute(statement, values)).fetchone()
    return msgspec.json.decode(row[0], type=FileRow) if row else None


async def insert_file(conn: Connection, attachment: Attachment) -> datetime:
    """When it was."""
    cursor = await conn.execute(_INSERT, (to_json({"attachments": [attachment]}),))
    return (await cursor.fetchall())[0][0]  # type: ignore[no-any-return]


async def update_name(conn: Connection, organization_id: UUID, file_id: UUID, name_sealed: bytes) -> None:
    await conn.execute(
        "UPDATE attachments SET file_name_sealed = %s WHERE organization_id = %s AND id = %s",
        (name_sealed, organization_id, file_id),
    )


async def update_deleted(conn: Connection, organization_id: UUID, file_id: UUID) -> None:
    await conn.execute(
        "UPDATE attachments SET deleted_at = now() WHERE organization_id = %s AND id = %s", (organization_id, file_id)
    )
