"""The one statement that gathers a case. Each noun's own queries bring its part; `c` is the case, `p` its patient."""

from collections.abc import Sequence
from functools import cache
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.calendar.queries import CASE_CALENDAR_EVENTS
from carelane.case_detail.schemas import CaseDetailRecord, CaseExcerpt
from carelane.conversations.queries import comments_json
from carelane.documents.queries import CASE_ATTACHMENTS, COMMENT_ATTACHMENTS, attachments_json
from carelane.forms.queries import CASE_RESPONSES
from carelane.kit.db import Connection, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.orders.queries import CASE_ORDERS
from carelane.payments.queries import CASE_PAYMENTS
from carelane.staff.queries import member_json

# The newest of each list; no clinic has seen a case with more.
MAX_ROWS_PER_LIST = 1_000

_DETAILS = msgspec.json.Decoder(CaseDetailRecord)
_EXCERPT = msgspec.json.Decoder(CaseExcerpt)

_BASICS: LiteralString = """
'id', c.id, 'type', c.type, 'title', c.title, 'status', c.status, 'shortId', c.short_id, 'createdAt', c.created_at,
'updatedAt', c.updated_at, 'assignedAt', c.assigned_at, 'inProgressAt', c.in_progress_at, 'closedAt', c.closed_at,
'isArchived', c.is_archived, 'isEscalated', c.is_escalated, 'isImported', c.is_imported, 'isTest', c.is_test,
'warnings', c.warnings, 'referralCode', c.referral_code, 'promoCodes', c.promo_codes, 'closedBy', c.closed_by_id,
'inProgressBy', c.in_progress_by_id, 'archiveReason', c.archive_reason, 'archiveNote', encode(c.archive_note_sealed, 'hex'),
'productBundleId', c.bundle_id,
'productBundle', (SELECT json_build_object('id', b.id, 'name', b.name) FROM bundles b
                  WHERE b.organization_id = c.organization_id AND b.id = c.bundle_id),
'submitter', json_build_object('id', p.id, 'firstName', c.patient_first_name, 'lastName', c.patient_last_name,
  'email', p.email, 'dob', c.patient_date_of_birth, 'gender', c.patient_gender,
  'phoneNumber', coalesce(p.phone_e164, p.phone_number), 'address', p.address_line1,
  'address2', p.address_line2, 'city', p.city, 'state', p.state, 'postalCode', p.postal_code)
"""

ASSIGNEES: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('assignee',
           json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name)) ORDER BY g.created_at, s.id)
  FROM case_assignees g JOIN staff s ON s.organization_id = g.organization_id AND s.id = g.staff_id
  WHERE g.organization_id = c.organization_id AND g.case_id = c.id), '[]')
"""

_ACTIVITY: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', e.id, 'type', e.type, 'isPHI', e.is_phi, 'isRestricted', e.is_restricted,
    'timestamp', e.created_at, 'valueBefore', e.value_before, 'valueAfter', e.value_after) ORDER BY e.number)
  FROM (SELECT * FROM events WHERE organization_id = c.organization_id AND case_id = c.id
        ORDER BY number DESC LIMIT %(most)s) e), '[]')
"""

_DECISIONS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', d.id, 'isApproved', d.is_approved, 'isNoDecision', d.is_no_decision,
    'startDate', d.start_date, 'endDate', d.end_date, 'decisionText', encode(d.decision_text_sealed, 'hex'),
    'category', d.category, 'createdAt', d.created_at, 'isPaid', d.is_paid, 'visitType', d.visit_type,
    'productId', d.product_id,
    'medInfo', coalesce((
      SELECT json_agg(json_build_object('id', m.id, 'sealed', encode(m.sealed, 'hex')) ORDER BY m.position)
      FROM decision_medications m WHERE m.organization_id = d.organization_id AND m.decision_id = d.id), '[]'),
    'addedBy', json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'title', s.title,
      'titleSuffix', s.title_suffix, 'email', s.email, 'phoneNumber', s.phone_number, 'npi', s.npi, 'dea', s.dea,
      'address', s.address_line1, 'address2', s.address_line2, 'city', s.city, 'state', s.state,
      'postalCode', s.postal_code, 'country', s.country)
  ) ORDER BY d.created_at, d.id)
  FROM (SELECT * FROM decisions WHERE organization_id = c.organization_id AND case_id = c.id
        ORDER BY created_at DESC LIMIT %(most)s) d
  JOIN staff s ON s.organization_id = d.organization_id AND s.id = d.added_by_id), '[]')
