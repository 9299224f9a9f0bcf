"""Every SQL statement about quick notes."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.notes.schemas import NoteCreatorOut
from carelane.permissions import Role

NOTE = "quick_notes.note_sealed"

_NOTE: LiteralString = """
SELECT json_build_object('id', q.id, 'patient_id', q.patient_id, 'shown_patient_id', coalesce(p.given_id, p.id::text),
  'note', encode(q.note_sealed, 'hex'), 'appointment_id', q.appointment_id, 'created_at', q.created_at,
  'updated_at', q.updated_at, 'creator', json_build_object('id', coalesce(s.given_id, s.id::text), 'firstName', s.first_name,
    'lastName', s.last_name, 'phoneNumber', s.phone_number, 'email', s.email, 'type', 'PROVIDER'))::text
"""
_PEOPLE: LiteralString = """
JOIN patients p ON p.organization_id = q.organization_id AND p.id = q.patient_id
JOIN staff s ON s.organization_id = q.organization_id AND s.id = q.creator_id
"""
_FIND: LiteralString = f"""
{_NOTE} FROM quick_notes q {_PEOPLE}
WHERE q.organization_id = %(organization_id)s AND q.id = %(id)s AND q.archived_at IS NULL
"""
_LIST: LiteralString = f"""
{_NOTE} FROM (
  SELECT * FROM quick_notes q
  WHERE q.organization_id = %(organization_id)s AND q.patient_id = %(patient_id)s AND q.archived_at IS NULL
  ORDER BY q.created_at DESC, q.id DESC LIMIT %(most)s) q {_PEOPLE}
ORDER BY q.created_at DESC, q.id DESC
"""
_FIND_ROLE: LiteralString = """
SELECT s.role FROM staff s WHERE s.organization_id = %s AND s.id = %s AND s.deactivated_at IS NULL
"""
_INSERT: LiteralString = """
INSERT INTO quick_notes (organization_id, id, patient_id, note_sealed, creator_id, appointment_id, external_id)
VALUES (%(organization_id)s, %(id)s, %(patient_id)s, %(note_sealed)s, %(creator_id)s, %(appointment_id)s, %(external_id)s)
"""
_UPDATE: LiteralString = """
UPDATE quick_notes SET note_sealed = coalesce(%(note_sealed)s, note_sealed),
  appointment_id = coalesce(%(appointment_id)s, appointment_id), updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s AND archived_at IS NULL RETURNING patient_id
"""
_ARCHIVE: LiteralString = """
UPDATE quick_notes SET archived_at = now()
WHERE organization_id = %s AND id = %s AND archived_at IS NULL RETURNING patient_id
"""


class NoteRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A note that is there; `note` is still sealed, in hex."""

    id: UUID
    patient_id: UUID
    shown_patient_id: str
    note: str
    appointment_id: str | None
    created_at: datetime
    updated_at: datetime | None
    creator: NoteCreatorOut


async def find_note(conn: Connection, organization_id: UUID, note_id: UUID) -> NoteRow | None:
    row = await (await conn.execute(_FIND, {"organization_id": organization_id, "id": note_id})).fetchone()
    return msgspec.json.decode(row[0], type=NoteRow) if row else None


async def list_notes(conn: Connection, organization_id: UUID, patient_id: UUID, most: int) -> list[NoteRow]:
    """The newest first."""
    values = {"organization_id": organization_id, "patient_id": patient_id, "most": most}
    found = await (await conn.execute(_LIST, values)).fetchall()
    return [msgspec.json.decode(row[0], type=NoteRow) for row in found]


async def find_role(conn: Connection, organization_id: UUID, staff_id: UUID) -> Role | None:
    """Of a member of staff who works here."""
    row = await (await conn.execute(_FIND_ROLE, (organization_id, staff_id))).fetchone()
    return row[0] if row else None


async def insert_note(
    conn: Connection,
    organization_id: UUID,
    note_id: UUID,
    patient_id: UUID,
    note_sealed: bytes,
    creator_id: UUID,
    appointment_id: str | None,
    external_id: str | None,
) -> None:
    values = {"patient_id": patient_id, "note_sealed": note_sealed, "creator_id": creator_id}
    names = {"appointment_id": appointment_id, "external_id": external_id}
    await conn.execute(_INSERT, {"organization_id": organization_id, "id": note_id} | values | names)


async def update_note(
    conn: Connection, organization_id: UUID, note_id: UUID, note_sealed: bytes | None, appointment_id: str | None
) -> UUID | None:
    """Whose note it is; None when there is none."""
    values = {"note_sealed": note_sealed, "appointment_id": appointment_id}
    changed = await conn.execute(_UPDATE, {"organization_id": organization_id, "id": note_id} | values)
    row = await changed.fetchone()
    return row[0] if row else None


async def set_archived(conn: Connection, organization_id: UUID, note_id: UUID) -> UUID | None:
    """Whose note it was; None when there is none."""
    row = await (await conn.execute(_ARCHIVE, (organization_id, note_id))).fetchone()
    return row[0] if row else None
