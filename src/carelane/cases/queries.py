"""Every SQL statement that writes cases and decisions, and those that must be asked first. `case_detail` reads them whole."""

from datetime import date
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.cases.states import CaseStatus, RequestStatus
from carelane.documents.queries import INSERT_ATTACHMENTS, Attachment
from carelane.events import INSERT_EVENTS, Event
from carelane.forms.queries import (
    FOUND_VERSIONS,
    INSERT_ANSWERS,
    INSERT_RESPONSES,
    FormAnswer,
    FormResponse,
    Version,
    WantedVersion,
    wanted_json,
)
from carelane.kit.db import Connection, Cursor, Sealed, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.payments.intake.queries import INSERT_PAYMENTS, INTAKE_TERMS, NewPayment, PaymentRows, insert_parts
from carelane.payments.intake.schemas import IntakeTerms

# The place a sealed note is bound to.
ARCHIVE_NOTE = "cases.archive_note_sealed"

_CONTEXT: LiteralString = (
    """
SELECT json_build_object(
  'number', nextval('case_numbers'), 'prefix', o.case_prefix, 'type', o.case_type, 'profile', o.validation_profile,
  'products', coalesce((
    SELECT json_agg(json_build_object('id', p.id, 'name', p.name)) FROM products p
    WHERE p.organization_id = o.id AND p.id = ANY(%(product_ids)s::uuid[]) AND p.is_active), '[]'),
  'versions', """
    + FOUND_VERSIONS
    + ", 'terms', "
    + INTAKE_TERMS
    + """)::text
FROM organizations o WHERE o.id = %(organization_id)s
"""
)

# What is in a case: its products with their requests, its answers and documents, and the events.
_INSERT_PARTS: LiteralString = (
    """new_products AS (
  INSERT INTO case_products (organization_id, id, case_id, product_id, position, subscription_interval,
                             subscription_interval_count)
  SELECT organization_id, id, case_id, product_id, position, subscription_interval, subscription_interval_count
  FROM sent, jsonb_populate_recordset(null::case_products, sent.rows -> 'products')
), new_responses AS ("""
    + INSERT_RESPONSES
    + "), new_answers AS ("
    + INSERT_ANSWERS
    + "), new_attachments AS ("
    + INSERT_ATTACHMENTS
    + "), new_events AS ("
    + INSERT_EVENTS
    + """)
INSERT INTO case_product_requests (organization_id, id, case_product_id, form_response_id, visit_type)
SELECT organization_id, id, case_product_id, form_response_id, visit_type
FROM sent, jsonb_populate_recordset(null::case_product_requests, sent.rows -> 'requests')
"""
)

# All rows of a case in one statement: each statement costs the server process as much as ten rows do. Every noun brings
# its own part; foreign keys are checked when the whole statement ends.
_INSERT_CASE: LiteralString = (
    """
WITH sent AS (SELECT %s::jsonb AS rows), new_case AS (
  INSERT INTO cases (organization_id, id, short_id, patient_id, patient_first_name, patient_last_name, patient_gender,
                     patient_date_of_birth, type, title, status, is_test, warnings, referral_code, promo_codes, bundle_id,
                     idempotency_key)
  SELECT organization_id, id, short_id, patient_id, patient_first_name, patient_last_name, patient_gender,
         patient_date_of_birth, type, title, status, is_test, warnings, referral_code, promo_codes, bundle_id,
         idempotency_key
  FROM sent, jsonb_populate_record(null::cases, sent.rows -> 'case')
), new_payments AS ("""
    + INSERT_PAYMENTS
    + "), "
    + _INSERT_PARTS
)

# What is added to a case later. An answer that the clinic waited for has come.
_ADD_TO_CASE: LiteralString = (
    """
WITH sent AS (SELECT %(rows)s::jsonb AS rows), answered AS (
  UPDATE cases SET asked_patient_at = CASE WHEN %(is_answer)s THEN NULL ELSE asked_patient_at END, updated_at = now()
  WHERE organization_id = %(organization_id)s AND id = %(case_id)s
), """
    + _INSERT_PARTS
)
# Who asks for the same key waits until the first is done, in a statement of its own.
_HOLD_KEY: LiteralString = "SELECT pg_advisory_xact_lock(hashtextextended('case key ' || %s || ' ' || %s, 0))"
_IS_KEY_USED: LiteralString = "SELECT EXISTS (SELECT FROM cases WHERE organization_id = %s AND idempotency_key = %s)"
# In a statement of its own: what is asked about the case afterwards is seen as it stands once nobody else can move it.
_LOCK: LiteralString = """
SELECT id, patient_id, status, is_archived, is_test FROM cases WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE
"""


class NamedProduct(msgspec.Struct, frozen=True):
    id: UUID
    name: str


class CaseContext(msgspec.Struct, frozen=True):
    """What must be known about the organization before a case can be written."""

    number: int
    prefix: str
    type: str
    profile: str
    products: list[NamedProduct]
    versions: list[Version]
    terms: IntakeTerms