"""

_CASE_PRODUCTS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', k.id, 'createdAt', k.created_at,
    'organizationProduct', json_build_object('id', o.id, 'name', o.name),
    'subscription', CASE WHEN k.subscription_interval IS NULL AND k.subscription_interval_count IS NULL THEN NULL
      ELSE json_build_object('interval', k.subscription_interval, 'intervalCount', k.subscription_interval_count) END,
    'caseProductRequests', coalesce((
      SELECT json_agg(json_build_object('id', r.id, 'status', r.status, 'formResponseId', r.form_response_id,
        'visitType', r.visit_type, 'createdAt', r.created_at, 'updatedAt', r.updated_at))
      FROM (SELECT * FROM case_product_requests
            WHERE organization_id = k.organization_id AND case_product_id = k.id
            ORDER BY created_at DESC, id DESC LIMIT 1) r), '[]')
  ) ORDER BY k.position)
  FROM case_products k JOIN products o ON o.organization_id = k.organization_id AND o.id = k.product_id
  WHERE k.organization_id = c.organization_id AND k.case_id = c.id), '[]')
"""

# What an excerpt shows beside the basic data, by the member that holds it; `w` is what is wanted, `w.target_id` what the event is about.
EXCERPTS: dict[str, LiteralString] = {
    "orders": """'orders', coalesce((
  SELECT json_agg(json_build_object('id', o.id, 'status', o.status, 'trackingId', o.tracking_id,
    'message', encode(o.message_sealed, 'hex'), 'createdAt', o.created_at))
  FROM orders o WHERE o.organization_id = c.organization_id AND o.id = w.target_id), '[]')""",
    "attachments": f"'attachments', {attachments_json('id = w.target_id')}",
    "assignees": f"'assignees', {ASSIGNEES}",
}

_EXCERPTS: LiteralString = """
SELECT w.place, json_build_object('id', c.id, 'shortId', c.short_id, 'status', c.status, 'title', c.title, 'type', c.type,
  'createdAt', c.created_at, 'updatedAt', c.updated_at, 'isTest', c.is_test{part})::text
FROM json_to_recordset(%(wanted)s::json) w (place integer, case_id uuid, target_id uuid)
JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = w.case_id
"""

_BY_ID: LiteralString = " AND c.id = %(case_id)s"
_BY_SHORT_ID: LiteralString = " AND c.short_id = %(short_id)s"
# A record that was merged has its cases at the other one.
_BY_MAILBOX: LiteralString = """ AND c.patient_id = ANY(ARRAY(
    SELECT coalesce(p.merged_into_id, p.id) FROM patients p
    WHERE p.organization_id = %(organization_id)s AND p.mailbox = %(mailbox)s))"""


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The optional parts of the answer."""

    attachments: bool = False
    calendar_events: bool = False
    orders: bool = False
    case_products: bool = False


class Wanted(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Which case. With both `case_id` and `mailbox`, the case must be that of a patient with this e-mail address."""

    case_id: UUID | None = None
    short_id: str | None = None
    mailbox: str | None = None
    parts: Parts = Parts()
    # The newest of each list.
    most: int = MAX_ROWS_PER_LIST


