"""The SQL statements by which payments come in."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, Cursor, to_json
from carelane.kit.phi import Phi
from carelane.payments.gateways.protocol import Intent
from carelane.payments.intake.schemas import IntakeTerms

# A part of a statement: `o` is the organization, `%(is_test)s` the kind of money.
INTAKE_TERMS: LiteralString = """
json_build_object('policy', o.payment_policy, 'fees', o.payment_fees,
  'account_id', (SELECT a.id FROM gateway_accounts a
    WHERE o.payment_policy <> 'unverified' AND a.organization_id = o.id AND a.is_active AND a.is_test = %(is_test)s),
  'has_other', EXISTS (SELECT FROM gateway_accounts a
    WHERE o.payment_policy <> 'unverified' AND a.organization_id = o.id AND a.is_active AND a.is_test <> %(is_test)s))
"""
# A part of the statement that writes a case: `sent.rows` holds all its rows as JSON.
INSERT_PAYMENTS: LiteralString = """
INSERT INTO payments (organization_id, id, case_id, patient_id, amount_cents, currency, description, status, reference_type,
  reference_id, is_test, created_by_patient_id, due_at, method, policy, stage, gateway_account_id, customer_id, method_id,
  next_step_at, consult_fee_cents, convenience_fee_cents, payment_processing_fee_cents, pharmacy_fee_cents, shipping_fee_cents,
  syringe_kit_fee_cents, tech_platform_fee_cents)
SELECT organization_id, id, case_id, patient_id, amount_cents, currency, description, status, reference_type,
  reference_id, is_test, created_by_patient_id, now(), method, policy, stage, gateway_account_id, customer_id, method_id,
  next_step_at, consult_fee_cents, convenience_fee_cents, payment_processing_fee_cents, pharmacy_fee_cents, shipping_fee_cents,
  syringe_kit_fee_cents, tech_platform_fee_cents
FROM sent, jsonb_populate_recordset(null::payments, sent.rows -> 'payments')
"""
_INSERT_PAYMENTS_ALONE: LiteralString = f"WITH sent AS (SELECT %s::jsonb AS rows) {INSERT_PAYMENTS}"
_INSERT_PARTS: LiteralString = """
WITH sent AS (SELECT %s::jsonb AS rows), new_sub_fees AS (
  INSERT INTO payment_sub_fees (organization_id, id, payment_id, position, label, amount_cents)
  SELECT organization_id, id, payment_id, position, label, amount_cents
  FROM sent, jsonb_populate_recordset(null::payment_sub_fees, sent.rows -> 'sub_fees')
)
INSERT INTO gateway_customers (organization_id, gateway_account_id, patient_id, customer_id, method_id, updated_at)
SELECT organization_id, gateway_account_id, patient_id, customer_id, method_id, now()
FROM sent, jsonb_populate_recordset(null::gateway_customers, sent.rows -> 'customers')
ON CONFLICT (organization_id, gateway_account_id, patient_id)
DO UPDATE SET customer_id = excluded.customer_id, method_id = excluded.method_id, updated_at = now()
"""
# Who brings the same reference waits until the first is done, in a statement of its own.
_HOLD_REFERENCE: LiteralString = (
    "SELECT pg_advisory_xact_lock(hashtextextended('payment reference ' || %s || ' ' || %s, 0))"
)
_IS_REFERENCE_USED: LiteralString = """
SELECT EXISTS (SELECT FROM payments
    WHERE organization_id = %(organization_id)s AND reference_id = %(reference_id)s AND method = 'GATEWAY' AND canceled_at IS NULL
      AND id IS DISTINCT FROM %(apart_from)s)
  OR EXISTS (SELECT FROM payment_intents
    WHERE organization_id = %(organization_id)s AND gateway_id = %(reference_id)s AND gateway_account_id = %(account_id)s
      AND payment_id IS DISTINCT FROM %(apart_from)s)
"""
_GET_TERMS: LiteralString = f"SELECT {INTAKE_TERMS}::text FROM organizations o WHERE o.id = %(organization_id)s"
_GET_EMAIL: LiteralString = "SELECT coalesce(email, '') FROM patients WHERE organization_id = %s AND id = %s"


class NewPayment(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A payment as it comes in."""

    organization_id: UUID
    id: UUID
    case_id: UUID
    patient_id: UUID
    amount_cents: int
    currency: str
    description: str | None
    status: str
    reference_type: str | None
    reference_id: str | None
    is_test: bool
    created_by_patient_id: UUID
    consult_fee_cents: int
    convenience_fee_cents: int
    payment_processing_fee_cents: int
    pharmacy_fee_cents: int
    shipping_fee_cents: int
    syringe_kit_fee_cents: int
    tech_platform_fee_cents: int
    method: str = "REFERENCE"
    policy: str = "unverified"
    stage: str = "UNVERIFIED"
    gateway_account_id: UUID | None = None
    customer_id: str | None = None
    method_id: str | None = None
    next_step_at: datetime | None = None


class NewSubFee(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID
    payment_id: UUID
    position: int
    label: str
    amount_cents: int


class NewCustomer(Phi, msgspec.Struct, frozen=True):
    organization_id: UUID
    gateway_account_id: UUID
    patient_id: UUID
    customer_id: str
    method_id: str


class MoneyParts(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What hangs on a payment."""

    sub_fees: list[NewSubFee] = []
    customers: list[NewCustomer] = []

    def __bool__(self) -> bool:
        return bool(self.sub_fees or self.customers)


class PaymentRows(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """`parts` are the rows that hang on the payment's; `intent` is what the gateway holds or has taken for it."""

    payment: NewPayment
    parts: MoneyParts
    intent: Intent | None = None


async def insert_payment(conn: Connection, payment: NewPayment) -> None:
    """One that is added to what is there."""
    await conn.execute(_INSERT_PAYMENTS_ALONE, (to_json({"payments": [payment]}),))


async def insert_parts(conn: Connection, parts: MoneyParts) -> None:
    """Nothing is asked where there are none."""
    if parts:
        await conn.execute(_INSERT_PARTS, (to_json(parts),))


async def query_reference_used(
    conn: Connection, organization_id: UUID, account_id: UUID, reference_id: str, apart_from: UUID | None = None
) -> Cursor:
    """Whether another payment has the reference; until the transaction ends nobody else brings it. One row, one column."""
    await conn.execute(_HOLD_REFERENCE, (organization_id.hex, reference_id))
    values = {
        "organization_id": organization_id,
        "account_id": account_id,
        "reference_id": reference_id,
        "apart_from": apart_from,
    }
    return await conn.execute(_IS_REFERENCE_USED, values)


async def get_email(conn: Connection, organization_id: UUID, patient_id: UUID) -> str:
    """Of a patient who is there; empty if none is known."""
    return (await (await conn.execute(_GET_EMAIL, (organization_id, patient_id))).fetchall())[0][0]  # type: ignore[no-any-return]


async def get_intake_terms(conn: Connection, organization_id: UUID, *, is_test: bool) -> IntakeTerms:
    """Of an organization that is there."""
    cursor = await conn.execute(_GET_TERMS, {"organization_id": organization_id, "is_test": is_test})
    return msgspec.json.decode((await cursor.fetchall())[0][0], type=IntakeTerms)
