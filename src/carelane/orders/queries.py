"""SQL about prescription orders: placing one, and their part of the case detail."""

from datetime import date
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.cases.states import CaseStatus
from carelane.events import INSERT_EVENTS, Event
from carelane.kit.db import Connection, Sealed, to_json
from carelane.kit.phi import Phi
from carelane.payments.gate.queries import PAYMENT_WAIT, PaymentWait

# The places that sealed columns are bound to.
PRESCRIPTION = "orders.sealed"
MESSAGE = "orders.message_sealed"
REPLACEMENT_REASON = "orders.replacement_reason_sealed"
ITEM = "order_items.sealed"
PARCEL_LOCATION = "order_shipping_logs.location_sealed"
PARCEL_MESSAGE = "order_shipping_logs.message_sealed"

# A part of the statement that gathers a case: `c` is the case; `%(most)s` bounds the list.
CASE_ORDERS: LiteralString = """
coalesce((
  SELECT json_agg(json_build_object('id', o.id, 'externalId', o.external_id, 'pharmacyOrderId', o.pharmacy_order_id,
    'trackingId', o.tracking_id, 'status', o.status, 'message', encode(o.message_sealed, 'hex'), 'pharmacyName', o.pharmacy_name,
    'createdAt', o.created_at, 'replacementReason', encode(o.replacement_reason_sealed, 'hex'), 'estDeliveryAt', o.estimated_delivery_at,
    'trackingUrl', o.tracking_url, 'carrierName', o.carrier_name,
    'items', coalesce((
      SELECT json_agg(json_build_object('id', i.id, 'sealed', encode(i.sealed, 'hex')) ORDER BY i.position)
      FROM order_items i WHERE i.organization_id = o.organization_id AND i.order_id = o.id), '[]'),
    'shippingLogs', coalesce((
      SELECT json_agg(json_build_object('id', l.id, 'statusUpdatedAt', l.status_updated_at,
        'location', encode(l.location_sealed, 'hex'), 'message', encode(l.message_sealed, 'hex'), 'status', l.status) ORDER BY l.status_updated_at, l.id)
      FROM order_shipping_logs l WHERE l.organization_id = o.organization_id AND l.order_id = o.id), '[]')
  ) ORDER BY o.created_at, o.id)
  FROM (SELECT * FROM orders WHERE organization_id = c.organization_id AND case_id = c.id
        ORDER BY created_at DESC LIMIT %(most)s) o), '[]')
"""

# Everything an order is checked against, in one statement. Pharmacies and drugs are found whether they are active or not;
# `licenses` is null when nobody on the staff has that NPI. Whom the case is about stands in the case; how to reach them, at
# the patient. No join: planned while the tables are still empty, it would compare every case with every patient.
CONTEXT: LiteralString = f"""
SELECT json_build_object(
  'id', c.id, 'status', c.status, 'isArchived', c.is_archived, 'isTest', c.is_test,
  'organizationName', (SELECT o.name FROM organizations o WHERE o.id = c.organization_id),
  'isStrict', (SELECT o.validation_profile = 'strict' FROM organizations o WHERE o.id = c.organization_id),
  'patient', (SELECT json_build_object('id', p.id, 'firstName', c.patient_first_name, 'lastName', c.patient_last_name,
    'email', p.email, 'phoneNumber', coalesce(p.phone_e164, p.phone_number), 'dateOfBirth', c.patient_date_of_birth,
    'gender', c.patient_gender, 'addressLine1', p.address_line1, 'addressLine2', p.address_line2, 'city', p.city, 'state', p.state, 'postalCode', p.postal_code, 'country', p.country)
    FROM patients p WHERE p.organization_id = c.organization_id AND p.id = c.patient_id),
  'pharmacy', (
    SELECT json_build_object('id', f.id, 'code', f.code, 'name', f.name, 'isActive', f.is_active) FROM pharmacies f
    WHERE f.organization_id = c.organization_id AND (f.code = %(pharmacy)s OR f.id = %(pharmacy_id)s)
    ORDER BY f.code = %(pharmacy)s DESC LIMIT 1),
  'drugs', coalesce((
    SELECT json_agg(json_build_object('code', d.code, 'name', d.name, 'ndc', d.ndc, 'schedule', d.schedule,
      'isActive', d.is_active))
    FROM drugs d WHERE d.organization_id = c.organization_id AND d.code = ANY(%(drugs)s)), '[]'),
  'licenses', (
    SELECT coalesce(json_agg(json_build_object('state', l.state, 'expiresOn', l.expires_on))
                    FILTER (WHERE l.state IS NOT NULL), '[]')
    FROM staff s LEFT JOIN staff_licenses l ON l.organization_id = s.organization_id AND l.staff_id = s.id
    WHERE s.organization_id = c.organization_id AND s.npi = %(npi)s AND s.deactivated_at IS NULL HAVING count(*) > 0),
  'paymentWait', {PAYMENT_WAIT},
  'keyOrderId', (
    SELECT k.id FROM orders k WHERE k.organization_id = c.organization_id AND k.idempotency_key = %(key)s)
)::text
FROM cases c WHERE c.organization_id = %(organization_id)s AND c.id = %(case_id)s
"""
# A statement of its own: one that waited for the lock would go on with what it saw before the wait.
_LOCK_CASE: LiteralString = "SELECT FROM cases WHERE organization_id = %s AND id = %s FOR NO KEY UPDATE"

