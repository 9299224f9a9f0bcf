"""Every SQL statement by which staff change a case, and that which reads its state."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.states import CaseStatus, RequestStatus
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.gate.queries import HOLD_ENDS_AT, PAYMENT_WAIT, PaymentWait
from carelane.staff.queries import AssignmentPolicy, member_json

# How long somebody looks after a case without doing anything about it.
LEASE = timedelta(minutes=15)

# Since when a case has been in its state; `c` is the case.
WAITS_SINCE: LiteralString = """
coalesce(c.asked_patient_at, CASE c.status WHEN 'ASSIGNED' THEN c.assigned_at WHEN 'IN_PROGRESS' THEN c.in_progress_at
  WHEN 'OPEN' THEN c.created_at WHEN 'ABANDONED' THEN c.created_at ELSE c.closed_at END, c.updated_at)
"""

# What whoever decides must have seen. Money and orders go their own way meanwhile.
SEEN: LiteralString = """
'CREATE_CASE', 'ADD_CASE_ASSIGNEE', 'REMOVE_CASE_ASSIGNEE', 'CHANGE_CASE_STATUS', 'ADD_CASE_COMMENT', 'ADD_CASE_DECISION',
'ADD_CASE_ATTACHMENT', 'ADD_FORM_RESPONSE', 'CASE_PRODUCT_ADDED', 'CASE_PRODUCT_CLOSED', 'DELETE_ATTACHMENT', 'ARCHIVE_CASE',
'REOPEN_CASE', 'ESCALATE_CASE', 'DEESCALATE_CASE', 'DECISION_SUBMITTED', 'DECISION_UNDONE', 'DECISION_NOT_TAKEN'
"""

# In a statement of its own: a join would be read before the wait for the lock, and name whoever had the case then.
_LOCK: LiteralString = "SELECT FROM cases WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE"

# Whoever acts on a case goes on looking after it. Who does not, does not begin to.
_RENEW: LiteralString = """
UPDATE cases SET lease_ends_at = now() + %s WHERE organization_id = %s AND id = %s AND lease_staff_id = %s AND lease_ends_at > now()
"""


# Nobody decides on a closed product. NO_DECISION counts from when the case was last started: whoever looks again decides anew.
def _summary(money: LiteralString = "", of_request: LiteralString = "") -> LiteralString:
    return f"""
SELECT json_build_object('id', c.id, 'short_id', c.short_id, 'status', c.status, 'is_archived', c.is_archived,
  'is_escalated', c.is_escalated, 'is_test', c.is_test, 'waits_since', {WAITS_SINCE},
  'asked_patient_at', c.asked_patient_at,
  {money}'archive_reason', c.archive_reason, 'archived_at', CASE WHEN c.is_archived THEN (
     SELECT max(e.created_at) FROM events e
     WHERE e.organization_id = c.organization_id AND e.case_id = c.id AND e.type = 'ARCHIVE_CASE') END,
  'dispatched_at', (SELECT max(e.dispatched_at) FROM events e
     WHERE e.organization_id = c.organization_id AND e.case_id = c.id AND e.type = 'CREATE_CASE'),
  'assigned_to', {member_json("c", "assigned_to_id")}, 'in_progress_by', {member_json("c", "in_progress_by_id")},
  'version', coalesce((SELECT max(e.case_sequence) FROM events e
     WHERE e.organization_id = c.organization_id AND e.case_id = c.id AND e.type IN ({SEEN})), 0),
  'held', (SELECT json_build_object('id', h.id, 'by', {member_json("h", "staff_id")}, 'created_at', h.created_at,
       'due_at', h.due_at)
     FROM pending_decisions h
     WHERE h.organization_id = c.organization_id AND h.case_id = c.id AND h.status = 'PENDING'),
  'closed_by', {member_json("c", "closed_by_id")}, 'patient_state', p.state, 'policy', o.assignment_policy,
  'rota_size', (SELECT count(*) FROM staff s WHERE s.organization_id = c.organization_id AND s.role = 'CASEWORKER'
                  AND s.takes_cases AND s.deactivated_at IS NULL),
  'requests', coalesce((
    SELECT json_agg(json_build_object('id', r.id, 'product_id', k.product_id, 'name', n.name, 'status', r.status,
      'visit_type', r.visit_type, 'order_id', r.order_id, {of_request}'is_left', r.status = 'PENDING' AND EXISTS (
         SELECT FROM decisions d WHERE d.organization_id = c.organization_id AND d.case_id = c.id
           AND d.product_id = k.product_id AND d.is_no_decision AND d.created_at >= c.in_progress_at))
      ORDER BY k.position, r.created_at, r.id)
    FROM case_products k
    JOIN case_product_requests r ON r.organization_id = k.organization_id AND r.case_product_id = k.id
    JOIN products n ON n.organization_id = k.organization_id AND n.id = k.product_id
    WHERE k.organization_id = c.organization_id AND k.case_id = c.id AND (k.status = 'OPEN' OR r.status <> 'PENDING')), '[]'))::text
