"""SQL about comments and notes: their part of the case detail. `c` is the case; `%(most)s` bounds every list."""

from typing import LiteralString

from carelane.staff.queries import person_json


def comments_json(attachments: LiteralString | None) -> LiteralString:
    """Comments and notes of the case as one JSON list; `attachments` is SQL for those of comment `m`, or None."""
    members: LiteralString = ""
    if attachments is not None:
        members = ", 'attachments', " + attachments
    return (
        """
coalesce((
  SELECT json_agg(json_build_object('id', m.id, 'text', encode(m.text_sealed, 'hex'), 'isRestricted', m.is_restricted,
    'forms', '[]'::json, 'createdAt', m.created_at, 'author', """
        + person_json("m", "author_staff_id", "author_patient_id")
        + members
        + """) ORDER BY m.created_at, m.id)
  FROM (SELECT * FROM comments WHERE organization_id = c.organization_id AND case_id = c.id AND deleted_at IS NULL
        ORDER BY created_at DESC LIMIT %(most)s) m), '[]')
"""
    )
