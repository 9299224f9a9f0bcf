"""SQL about comments and notes: their part of the case detail. `c` is the case; `%(most)s` bounds every list."""

from typing import LiteralString

# A person is staff or a patient; both have the three members of the dialect's "Basic User".
_AUTHOR: LiteralString = """
(SELECT json_build_object('id', a.id, 'firstName', a.first_name, 'lastName', a.last_name) FROM (
   SELECT s.id, s.first_name, s.last_name FROM staff s
   WHERE s.organization_id = m.organization_id AND s.id = m.author_staff_id
   UNION ALL
   SELECT p.id, p.first_name, p.last_name FROM patients p
   WHERE p.organization_id = m.organization_id AND p.id = m.author_patient_id) a)
"""


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
        + _AUTHOR
        + members
        + """) ORDER BY m.created_at, m.id)
  FROM (SELECT * FROM comments WHERE organization_id = c.organization_id AND case_id = c.id AND deleted_at IS NULL
        ORDER BY created_at DESC LIMIT %(most)s) m), '[]')
"""
    )
