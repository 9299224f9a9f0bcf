"""Every SQL statement about a patient's record."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.patient_detail.schemas import PatientRecord
from carelane.patients.queries import living

# Of each list the newest; how many there are in all stands beside them.
_MOST_CASES = 50
_MOST_ROWS = 20
_MOST_DOCUMENTS = 50
_MOST_DOUBLES = 5

_OF_PATIENT: LiteralString = "organization_id = p.organization_id AND patient_id = p.id"


def _member(record: LiteralString, column: LiteralString) -> LiteralString:
    return f"""(SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'title', s.title,
    'titleSuffix', s.title_suffix) FROM staff s WHERE s.organization_id = {record}.organization_id AND s.id = {record}.{column})"""


_CASES: LiteralString = f"""
coalesce((SELECT json_agg(json_build_object('id', c.id, 'shortId', c.short_id, 'title', c.title, 'status', c.status,
    'isArchived', c.is_archived, 'isTest', c.is_test, 'createdAt', c.created_at,
    'products', coalesce((SELECT json_agg(n.name ORDER BY k.position) FROM case_products k
      JOIN products n ON n.organization_id = k.organization_id AND n.id = k.product_id
      WHERE k.organization_id = c.organization_id AND k.case_id = c.id), '[]'),
    'assignedTo', {_member("c", "assigned_to_id")}, 'decidedBy', (SELECT {_member("d", "added_by_id")} FROM decisions d
      WHERE d.organization_id = c.organization_id AND d.case_id = c.id ORDER BY d.created_at DESC, d.id DESC LIMIT 1))
    ORDER BY c.created_at DESC, c.id DESC)
  FROM (SELECT * FROM cases WHERE {_OF_PATIENT} ORDER BY created_at DESC LIMIT %(most_cases)s) c), '[]')
"""
_CARTS: LiteralString = f"""
coalesce((SELECT json_agg(json_build_object('id', coalesce(c.given_id, c.id::text), 'status', c.status, 'currency', c.currency,
    'total', c.total_cents, 'isArchived', c.archived_at IS NOT NULL, 'createdAt', c.created_at)
    ORDER BY c.created_at DESC, c.id DESC)
  FROM (SELECT * FROM carts WHERE {_OF_PATIENT} ORDER BY created_at DESC LIMIT %(most_rows)s) c), '[]')
"""
_CHARGES: LiteralString = f"""
coalesce((SELECT json_agg(json_build_object('id', c.id, 'status', c.status, 'currency', c.currency, 'total', c.total_cents,
    'outstanding', c.outstanding_cents, 'isTest', coalesce(c.is_test, false), 'createdAt', c.created_at, 'caseShortId', (
      SELECT k.short_id FROM cases k WHERE k.organization_id = c.organization_id AND k.id = c.case_id))
    ORDER BY c.created_at DESC, c.id DESC)
  FROM (SELECT * FROM charges WHERE {_OF_PATIENT} AND archived_at IS NULL ORDER BY created_at DESC LIMIT %(most_rows)s) c), '[]')
"""
# By currency, live money only.
_MONEY: LiteralString = """
coalesce((SELECT json_agg(json_build_object('currency', m.currency, 'held', m.held, 'paid', m.paid, 'givenBack', m.given_back,
    'outstanding', m.outstanding) ORDER BY m.currency) FROM (
  SELECT u.currency, sum(u.held)::bigint AS held, sum(u.paid)::bigint AS paid, sum(u.given_back)::bigint AS given_back,
    sum(u.outstanding)::bigint AS outstanding
  FROM (
    SELECT y.currency, (SELECT coalesce(sum(i.capturable_cents), 0) FROM payment_intents i
        WHERE i.organization_id = y.organization_id AND i.payment_id = y.id AND i.status = 'requires_capture') AS held,
      y.captured_cents AS paid, y.refunded_cents AS given_back, 0 AS outstanding
    FROM payments y WHERE y.organization_id = p.organization_id AND y.patient_id = p.id AND NOT y.is_test AND y.deleted_at IS NULL
    UNION ALL
    SELECT c.currency, 0, 0, 0, c.outstanding_cents FROM charges c
    WHERE c.organization_id = p.organization_id AND c.patient_id = p.id AND NOT coalesce(c.is_test, false)
  ) u GROUP BY u.currency) m), '[]')
"""
# Those of the cases, and those that are the patient's alone.
_FILES: LiteralString = """
(SELECT a.*, c.short_id FROM cases c JOIN attachments a ON a.organization_id = c.organization_id AND a.case_id = c.id
 WHERE c.organization_id = p.organization_id AND c.patient_id = p.id AND a.deleted_at IS NULL
 UNION ALL
 SELECT a.*, NULL FROM attachments a WHERE a.organization_id = p.organization_id AND a.uploaded_by_patient_id = p.id
   AND a.case_id IS NULL AND a.deleted_at IS NULL)
"""
_DOCUMENTS: LiteralString = f"""
coalesce((SELECT json_agg(json_build_object('id', a.id, 'isRestricted', a.is_restricted, 'isPHI', a.is_phi,
    'fileName', encode(a.file_name_sealed, 'hex'), 'isDeleted', false, 'createdAt', a.created_at, 'uploadedBy', NULL,
    'caseShortId', a.short_id) ORDER BY a.created_at DESC, a.id DESC)
  FROM (SELECT * FROM {_FILES} f ORDER BY f.created_at DESC LIMIT %(most_documents)s) a), '[]')