# All rows of an order in one statement. A used idempotency key yields no row and writes nothing: the unique index decides
# among concurrent callers. What was approved for these drugs is ORDERED now; a drug without a product counts for all of
# them, and an order that replaces another takes over what that one was for.
_INSERT_ORDER: LiteralString = (
    """
WITH sent AS (SELECT %s::jsonb AS rows), new_order AS (
  INSERT INTO orders (organization_id, id, case_id, external_id, status, pharmacy_id, pharmacy_name, idempotency_key,
                      sealed, warnings, replaces_order_id, replacement_reason_sealed, document_id, is_test, next_step_at)
  SELECT organization_id, id, case_id, external_id, status, pharmacy_id, pharmacy_name, idempotency_key,
         sealed, warnings, replaces_order_id, replacement_reason_sealed, document_id, is_test, now()
  FROM sent, jsonb_populate_record(null::orders, sent.rows -> 'order')
  ON CONFLICT (organization_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
  RETURNING organization_id, id, case_id, replaces_order_id
), new_items AS (
  INSERT INTO order_items (organization_id, id, order_id, position, sealed)
  SELECT i.organization_id, i.id, i.order_id, i.position, i.sealed
  FROM new_order, sent, jsonb_populate_recordset(null::order_items, sent.rows -> 'items') i
), ordered AS (
  UPDATE case_product_requests r SET status = 'ORDERED', order_id = n.id, updated_at = now()
  FROM new_order n, case_products k
  WHERE k.organization_id = n.organization_id AND k.case_id = n.case_id
    AND r.organization_id = k.organization_id AND r.case_product_id = k.id
    AND (r.status = 'ORDERED' AND r.order_id = n.replaces_order_id
      OR r.status = 'APPROVED' AND EXISTS (
        SELECT FROM sent, drugs d
        WHERE d.organization_id = n.organization_id AND sent.rows -> 'drugs' ? d.code
          AND (d.product_id IS NULL OR d.product_id = k.product_id)))
), new_events AS ("""
    + INSERT_EVENTS
    + """)
SELECT id FROM new_order
"""
)


class KnownPatient(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    email: str
    phone_number: str | None
    date_of_birth: date | None
    gender: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class KnownPharmacy(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    code: str
    name: str
    is_active: bool


class KnownDrug(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    code: str
    name: str
    ndc: str | None
    schedule: str | None
    is_active: bool


class KnownLicense(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    state: str
    expires_on: date


class OrderContext(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The case that an order is placed for (`id`, `status` …), and what is known about everything the order names."""

    id: UUID
    status: CaseStatus
    is_archived: bool
    is_test: bool
    organization_name: str
    is_strict: bool
    patient: KnownPatient
    pharmacy: KnownPharmacy | None
    drugs: list[KnownDrug]
    licenses: list[KnownLicense] | None
    payment_wait: PaymentWait | None
    key_order_id: UUID | None


class Named(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What to look up for the context. None: the body does not say, or not readably."""

    pharmacy: str | None
    pharmacy_id: UUID | None
    drugs: list[str]
    npi: str | None
    key: str | None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    case_id: UUID
    external_id: UUID
    status: str
    pharmacy_id: UUID
    pharmacy_name: str
    idempotency_key: str | None
    sealed: Sealed
    warnings: list[str]
    replaces_order_id: UUID | None
    replacement_reason_sealed: Sealed | None
    document_id: UUID
    is_test: bool


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    order_id: UUID
    position: int
    sealed: Sealed


class OrderRows(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one order writes. `drugs` are the codes that were ordered."""

    order: Order
    items: list[OrderItem]
    drugs: list[str]
    events: list[Event]


async def lock_case(conn: Connection, organization_id: UUID, case_id: UUID) -> None:
    """The case's row stays locked until the transaction ends: whoever orders on it next sees what is ordered now."""
    await conn.execute(_LOCK_CASE, (organization_id, case_id))


async def insert_order(conn: Connection, rows: OrderRows) -> bool:
    """Whether the order was written; False when its idempotency key was used before. The case's row must be locked."""
    cursor = await conn.execute(_INSERT_ORDER, (to_json(rows),))
    return await cursor.fetchone() is not None


async def find_order_by_key(conn: Connection, organization_id: UUID, idempotency_key: str) -> UUID | None:
    cursor = await conn.execute(
        "SELECT id FROM orders WHERE organization_id = %s AND idempotency_key = %s", (organization_id, idempotency_key)
    )
    row = await cursor.fetchone()
    return row[0] if row else None
