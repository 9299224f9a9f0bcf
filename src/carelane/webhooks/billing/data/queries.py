"""Every SQL statement about the records that alerts tell of."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.bills.invoices.queries import INVOICE
from carelane.catalog.billing.items.queries import ITEM
from carelane.charges.adjusting.queries import ADJUSTED
from carelane.charges.money.queries import PAYMENT, PaymentRow, Returned
from carelane.charges.plans.queries import INSTALMENT, PlannedRow
from carelane.charges.queries import CHARGE
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi
from carelane.patients.billing.queries import PATIENT, PatientRow


class AppointmentRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    case_id: UUID
    patient: PatientRow
    provider_id: str | None
    provider_name: str | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    meeting_link: str | None
    status: str | None
    is_canceled: bool
    created_at: datetime
    updated_at: datetime


class PaidRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment, and whose it is by the id that the storefront knows."""

    patient_id: str | None
    payment: PaymentRow


class InstalmentRow(PaidRow, frozen=True, kw_only=True):
    """An instalment of a payment plan, and the payment that takes it."""

    planned: PlannedRow


class RefundRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    payment_id: UUID
    refund: Returned


class AnsweredFormRow(Phi, msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    form_id: UUID
    name: str
    case_id: UUID
    patient: PatientRow
    is_draft: bool
    created_at: datetime


_RECORDS: dict[str, LiteralString] = {
    "patient": "SELECT p.id, "
    + PATIENT
    + "::text FROM patients p WHERE p.organization_id = %s AND p.id = ANY(%s::uuid[])",
    "charge": "SELECT c.id, "
    + CHARGE
    + "::text FROM charges c WHERE c.organization_id = %s AND c.id = ANY(%s::uuid[])",
    "item": "SELECT i.id, " + ITEM + "::text FROM products i WHERE i.organization_id = %s AND i.id = ANY(%s::uuid[])",
    "payment": """
SELECT y.id, json_build_object('patient_id', (
    SELECT coalesce(p.given_id, p.id::text) FROM patients p WHERE p.organization_id = y.organization_id AND p.id = y.patient_id),
  'payment', """
    + PAYMENT
    + """)::text
FROM payments y WHERE y.organization_id = %s AND y.id = ANY(%s::uuid[])
""",
    "planned": """
SELECT y.id, json_build_object('planned', """
    + INSTALMENT
    + """, 'patient_id', (
    SELECT coalesce(p.given_id, p.id::text) FROM patients p WHERE p.organization_id = y.organization_id AND p.id = y.patient_id),
  'payment', """
    + PAYMENT
    + """)::text
FROM payments y JOIN planned_payments e ON e.organization_id = y.organization_id AND e.payment_id = y.id
WHERE y.organization_id = %s AND y.id = ANY(%s::uuid[])
""",
    "invoice": "SELECT v.id, "
    + INVOICE
    + "::text FROM invoices v WHERE v.organization_id = %s AND v.id = ANY(%s::uuid[])",
    "refund": """
SELECT r.id, json_build_object('payment_id', r.payment_id, 'refund', json_build_object('id', r.id, 'amount_cents', r.amount_cents,
  'reason', r.reason, 'status', r.status, 'created_at', r.granted_at))::text
FROM refunds r WHERE r.organization_id = %s AND r.id = ANY(%s::uuid[])
""",
    "adjustment": f"""
SELECT a.id, {ADJUSTED}::text FROM charge_adjustments a JOIN charges c ON c.organization_id = a.organization_id AND c.id = a.charge_id
WHERE a.organization_id = %s AND a.id = ANY(%s::uuid[])
""",
    "form": """
SELECT r.id, json_build_object('id', r.id, 'form_id', f.id, 'name', f.name, 'case_id', r.case_id, 'is_draft', r.is_draft,
  'created_at', r.created_at, 'patient', """
    + PATIENT
    + """)::text
FROM form_responses r JOIN form_versions v ON v.organization_id = r.organization_id AND v.id = r.form_version_id
JOIN forms f ON f.organization_id = v.organization_id AND f.id = v.form_id
JOIN patients p ON p.organization_id = r.organization_id AND p.id = r.patient_id
WHERE r.organization_id = %s AND r.id = ANY(%s::uuid[])
""",
    "appointment": """
SELECT v.id, json_build_object('id', v.id, 'case_id', v.case_id, 'provider_id', (
    SELECT coalesce(s.given_id, s.id::text) FROM staff s WHERE s.organization_id = v.organization_id AND s.id = v.staff_id),
  'provider_name', v.provider_name, 'starts_at', v.starts_at, 'ends_at', v.ends_at, 'timezone', v.timezone,
  'meeting_link', v.meeting_link, 'status', v.status, 'is_canceled', v.deleted_at IS NOT NULL,
  'created_at', v.created_at, 'updated_at', v.updated_at, 'patient', """
    + PATIENT
    + """)::text
FROM calendar_events v JOIN cases c ON c.organization_id = v.organization_id AND c.id = v.case_id
JOIN patients p ON p.organization_id = c.organization_id AND p.id = c.patient_id
WHERE v.organization_id = %s AND v.id = ANY(%s::uuid[])
""",
}


async def list_records(conn: Connection, organization_id: UUID, noun: str, ids: list[UUID]) -> dict[UUID, str]:
    """Each as JSON, by its id; `noun` is patient, charge, payment, planned, invoice, refund, adjustment, item, form or appointment."""
    cursor = await conn.execute(_RECORDS[noun], (organization_id, uuid_array(ids)))
    return {row[0]: row[1] for row in await cursor.fetchall()}