"""
# Others with the same name, address or number, whom no birth date tells apart: found by indexes, shown with what they share.
_DOUBLES: LiteralString = """
coalesce((SELECT json_agg(json_build_object('id', o.id, 'firstName', o.first_name, 'lastName', o.last_name,
    'dateOfBirth', o.date_of_birth, 'cases', (SELECT count(*) FROM cases c
      WHERE c.organization_id = o.organization_id AND c.patient_id = o.id),
    'sameName', (o.first_name_key = p.first_name_key AND o.last_name_key = p.last_name_key) IS TRUE,
    'sameEmail', (o.mailbox = p.mailbox) IS TRUE, 'samePhone', (o.phone_e164 = p.phone_e164) IS TRUE,
    'sameBirthDate', (o.date_of_birth = p.date_of_birth) IS TRUE) ORDER BY o.created_at, o.id)
  FROM (
    SELECT DISTINCT ON (o.created_at, o.id) o.* FROM (
      (SELECT * FROM patients m WHERE m.organization_id = p.organization_id AND m.mailbox = p.mailbox LIMIT 20)
      UNION ALL
      (SELECT * FROM patients m WHERE m.organization_id = p.organization_id AND m.phone_e164 = p.phone_e164 LIMIT 20)
      UNION ALL
      (SELECT m.* FROM search_tokens mine
       JOIN search_tokens t ON t.organization_id = mine.organization_id AND t.kind = 'patient' AND t.token = mine.token
       JOIN patients m ON m.organization_id = t.organization_id AND m.id = t.record_id
       WHERE mine.organization_id = p.organization_id AND mine.record_id = p.id AND mine.token >= 'n:' AND mine.token < 'n;'
         AND t.record_id <> p.id LIMIT 20)) o
    WHERE o.id <> p.id AND o.merged_into_id IS NULL AND o.archived_at IS NULL
      AND (o.date_of_birth = p.date_of_birth OR o.date_of_birth IS NULL OR p.date_of_birth IS NULL
        OR o.first_name_key = p.first_name_key AND o.last_name_key = p.last_name_key
          AND (o.mailbox = p.mailbox OR o.phone_e164 = p.phone_e164))
    ORDER BY o.created_at, o.id LIMIT %(most_doubles)s) o), '[]')
"""
_MERGES: LiteralString = f"""
coalesce((SELECT json_agg(json_build_object('id', m.id, 'firstName', r.first_name, 'lastName', r.last_name,
    'mergedAt', m.merged_at, 'undoneAt', m.undone_at, 'mergedBy', {_member("m", "merged_by_id")})
    ORDER BY m.merged_at DESC, m.id DESC)
  FROM (SELECT * FROM patient_merges WHERE organization_id = p.organization_id AND kept_id = p.id
    ORDER BY merged_at DESC LIMIT %(most_rows)s) m
  JOIN patients r ON r.organization_id = m.organization_id AND r.id = m.merged_id), '[]')
"""
_COUNTS: LiteralString = f"""
json_build_object('cases', (SELECT count(*) FROM cases WHERE {_OF_PATIENT}),
  'carts', (SELECT count(*) FROM carts WHERE {_OF_PATIENT}), 'charges', (SELECT count(*) FROM charges WHERE {_OF_PATIENT} AND archived_at IS NULL),
  'documents', (SELECT count(*) FROM {_FILES} f))
"""
_FIND: LiteralString = f"""
SELECT (to_json(b)::jsonb || jsonb_build_object('cases', {_CASES}, 'carts', {_CARTS}, 'charges', {_CHARGES}, 'money', {_MONEY},
  'documents', {_DOCUMENTS}, 'doubles', {_DOUBLES}, 'merges', {_MERGES}, 'counts', {_COUNTS}))::text
FROM patients p, LATERAL (
  SELECT p.id, p.given_id AS reference, p.first_name AS "firstName", p.last_name AS "lastName",
    p.date_of_birth AS "dateOfBirth", p.gender, p.email, p.phone_number AS "phoneNumber", p.address_line1 AS "addressLine1",
    p.address_line2 AS "addressLine2", p.city, p.state, p.postal_code AS "postalCode", p.country,
    p.language_preferences AS "languagePreferences", p.archived_at IS NOT NULL AS "isArchived", p.created_at AS "createdAt",
    p.credit_balance_cents + ledger_credit(p.organization_id, p.id) AS credit, (
      SELECT o.currency FROM organizations o WHERE o.id = p.organization_id) AS "creditCurrency",
    encode(p.chart_sealed, 'hex') AS chart) b
WHERE p.organization_id = %(organization_id)s AND p.id = {living("%(id)s")}
"""


async def find_record(conn: Connection, organization_id: UUID, patient_id: UUID) -> PatientRecord | None:
    """Of the patient whom the id stands for."""
    values = {
        "organization_id": organization_id,
        "id": patient_id,
        "most_cases": _MOST_CASES,
        "most_rows": _MOST_ROWS,
        "most_documents": _MOST_DOCUMENTS,
        "most_doubles": _MOST_DOUBLES,
    }
    row = await (await conn.execute(_FIND, values)).fetchone()
    return msgspec.json.decode(row[0], type=PatientRecord) if row else None