FROM cases c JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
JOIN organizations o ON o.id = c.organization_id
WHERE c.organization_id = %s AND c.id = %s
"""


_SUMMARY: LiteralString = _summary()
# With what only the answer to why tells: each act reads the summary twice.
_EXPLAINED: LiteralString = _summary(
    money=f"'payment_wait', {PAYMENT_WAIT}, 'hold_ends_at', {HOLD_ENDS_AT}, 'due_at', nullif(c.due_at, 'infinity'), ",
    of_request="""'is_here', EXISTS (
         SELECT FROM orders o WHERE o.organization_id = c.organization_id AND o.id = r.order_id
           AND o.status IN ('RECEIVED', 'SENDING') AND o.sending_began_at IS NULL), """,
)

_REMOVE_ASSIGNEE: LiteralString = """
DELETE FROM case_assignees g USING cases c
WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s AND g.organization_id = c.organization_id
  AND g.case_id = c.id AND g.staff_id = c.assigned_to_id
"""

_ASSIGN: LiteralString = """
WITH new_assignee AS (
  INSERT INTO case_assignees (organization_id, case_id, staff_id)
  VALUES (%(organization_id)s, %(case_id)s, %(staff_id)s) ON CONFLICT DO NOTHING)
UPDATE cases SET status = 'ASSIGNED', assigned_to_id = %(staff_id)s, assigned_by_id = %(actor_id)s, assigned_at = now(),
  in_progress_by_id = NULL, in_progress_at = NULL, closed_by_id = NULL, closed_at = NULL, updated_at = now(),
  lease_staff_id = CASE WHEN lease_staff_id = %(staff_id)s THEN lease_staff_id END,
  lease_ends_at = CASE WHEN lease_staff_id = %(staff_id)s THEN lease_ends_at END
WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""

_UNASSIGN: LiteralString = """
UPDATE cases SET status = 'OPEN', assigned_to_id = NULL, assigned_by_id = NULL, assigned_at = NULL,
  in_progress_by_id = NULL, in_progress_at = NULL, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""

_START: LiteralString = """
UPDATE cases SET status = 'IN_PROGRESS', in_progress_by_id = %(actor_id)s, in_progress_at = now(),
  closed_by_id = NULL, closed_at = NULL, updated_at = now() WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""

# A decision ends the wait for the patient too.
_CLOSE: LiteralString = """
UPDATE cases SET status = %(status)s, closed_by_id = %(actor_id)s, closed_at = now(), asked_patient_at = NULL,
  lease_staff_id = NULL, lease_ends_at = NULL, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""

_ASK: LiteralString = """
UPDATE cases SET asked_patient_at = now(), updated_at = now() WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""

# Who decided, and when, is kept; a case that nobody decided on is closed by whoever archives it.
_ARCHIVE: LiteralString = """
UPDATE cases SET is_archived = true, archive_reason = %(reason)s, archive_note_sealed = %(note)s,
  asked_patient_at = NULL, closed_by_id = coalesce(closed_by_id, %(actor_id)s), closed_at = coalesce(closed_at, now()),
  lease_staff_id = NULL, lease_ends_at = NULL, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""

_REOPEN: LiteralString = """
UPDATE cases SET is_archived = false, archive_reason = NULL, archive_note_sealed = NULL,
  closed_by_id = CASE WHEN status IN ('APPROVED', 'REJECTED', 'NO_DECISION') THEN closed_by_id END,
  closed_at = CASE WHEN status IN ('APPROVED', 'REJECTED', 'NO_DECISION') THEN closed_at END, updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""

_SET_ESCALATED: LiteralString = """
UPDATE cases SET is_escalated = %(is_escalated)s, updated_at = now() WHERE organization_id = %(organization_id)s AND id = %(case_id)s
"""


class Holder(msgspec.Struct, rename="camel", frozen=True):
    """The member of staff who has a case, by name."""

    id: UUID
    first_name: str
    last_name: str
    is_active: bool = True

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


class RequestSummary(msgspec.Struct, frozen=True, kw_only=True):
    """`is_left`: PENDING, and left without a decision since the case was last started. `is_here`: its order has not left us."""

    id: UUID
    product_id: UUID
    name: str
    status: RequestStatus
    visit_type: str | None = None
    order_id: UUID | None = None
    is_left: bool = False
    is_here: bool = False


