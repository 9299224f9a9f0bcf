"""Every SQL statement about documents."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, Sealed, to_json
from carelane.staff.queries import person_json

# The place a sealed file name is bound to.
FILE_NAME = "attachments.file_name_sealed"

# A part of the statement that writes a case: `sent.rows` holds all its rows as JSON.
INSERT_ATTACHMENTS: LiteralString = """
INSERT INTO attachments (organization_id, id, case_id, comment_id, answer_id, file_name_sealed, content_type, size_bytes,
                         storage_key, is_restricted, is_phi, uploaded_by_staff_id, uploaded_by_patient_id)
SELECT organization_id, id, case_id, comment_id, answer_id, file_name_sealed, content_type, size_bytes,
       storage_key, is_restricted, is_phi, uploaded_by_staff_id, uploaded_by_patient_id
FROM sent, jsonb_populate_recordset(null::attachments, sent.rows -> 'attachments')
"""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """`case_id` None: it is its patient's alone."""

    organization_id: UUID
    id: UUID
    case_id: UUID | None
    file_name_sealed: Sealed
    content_type: str
    size_bytes: int
    storage_key: str
    is_phi: bool
    is_restricted: bool = False
    comment_id: UUID | None = None
    answer_id: UUID | None = None
    uploaded_by_staff_id: UUID | None = None
    uploaded_by_patient_id: UUID | None = None


async def insert_attachments(conn: Connection, rows: list[Attachment]) -> None:
    """Asks the database nothing when there are none."""
    if rows:
        statement = "WITH sent AS (SELECT %s::jsonb AS rows) " + INSERT_ATTACHMENTS
        await conn.execute(statement, (to_json({"attachments": rows}),))


class StoredFile(msgspec.Struct, frozen=True):
    file_name_sealed: bytes
    content_type: str
    storage_key: str


async def find_file(conn: Connection, organization_id: UUID, document_id: UUID) -> StoredFile | None:
    cursor = await conn.execute(
        "SELECT file_name_sealed, content_type, storage_key FROM attachments "
        "WHERE organization_id = %s AND id = %s AND deleted_at IS NULL",
        (organization_id, document_id),
    )
    row = await cursor.fetchone()
    return StoredFile(*row) if row else None


async def list_named_keys(conn: Connection, organization_id: UUID, storage_keys: list[str]) -> set[str]:
    """Those of the storage keys that a row names, deleted documents included."""
    cursor = await conn.execute(
        "SELECT storage_key FROM attachments WHERE organization_id = %s AND storage_key = ANY(%s)",
        (organization_id, storage_keys),
    )
    return {row[0] for row in await cursor.fetchall()}


async def find_sweep(conn: Connection, job: str) -> datetime | None:
    """When the last complete sweep for orphans began. In `db.across()`."""
    row = await (await conn.execute("SELECT reached_at FROM timed_jobs WHERE name = %s", (job,))).fetchone()
    return row[0] if row else None


async def save_sweep(conn: Connection, job: str, began: datetime) -> None:
    statement: LiteralString = """
INSERT INTO timed_jobs (name, reached_at) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET reached_at = excluded.reached_at
"""
    await conn.execute(statement, (job, began))


def attachments_json(belonging: LiteralString) -> LiteralString:
    """SQL for the attachments of case `c` to which `belonging` applies, as one JSON list; `%(most)s` bounds it."""
    return (
        """
coalesce((
  SELECT json_agg(json_build_object('id', a.id, 'isRestricted', a.is_restricted, 'isPHI', a.is_phi,
    'fileName', encode(a.file_name_sealed, 'hex'), 'isDeleted', a.deleted_at IS NOT NULL, 'createdAt', a.created_at,
    'storageKey', a.storage_key, 'sizeBytes', a.size_bytes, 'uploadedBy', """
        + person_json("a", "uploaded_by_staff_id", "uploaded_by_patient_id")
        + """) ORDER BY a.created_at, a.id)
  FROM (SELECT * FROM attachments WHERE organization_id = c.organization_id AND case_id = c.id AND """
        + belonging
        + """ ORDER BY created_at DESC LIMIT %(most)s) a), '[]')
"""
    )


# Parts of the case detail: `c` is the case, `m` the comment, `%(most)s` bounds every list.
CASE_ATTACHMENTS = attachments_json("comment_id IS NULL")
COMMENT_ATTACHMENTS = attachments_json("comment_id = m.id")