class Case(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`patient_…`: whom the case is about, as it was said with it. This never changes, whatever becomes of the patient."""

    organization_id: UUID
    id: UUID
    short_id: str
    patient_id: UUID
    patient_first_name: str
    patient_last_name: str
    patient_gender: str | None
    patient_date_of_birth: date | None
    type: str
    title: str
    status: str
    is_test: bool
    warnings: list[str]
    referral_code: str | None
    # As the storefront sent them.
    promo_codes: Any
    bundle_id: UUID | None = None
    idempotency_key: str | None = None


class CaseProduct(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_id: UUID
    product_id: UUID
    position: int
    subscription_interval: str | None
    subscription_interval_count: int | None


class CaseProductRequest(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_product_id: UUID
    form_response_id: UUID | None
    visit_type: str | None


class CaseParts(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a case is made of, or what is added to one."""

    products: list[CaseProduct]
    requests: list[CaseProductRequest]
    responses: list[FormResponse]
    answers: list[FormAnswer]
    attachments: list[Attachment]
    events: list[Event]


class CaseRows(CaseParts, frozen=True, kw_only=True):
    """Everything that is written for one case, except its patient."""

    case: Case
    payments: list[NewPayment]


class LockedCase(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    patient_id: UUID
    status: CaseStatus
    is_archived: bool
    is_test: bool


async def query_context(
    conn: Connection, organization_id: UUID, product_ids: list[UUID], wanted: list[WantedVersion], *, is_test: bool
) -> Cursor:
    """The cursor is for `read_context`."""
    values = {
        "organization_id": organization_id,
        "product_ids": uuid_array(product_ids),
        "wanted": wanted_json(wanted),
        "is_test": is_test,
    }
    return await conn.execute(_CONTEXT, values)


async def read_context(cursor: Cursor) -> CaseContext:
    if (row := await cursor.fetchone()) is None:
        raise LookupError("the credential's organization is gone")
    return msgspec.json.decode(row[0], type=CaseContext)


async def insert_case(conn: Connection, rows: CaseRows, paid: PaymentRows | None) -> None:
    """With what hangs on its payment."""
    await conn.execute(_INSERT_CASE, (to_json(rows),))
    if paid is not None:
        await insert_parts(conn, paid.parts)


async def query_key_used(conn: Connection, organization_id: UUID, key: str) -> Cursor:
    """Whether a case has the key already; until the transaction ends nobody else uses it. One row, one column."""
    await conn.execute(_HOLD_KEY, (organization_id.hex, key))
    return await conn.execute(_IS_KEY_USED, (organization_id, key))


async def lock_case(conn: Connection, organization_id: UUID, case_id: UUID) -> LockedCase | None:
    """The row stays locked until the transaction ends."""
    async with conn.cursor(row_factory=class_row(LockedCase)) as cursor:
        await cursor.execute(_LOCK, (organization_id, case_id))
        return await cursor.fetchone()


async def insert_into_case(
    conn: Connection, organization_id: UUID, case_id: UUID, parts: CaseParts, *, is_answer: bool
) -> None:
    """Adds to a case that the caller has locked. `is_answer`: the clinic waits for the patient no longer."""
    values = {"organization_id": organization_id, "case_id": case_id, "rows": to_json(parts), "is_answer": is_answer}
    await conn.execute(_ADD_TO_CASE, values)


# ---- decisions

# The places that what is prescribed, and why, are bound to.
MEDICATION = "decision_medications.sealed"
DECISION_TEXT = "decisions.decision_text_sealed"

_INSERT_DECISIONS: LiteralString = """
WITH sent AS (SELECT %s::jsonb AS rows), new_decisions AS (
  INSERT INTO decisions (organization_id, id, case_id, product_id, added_by_id, is_approved, is_no_decision, start_date,
                         end_date, decision_text_sealed, category, visit_type)
  SELECT organization_id, id, case_id, product_id, added_by_id, is_approved, is_no_decision, start_date, end_date,
         decision_text_sealed, category, visit_type
  FROM sent, jsonb_populate_recordset(null::decisions, sent.rows -> 'decisions')
), new_medications AS (
  INSERT INTO decision_medications (organization_id, id, decision_id, position, sealed)
  SELECT organization_id, id, decision_id, position, sealed
  FROM sent, jsonb_populate_recordset(null::decision_medications, sent.rows -> 'medications'))
UPDATE case_product_requests r SET status = n.status, updated_at = now()
FROM sent, jsonb_populate_recordset(null::case_product_requests, sent.rows -> 'requests') n
WHERE r.organization_id = n.organization_id AND r.id = n.id AND r.status = 'PENDING'
RETURNING r.id
"""


class Decision(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_id: UUID
    product_id: UUID
    added_by_id: UUID
    is_approved: bool
    is_no_decision: bool
    start_date: date | None
    end_date: date | None
    decision_text_sealed: Sealed | None
    category: str | None
    visit_type: str | None


class DecisionMedication(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    decision_id: UUID
    position: int
    sealed: Sealed


class RequestMove(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is PENDING, and what it becomes."""

    organization_id: UUID
    id: UUID
    status: RequestStatus


class DecisionRows(Phi, msgspec.Struct, frozen=True, kw_only=True):
    decisions: list[Decision]
    medications: list[DecisionMedication]
    requests: list[RequestMove]


async def insert_decisions(conn: Connection, rows: DecisionRows) -> None:
    """Writes the decisions with what they prescribe, and moves the requests, which the caller found PENDING."""
    if len(await (await conn.execute(_INSERT_DECISIONS, (to_json(rows),))).fetchall()) != len(rows.requests):
        raise LookupError("a request moved although its case is locked")
