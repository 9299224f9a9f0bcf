"""The statements that find a patient's own answers to the carried questions of a form."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi

# Answers are looked for in so many of the patient's cases, the newest.
MOST_CASES = 100
# Of a form that bundles show and that is asked: its carried questions, as its newest version has them.
_ASKED: LiteralString = """
SELECT q.id, q.text, q.type, q.options, q.index FROM form_questions q
WHERE q.organization_id = %(organization_id)s AND q.carry AND q.form_version_id = (
  SELECT v.id FROM form_versions v WHERE v.organization_id = %(organization_id)s AND v.form_id = %(form_id)s
    AND NOT v.is_dynamic ORDER BY v.number DESC LIMIT 1)
"""
# A new version gives its questions new ids; a case may say of its form no more than the name. So questions are the same by their
# texts, within forms of one id or name.
_ANSWERS: LiteralString = f"""
WITH asked AS MATERIALIZED ({_ASKED}),
own AS MATERIALIZED (
  SELECT c.id FROM cases c
  WHERE c.organization_id = %(organization_id)s AND c.patient_id = %(patient_id)s AND c.status <> 'ABANDONED'
  ORDER BY c.created_at DESC LIMIT %(most)s),
answered AS MATERIALIZED (
  SELECT DISTINCT ON (a.id) a.id AS question_id, a.text AS question, a.type, a.options, a.index, w.id, w.text, w.sealed, w.created_at
  FROM own
  JOIN form_responses r ON r.organization_id = %(organization_id)s AND r.case_id = own.id AND NOT r.is_draft
  JOIN form_versions v ON v.organization_id = %(organization_id)s AND v.id = r.form_version_id
  JOIN forms f ON f.organization_id = %(organization_id)s AND f.id = v.form_id
    AND (f.id = %(form_id)s OR f.name = %(name)s)
  JOIN form_answers w ON w.organization_id = %(organization_id)s AND w.form_response_id = r.id AND NOT w.is_archived
  JOIN form_questions q ON q.organization_id = %(organization_id)s AND q.id = w.question_id
  JOIN asked a ON a.text = q.text AND a.type = q.type
  ORDER BY a.id, w.created_at DESC, w.id DESC)
SELECT coalesce(json_agg(json_build_object('question_id', n.question_id, 'question', n.question, 'type', n.type, 'options', n.options,
  'id', n.id, 'text', n.text, 'sealed', encode(n.sealed, 'hex'), 'answered_at', n.created_at) ORDER BY n.index), '[]')::text
FROM answered n
"""
_FORM: LiteralString = (
    "SELECT name FROM forms WHERE organization_id = %s AND id = %s AND product_id IS NULL AND is_active"
)


class CarriedRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Either `text` or `sealed`, in hex, is set. The type and the options are those of the question today."""

    question_id: UUID
    question: str
    type: str
    options: list[str]
    id: UUID
    text: str | None
    sealed: str | None
    answered_at: datetime


async def find_form_name(conn: Connection, organization_id: UUID, form_id: UUID) -> str | None:
    """Of a form that storefronts show."""
    row = await (await conn.execute(_FORM, (organization_id, form_id))).fetchone()
    return row[0] if row else None


async def list_carried(
    conn: Connection, organization_id: UUID, patient_id: UUID, form_id: UUID, name: str
) -> list[CarriedRow]:
    """The newest answer to each carried question, in the order of the questions."""
    values = {
        "organization_id": organization_id,
        "patient_id": patient_id,
        "form_id": form_id,
        "name": name,
        "most": MOST_CASES,
    }
    rows = await (await conn.execute(_ANSWERS, values)).fetchall()
    return msgspec.json.decode(rows[0][0], type=list[CarriedRow])
