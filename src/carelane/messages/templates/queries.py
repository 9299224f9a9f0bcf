"""Every SQL statement about templates of mail."""

from datetime import datetime
from functools import partial
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import LOCK, Connection


class TemplateRow(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    language: str
    subject: str
    text: str
    html: str | None
    version: int
    updated_at: datetime


_LIST: LiteralString = """
SELECT kind, language, subject, text, html, version, updated_at FROM mail_templates
WHERE organization_id = %(organization_id)s AND subject IS NOT NULL
"""
_ONE: LiteralString = f"{_LIST} AND kind = %(kind)s AND language = %(language)s"
_INSERT: LiteralString = """
INSERT INTO mail_templates (organization_id, kind, language, subject, text, html)
VALUES (%(organization_id)s, %(kind)s, %(language)s, %(subject)s, %(text)s, %(html)s)
ON CONFLICT (organization_id, kind, language) DO UPDATE
SET subject = excluded.subject, text = excluded.text, html = excluded.html, version = mail_templates.version + 1, updated_at = now()
WHERE mail_templates.subject IS NULL RETURNING version
"""
_UPDATE: LiteralString = """
UPDATE mail_templates SET subject = %(subject)s, text = %(text)s, html = %(html)s, version = version + 1, updated_at = now()
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND language = %(language)s AND version = %(version)s
  AND subject IS NOT NULL
RETURNING version
"""
# The row stays with its version: the next one goes on from there.
_EMPTY: LiteralString = """
UPDATE mail_templates SET subject = NULL, text = NULL, html = NULL, version = version + 1, updated_at = now()
WHERE organization_id = %(organization_id)s AND kind = %(kind)s AND language = %(language)s AND subject IS NOT NULL
RETURNING version
"""


async def list_templates(conn: Connection, organization_id: UUID, *, lock: LiteralString = "") -> list[TemplateRow]:
    """Of all kinds and languages: there are only so many."""
    async with conn.cursor(row_factory=class_row(TemplateRow)) as cursor:
        await cursor.execute(_LIST + lock, {"organization_id": organization_id})
        return await cursor.fetchall()


lock_templates = partial(list_templates, lock=LOCK)


async def find_template(conn: Connection, organization_id: UUID, kind: str, language: str) -> TemplateRow | None:
    async with conn.cursor(row_factory=class_row(TemplateRow)) as cursor:
        await cursor.execute(_ONE, {"organization_id": organization_id, "kind": kind, "language": language})
        return await cursor.fetchone()


async def save_template(
    conn: Connection, organization_id: UUID, kind: str, language: str, words: dict[str, object], version: int | None
) -> bool:
    """Whether it was still as `version` says; None: there was none."""
    values = words | {"organization_id": organization_id, "kind": kind, "language": language, "version": version}
    cursor = await conn.execute(_INSERT if version is None else _UPDATE, values)
    return await cursor.fetchone() is not None


async def set_template_empty(conn: Connection, organization_id: UUID, kind: str, language: str) -> bool:
    """Whether there was one."""
    values = {"organization_id": organization_id, "kind": kind, "language": language}
    return await (await conn.execute(_EMPTY, values)).fetchone() is not None