class HeldDecision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that its clinician can still undo."""

    id: UUID
    by: Holder
    created_at: datetime
    due_at: datetime


class CaseSummary(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What an act on a case, or the answer to why it is not moving, must know about it."""

    id: UUID
    short_id: str
    status: CaseStatus
    is_archived: bool
    is_escalated: bool
    is_test: bool
    waits_since: datetime
    asked_patient_at: datetime | None
    # The payment that an order of it waits for, or would wait for; this and the next two only where it is explained.
    payment_wait: PaymentWait | None = None
    hold_ends_at: datetime | None = None
    # When the clinic's promise of an answer runs out.
    due_at: datetime | None = None
    archive_reason: str | None
    archived_at: datetime | None
    dispatched_at: datetime | None
    assigned_to: Holder | None
    in_progress_by: Holder | None
    closed_by: Holder | None
    # How many of the events that whoever decides must have seen it has.
    version: int = 0
    held: HeldDecision | None = None
    patient_state: str | None
    policy: AssignmentPolicy
    rota_size: int
    requests: list[RequestSummary]


async def find_summary(conn: Connection, organization_id: UUID, case_id: UUID) -> CaseSummary | None:
    row = await (await conn.execute(_SUMMARY, (organization_id, case_id))).fetchone()
    return msgspec.json.decode(row[0], type=CaseSummary) if row else None


async def find_explained(conn: Connection, organization_id: UUID, case_id: UUID) -> CaseSummary | None:
    """With the money that the case waits for, and whether its orders have left."""
    row = await (await conn.execute(_EXPLAINED, (organization_id, case_id))).fetchone()
    return msgspec.json.decode(row[0], type=CaseSummary) if row else None


async def get_summary(conn: Connection, organization_id: UUID, case_id: UUID) -> CaseSummary:
    """Of a case that is known to exist."""
    case = await find_summary(conn, organization_id, case_id)
    if case is None:
        raise LookupError("the case is gone")
    return case


async def lock_case(conn: Connection, organization_id: UUID, case_id: UUID) -> CaseSummary | None:
    """The case once nobody else can move it; its row stays locked until the transaction ends."""
    await conn.execute(_LOCK, (organization_id, case_id))
    return await find_summary(conn, organization_id, case_id)


async def update_lease(conn: Connection, organization_id: UUID, case_id: UUID, staff_id: UUID) -> None:
    """If the case is theirs to look after."""
    await conn.execute(_RENEW, (LEASE, organization_id, case_id, staff_id))


async def assign(conn: Connection, organization_id: UUID, case_id: UUID, staff_id: UUID, actor_id: UUID | None) -> None:
    """Gives the case to `staff_id`, and takes it from whoever had it."""
    values = {"organization_id": organization_id, "case_id": case_id, "staff_id": staff_id, "actor_id": actor_id}
    await conn.execute(_REMOVE_ASSIGNEE, values)
    await conn.execute(_ASSIGN, values)


async def update_unassigned(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    values = {"organization_id": organization_id, "case_id": case_id}
    await conn.execute(_REMOVE_ASSIGNEE, values)
    await conn.execute(_UNASSIGN, values)


async def update_started(conn: Connection, organization_id: UUID, case_id: UUID, actor_id: UUID | None) -> None:
    await conn.execute(_START, {"organization_id": organization_id, "case_id": case_id, "actor_id": actor_id})


async def update_closed(
    conn: Connection, organization_id: UUID, case_id: UUID, status: CaseStatus, actor_id: UUID | None
) -> None:
    values = {"organization_id": organization_id, "case_id": case_id, "status": status, "actor_id": actor_id}
    await conn.execute(_CLOSE, values)


async def update_asked(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    await conn.execute(_ASK, {"organization_id": organization_id, "case_id": case_id})


async def update_archived(
    conn: Connection,
    organization_id: UUID,
    case_id: UUID,
    actor_id: UUID | None,
    reason: str | None,
    note: bytes | None,
) -> None:
    values = {"organization_id": organization_id, "case_id": case_id, "actor_id": actor_id}
    await conn.execute(_ARCHIVE, values | {"reason": reason, "note": note})


async def update_reopened(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    await conn.execute(_REOPEN, {"organization_id": organization_id, "case_id": case_id})


async def set_escalated(conn: Connection, organization_id: UUID, case_id: UUID, *, is_escalated: bool) -> None:
    values = {"organization_id": organization_id, "case_id": case_id, "is_escalated": is_escalated}
    await conn.execute(_SET_ESCALATED, values)
