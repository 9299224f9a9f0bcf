"""SQL about comments and notes. In their part of the case detail `c` is the case, and `%(most)s` bounds every list."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.staff.queries import person_json

# The place a sealed text is bound to.
COMMENT_TEXT = "comments.text_sealed"
# And of somebody whom nobody here knows.
AUTHOR = "comments.author_sealed"

_INSERT: LiteralString = """
INSERT INTO comments (organization_id, id, case_id, text_sealed, is_restricted, author_staff_id, author_patient_id, author_sealed)
VALUES (%(organization_id)s, %(id)s, %(case_id)s, %(text_sealed)s, %(is_restricted)s, %(author_staff_id)s,
        %(author_patient_id)s, %(author_sealed)s)
"""


class Comment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote; a restricted one is a note."""

    organization_id: UUID
    id: UUID
    case_id: UUID
    text_sealed: bytes
    is_restricted: bool
    author_staff_id: UUID | None = None
    author_patient_id: UUID | None = None
    # An AuthorIn, where it is neither staff nor the patient.
    author_sealed: bytes | None = None


async def insert_comment(conn: Connection, comment: Comment) -> None:
    await conn.execute(_INSERT, msgspec.structs.asdict(comment))


def comments_json(attachments: LiteralString | None) -> LiteralString:
    """Comments and notes of the case as one JSON list; `attachments` is SQL for those of comment `m`, or None."""
    members: LiteralString = ""
    if attachments is not None:
        members = ", 'attachments', " + attachments
    return (
        """
coalesce((
  SELECT json_agg(json_build_object('id', m.id, 'text', encode(m.text_sealed, 'hex'), 'isRestricted', m.is_restricted,
    'forms', '[]'::json, 'createdAt', m.created_at, 'authorSealed', encode(m.author_sealed, 'hex'), 'author', """
        + person_json("m", "author_staff_id", "author_patient_id")
        + members
        + """) ORDER BY m.created_at, m.id)
  FROM (SELECT * FROM comments WHERE organization_id = c.organization_id AND case_id = c.id AND deleted_at IS NULL
        ORDER BY created_at DESC LIMIT %(most)s) m), '[]')
"""
    )
