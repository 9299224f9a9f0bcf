"""Every SQL statement about payments."""

from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi

# A part of the statement that writes a case: `sent.rows` holds all its rows as JSON.
INSERT_PAYMENTS: LiteralString = """
INSERT INTO payments (organization_id, id, case_id, amount_cents, currency, description, status, reference_type,
                      reference_id, is_test, created_by_patient_id, due_at)
SELECT organization_id, id, case_id, amount_cents, currency, description, status, reference_type,
       reference_id, is_test, created_by_patient_id, now()
FROM sent, jsonb_populate_recordset(null::payments, sent.rows -> 'payments')
"""


class Payment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_id: UUID
    amount_cents: int
    currency: str
    description: str | None
    status: str
    reference_type: str | None
    reference_id: str | None
    is_test: bool
    created_by_patient_id: UUID


# Part of the case detail: `c` is the case, `%(most)s` bounds the list. Staff have an e-mail, and so do patients.
CASE_PAYMENTS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', y.id, 'isDeleted', y.deleted_at IS NOT NULL, 'description', y.description,
    'amount', decimal_string(y.amount_cents, y.currency), 'status', y.status, 'dueDate', y.due_at, 'paymentDate', y.paid_at,
    'cancellationDate', y.canceled_at, 'isScheduled', y.is_scheduled, 'schedulePosition', y.schedule_position,
    'isAutoCreated', y.is_auto_created, 'createdAt', y.created_at, 'updatedAt', y.updated_at,
    'fees', json_build_object(
      'consultFee', decimal_string(y.consult_fee_cents, y.currency), 'convenienceFee', decimal_string(y.convenience_fee_cents, y.currency),
      'paymentProcessingFee', decimal_string(y.payment_processing_fee_cents, y.currency),
      'pharmacyFee', decimal_string(y.pharmacy_fee_cents, y.currency), 'shippingFee', decimal_string(y.shipping_fee_cents, y.currency),
      'syringeKitFee', decimal_string(y.syringe_kit_fee_cents, y.currency),
      'techPlatformFee', decimal_string(y.tech_platform_fee_cents, y.currency),
      'subFees', coalesce((
        SELECT json_agg(json_build_object('label', f.label, 'amount', decimal_string(f.amount_cents, y.currency)) ORDER BY f.position)
        FROM payment_sub_fees f WHERE f.organization_id = y.organization_id AND f.payment_id = y.id), '[]')),
    'createdBy', (
      SELECT json_build_object('id', b.id, 'firstName', b.first_name, 'lastName', b.last_name, 'email', b.email) FROM (
        SELECT s.id, s.first_name, s.last_name, s.email FROM staff s
        WHERE s.organization_id = y.organization_id AND s.id = y.created_by_staff_id
        UNION ALL
        SELECT p.id, p.first_name, p.last_name, p.email FROM patients p
        WHERE p.organization_id = y.organization_id AND p.id = y.created_by_patient_id) b)
  ) ORDER BY y.created_at, y.id)
  FROM (SELECT * FROM payments WHERE organization_id = c.organization_id AND case_id = c.id
        ORDER BY created_at DESC LIMIT %(most)s) y), '[]')
"""
