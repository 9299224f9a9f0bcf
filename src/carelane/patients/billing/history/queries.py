"""Every SQL statement about what a patient spent, and when a patient was here."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow
from carelane.patients.queries import living

# Charges that were not called off. What was paid of one is its total with its tips and what it was raised by, without what is outstanding
# and what is expected no more.
_PAID_STATUSES: LiteralString = "('OUTSTANDING', 'PAID', 'EXTERNAL_SETTLEMENT', 'COLLECTIONS', 'PAYMENT_PLAN')"


def spent(of_charges: LiteralString, of_cases: LiteralString) -> LiteralString:
    """Rows of a patient's id and an amount, for those that the conditions on `h.patient_id` and `c.patient_id` let through.
    Needs %(organization_id)s."""
    return f"""
SELECT h.patient_id, h.total_cents - h.outstanding_cents AS cents FROM charges h
WHERE h.organization_id = %(organization_id)s AND h.status IN {_PAID_STATUSES}{of_charges}
UNION ALL
SELECT h.patient_id, g.amount_cents FROM charges h
JOIN charge_tips g ON g.organization_id = h.organization_id AND g.charge_id = h.id AND g.removed_at IS NULL
WHERE h.organization_id = %(organization_id)s AND h.status IN {_PAID_STATUSES}{of_charges}
UNION ALL
SELECT h.patient_id, -a.amount_cents FROM charges h
JOIN charge_adjustments a ON a.organization_id = h.organization_id AND a.charge_id = h.id
WHERE h.organization_id = %(organization_id)s AND h.status IN {_PAID_STATUSES}{of_charges}
UNION ALL
SELECT c.patient_id, y.amount_cents FROM payments y
JOIN cases c ON c.organization_id = y.organization_id AND c.id = y.case_id
JOIN organizations o ON o.id = y.organization_id AND o.currency = y.currency
WHERE y.organization_id = %(organization_id)s AND y.status = 'PAID' AND y.deleted_at IS NULL AND NOT y.is_test{of_cases}
"""


def appointments(of_cases: LiteralString) -> LiteralString:
    """Rows of a patient's id and the moment of an appointment, as `spent`."""
    return f"""
SELECT c.patient_id, e.starts_at FROM calendar_events e
JOIN cases c ON c.organization_id = e.organization_id AND c.id = e.case_id
WHERE e.organization_id = %(organization_id)s AND e.deleted_at IS NULL{of_cases}
"""


_SPENT_BY_ONE = spent(" AND h.patient_id = p.id", " AND c.patient_id = p.id")
_APPOINTMENTS_OF_ONE = appointments(" AND c.patient_id = p.id")
# What happened to a patient `p`, as JSON that reads as a PatientHistory. Needs %(organization_id)s.
HISTORY: LiteralString = f"""
json_build_object('appointment_count', (SELECT count(*) FROM ({_APPOINTMENTS_OF_ONE}) a),
  'last_appointment_at', (SELECT max(a.starts_at) FROM ({_APPOINTMENTS_OF_ONE}) a WHERE a.starts_at <= now()),
  'spent_cents', (SELECT coalesce(sum(s.cents), 0)::bigint FROM ({_SPENT_BY_ONE}) s),
  'location_name', (SELECT l.name FROM locations l
    WHERE l.organization_id = p.organization_id AND l.id = p.primary_location_id))
"""


class PatientHistory(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What HISTORY gives."""

    appointment_count: int
    last_appointment_at: datetime | None
    spent_cents: int
    location_name: str | None


class PatientWithHistory(Phi, msgspec.Struct, frozen=True):
    patient: PatientRow
    history: PatientHistory


_FIND_WITH_HISTORY: LiteralString = f"""
SELECT json_build_object('patient', {PATIENT}, 'history', {HISTORY})::text
FROM patients p WHERE p.organization_id = %(organization_id)s AND p.id = {living("%(id)s")}
"""


async def find_with_history(conn: Connection, organization_id: UUID, patient_id: UUID) -> PatientWithHistory | None:
    """Archived patients too."""
    values = {"organization_id": organization_id, "id": patient_id}
    row = await (await conn.execute(_FIND_WITH_HISTORY, values)).fetchone()
    return msgspec.json.decode(row[0], type=PatientWithHistory) if row else None