def case_json(parts: Parts) -> LiteralString:
    """SQL for case `c` of patient `p` as JSON that reads as a CaseDetailRecord; `%(most)s` bounds every list in it."""
    comments = comments_json(COMMENT_ATTACHMENTS if parts.attachments else None)
    members: list[LiteralString] = [
        _BASICS,
        f"'assignedTo', {member_json('c', 'assigned_to_id')}",
        f"'hrRep', {member_json('c', 'hr_rep_id')}",
        f"'assignedBy', {member_json('c', 'assigned_by_id')}",
        f"'assignees', {ASSIGNEES}",
        f"'activity', {_ACTIVITY}",
        f"'decisions', {_DECISIONS}",
        f"'comments', {comments}",
        f"'payments', {CASE_PAYMENTS}",
        f"'responses', {CASE_RESPONSES}",
    ]
    optional: list[tuple[bool, LiteralString]] = [
        (parts.attachments, f"'attachments', {CASE_ATTACHMENTS}"),
        (parts.calendar_events, f"'calendarEvents', {CASE_CALENDAR_EVENTS}"),
        (parts.orders, f"'orders', {CASE_ORDERS}"),
        (parts.case_products, f"'caseProducts', {_CASE_PRODUCTS}"),
    ]
    members.extend(member for is_wanted, member in optional if is_wanted)
    return f"json_build_object({', '.join(members)})"


@cache
def _statement(parts: Parts, by_id: bool, by_short_id: bool, by_mailbox: bool) -> LiteralString:
    return f"""
SELECT {case_json(parts)}::text FROM (
  SELECT c.* FROM cases c
  WHERE c.organization_id = %(organization_id)s{_BY_ID if by_id else ""}{_BY_SHORT_ID if by_short_id else ""}{_BY_MAILBOX if by_mailbox else ""}
  ORDER BY c.created_at DESC, c.id DESC LIMIT 1) c
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
"""


@cache
def _statement_for_many() -> LiteralString:
    everything = Parts(attachments=True, calendar_events=True, orders=True, case_products=True)
    return f"""
SELECT c.id, {case_json(everything)}::text FROM cases c
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE c.organization_id = %(organization_id)s AND c.id = ANY(%(ids)s::uuid[])
"""


async def find_detail(conn: Connection, organization_id: UUID, wanted: Wanted) -> CaseDetailRecord | None:
    """The case with its parts, still sealed; of several that match, the newest. One round trip."""
    statement = _statement(
        wanted.parts, wanted.case_id is not None, wanted.short_id is not None, wanted.mailbox is not None
    )
    values = {
        "organization_id": organization_id,
        "case_id": wanted.case_id,
        "short_id": wanted.short_id,
        "mailbox": wanted.mailbox,
        "most": wanted.most,
    }
    row = await (await conn.execute(statement, values)).fetchone()
    return _DETAILS.decode(row[0]) if row else None


async def list_details(
    conn: Connection, organization_id: UUID, case_ids: Sequence[UUID]
) -> list[CaseDetailRecord | None]:
    """Each case with all its parts, still sealed, in their order. Whoever names one twice gets two records of it."""
    values = {"organization_id": organization_id, "ids": uuid_array(set(case_ids)), "most": MAX_ROWS_PER_LIST}
    rows = await (await conn.execute(_statement_for_many(), values)).fetchall()
    found: dict[UUID, str] = dict(rows)
    return [_DETAILS.decode(found[one]) if one in found else None for one in case_ids]


class WantedExcerpt(msgspec.Struct, frozen=True):
    """Of a case its basic data and, of the member `part` (EXCERPTS), the entry `target_id`."""

    case_id: UUID
    part: str | None
    target_id: UUID | None


async def list_excerpts(
    conn: Connection, organization_id: UUID, wanted: Sequence[WantedExcerpt]
) -> list[CaseExcerpt | None]:
    """Each excerpt, still sealed, in their order. One round trip: a statement for each part."""
    places: dict[str | None, list[dict[str, object]]] = {}
    for place, one in enumerate(wanted):
        row = {"place": place, "case_id": one.case_id, "target_id": one.target_id}
        places.setdefault(one.part, []).append(row)
    cursors = []
    for part, rows in places.items():
        statement = _EXCERPTS.format(part="" if part is None else ", " + EXCERPTS[part])
        values = {"organization_id": organization_id, "wanted": to_json(rows), "most": MAX_ROWS_PER_LIST}
        cursors.append(await conn.execute(statement, values))
    found = {place: text for cursor in cursors for place, text in await cursor.fetchall()}
    return [_EXCERPT.decode(found[place]) if place in found else None for place in range(len(wanted))]
