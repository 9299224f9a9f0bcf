"""Every SQL statement about files that staff add to cases and open."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.documents.queries import Attachment, insert_attachments
from carelane.kit.db import Connection
from carelane.kit.phi import Phi

_CREATED_AT: LiteralString = "SELECT created_at FROM attachments WHERE organization_id = %s AND id = %s"
_FIND: LiteralString = """
SELECT id, case_id, file_name_sealed, content_type, storage_key FROM attachments
WHERE organization_id = %s AND case_id = %s AND id = %s AND deleted_at IS NULL
"""


class FileRow(Phi, msgspec.Struct, frozen=True):
    id: UUID
    case_id: UUID
    file_name_sealed: bytes
    content_type: str
    storage_key: str


async def insert_file(conn: Connection, row: Attachment) -> datetime:
    await insert_attachments(conn, [row])
    found = await (await conn.execute(_CREATED_AT, (row.organization_id, row.id))).fetchone()
    assert found is not None
    return found[0]  # type: ignore[no-any-return]


async def find_file(conn: Connection, organization_id: UUID, case_id: UUID, file_id: UUID) -> FileRow | None:
    """One of the case, or of a message in it."""
    async with conn.cursor(row_factory=class_row(FileRow)) as cursor:
        await cursor.execute(_FIND, (organization_id, case_id, file_id))
        return await cursor.fetchone()
