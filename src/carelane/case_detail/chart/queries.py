"""The statements that find what belongs beside a case, its person's chart, flags of its questions, the case before it; and what
is flagged in many."""

from collections.abc import Iterable
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.case_detail.chart.schemas import Beside, FlaggedAnswers
from carelane.forms.catalog.queries import CASE_FLAGS, FLAGGED
from carelane.kit.db import Connection, uuid_array

# Of each list.
MAX_ROWS = 500
# Among so many earlier cases of the person one is looked for that asked the same.
MAX_EARLIER = 20

# The answers of the case `e`: each with its question.
_ANSWERS: LiteralString = """
form_responses r
JOIN form_answers w ON w.organization_id = r.organization_id AND w.form_response_id = r.id AND NOT w.is_archived
JOIN form_questions q ON q.organization_id = w.organization_id AND q.id = w.question_id
"""
_PREVIOUS: LiteralString = f"""
(SELECT json_build_object('id', e.id, 'short_id', e.short_id, 'created_at', e.created_at, 'answers', coalesce((
   SELECT json_agg(json_build_object('id', n.id, 'question', n.question, 'text', CASE WHEN n.sealed IS NULL THEN to_json(n.text)
       ELSE json_build_object('sealed', encode(n.sealed, 'hex')) END) ORDER BY n.created_at, n.index)
   FROM (SELECT w.id, q.text AS question, q.index, w.text, w.sealed, r.created_at FROM {_ANSWERS}
         WHERE r.organization_id = e.organization_id AND r.case_id = e.id AND NOT r.is_draft
         ORDER BY r.created_at, q.index LIMIT %(most)s) n), '[]'))
 FROM (SELECT x.* FROM cases x WHERE x.organization_id = c.organization_id AND x.patient_id = c.patient_id
         AND (x.created_at, x.id) < (c.created_at, c.id)
       ORDER BY x.created_at DESC, x.id DESC LIMIT %(most_earlier)s) e
 WHERE EXISTS (
   SELECT FROM {_ANSWERS} WHERE r.organization_id = e.organization_id AND r.case_id = e.id AND NOT r.is_draft AND q.text IN (
     SELECT b.text FROM form_responses s
     JOIN form_answers a ON a.organization_id = s.organization_id AND a.form_response_id = s.id
     JOIN form_questions b ON b.organization_id = a.organization_id AND b.id = a.question_id
     WHERE s.organization_id = c.organization_id AND s.case_id = c.id AND b.type <> 'STATEMENT'))
 ORDER BY e.created_at DESC, e.id DESC LIMIT 1)
"""
_PAYMENTS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', y.id, 'description', y.description, 'amount_cents', y.amount_cents,
    'captured_cents', y.captured_cents, 'refunded_cents', y.refunded_cents, 'currency', y.currency, 'status', y.status,
    'stage', y.stage, 'created_at', y.created_at, 'paid_at', y.paid_at, 'hold_ends_at', (
      SELECT min(i.hold_ends_at) FROM payment_intents i
      WHERE i.organization_id = y.organization_id AND i.payment_id = y.id AND i.status = 'requires_capture')
    ) ORDER BY y.created_at DESC, y.id DESC)
  FROM (SELECT * FROM payments WHERE organization_id = c.organization_id AND case_id = c.id AND deleted_at IS NULL
        ORDER BY created_at DESC, id DESC LIMIT 50) y), '[]')
"""
_BESIDE: LiteralString = f"""
SELECT json_build_object('patient_id', p.id, 'chart', encode(p.chart_sealed, 'hex'), 'flagged', {CASE_FLAGS},
  'previous', {_PREVIOUS}, 'payments', {_PAYMENTS})::text
FROM cases c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
"""
# Whatever the cases were asked besides stays in the database.
_FLAGGED_ANSWERS: LiteralString = f"""
WITH flagged AS MATERIALIZED (SELECT q.text, q.flags FROM {FLAGGED}),
answered AS MATERIALIZED (
  SELECT r.case_id, r.created_at, w.id, w.text, w.sealed, q.text AS question, q.type, q.index FROM {_ANSWERS}
  WHERE r.organization_id = %(organization_id)s AND r.case_id = ANY(%(case_ids)s::uuid[]) AND NOT r.is_draft
    AND q.type <> 'STATEMENT' AND q.text IN (SELECT f.text FROM flagged f))
SELECT json_build_object(
  'questions', coalesce((SELECT json_agg(json_build_object('text', f.text, 'flags', f.flags)) FROM flagged f
                         WHERE f.text IN (SELECT a.question FROM answered a)), '[]'),
  'answers', coalesce((
    SELECT json_agg(json_build_object('case_id', a.case_id, 'id', a.id, 'question', a.question, 'type', a.type,
        'text', CASE WHEN a.sealed IS NULL THEN to_json(a.text) ELSE json_build_object('sealed', encode(a.sealed, 'hex')) END)
      ORDER BY a.created_at, a.index) FROM answered a), '[]'))::text
"""


async def get_beside(conn: Connection, organization_id: UUID, case_id: UUID) -> Beside:
    """Of a case that is known to exist."""
    values = {"organization_id": organization_id, "case_id": case_id, "most": MAX_ROWS, "most_earlier": MAX_EARLIER}
    row = await (await conn.execute(_BESIDE, values)).fetchone()
    if row is None:
        raise LookupError("the case is gone")
    return msgspec.json.decode(row[0], type=Beside)


async def find_flagged(conn: Connection, organization_id: UUID, case_ids: Iterable[UUID]) -> FlaggedAnswers:
    """The answers of these cases to questions that have flags."""
    values = {"organization_id": organization_id, "case_ids": uuid_array(case_ids)}
    row = await (await conn.execute(_FLAGGED_ANSWERS, values)).fetchall()
    return msgspec.json.decode(row[0][0], type=FlaggedAnswers)
