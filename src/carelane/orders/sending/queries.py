"""Every SQL statement about orders on their way."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row, kwargs_row

from carelane.documents.queries import INSERT_ATTACHMENTS, Attachment
from carelane.kit.claims import ClaimRequest, Lease
from carelane.kit.db import Connection, Sealed, to_json, uuid_array
from carelane.kit.phi import Phi
from carelane.orders.states import OrderStatus
from carelane.payments.gate.queries import PAYMENT_WAIT, PaymentWait

# The place that a sealed reason is bound to.
CANCEL_REASON = "orders.cancel_reason_sealed"

_ORDER: LiteralString = f"""
SELECT o.organization_id, o.id, o.case_id, o.external_id, o.pharmacy_id, o.pharmacy_order_id, o.pharmacy_name, o.status,
  o.sealed, o.message_sealed, o.tracking_id, o.tracking_url, o.carrier_name, o.estimated_delivery_at, o.document_id,
  o.pharmacy_document_id, o.pharmacy_has_document, o.next_step_at, o.claim_id, o.sending_began_at, o.attempts, o.failure,
  o.cancel_requested_at, o.cancel_reason_sealed, o.cancel_failure, o.sent_at, o.accepted_at, o.shipped_at, o.delivered_at, o.ended_at,
  o.created_at, o.warnings, c.is_test,
  EXISTS (SELECT FROM attachments a WHERE a.organization_id = o.organization_id AND a.id = o.document_id)
    AS is_document_stored,
  CASE WHEN o.status IN ('RECEIVED', 'SENDING') AND o.sending_began_at IS NULL THEN {PAYMENT_WAIT} END AS payment_wait
FROM orders o JOIN cases c ON c.organization_id = o.organization_id AND c.id = o.case_id
"""
_BY_ID: LiteralString = "WHERE o.organization_id = %(organization_id)s AND o.id = %(id)s "

_LOCK_CASE: LiteralString = """
SELECT FROM cases WHERE organization_id = %(organization_id)s
  AND id = (SELECT case_id FROM orders WHERE organization_id = %(organization_id)s AND id = %(id)s)
FOR NO KEY UPDATE
"""

# Whoever plans the next step ends the claim, if there is one: its lease must not be renewed over what was planned.
_SAVE: LiteralString = """
UPDATE orders SET claim_id = CASE WHEN next_step_at IS NOT DISTINCT FROM %(next_step_at)s THEN %(claim_id)s::uuid END,
  status = %(status)s, pharmacy_order_id = %(pharmacy_order_id)s, message_sealed = %(message_sealed)s,
  tracking_id = %(tracking_id)s, tracking_url = %(tracking_url)s, carrier_name = %(carrier_name)s,
  estimated_delivery_at = %(estimated_delivery_at)s, document_id = %(document_id)s,
  pharmacy_document_id = %(pharmacy_document_id)s, pharmacy_has_document = %(pharmacy_has_document)s,
  next_step_at = %(next_step_at)s, sending_began_at = %(sending_began_at)s,
  attempts = %(attempts)s, failure = %(failure)s, cancel_failure = %(cancel_failure)s, sent_at = %(sent_at)s,
  accepted_at = %(accepted_at)s, shipped_at = %(shipped_at)s, delivered_at = %(delivered_at)s, ended_at = %(ended_at)s,
  updated_at = now()
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""

_CLAIM: LiteralString = """
SELECT organization_id, id, was_left FROM claim_due_orders(%s, %s, %s::uuid[], %s::uuid[], make_interval(secs => %s), %s)
"""
_RENEW: LiteralString = "SELECT renew_orders(%s::uuid[], %s::uuid[], %s::uuid[], make_interval(secs => %s))"

_SHIPPING: LiteralString = """
SELECT tracking_id, status, status_updated_at FROM order_shipping_logs WHERE organization_id = %s AND order_id = %s
"""

_INSERT_SHIPPING: LiteralString = """
INSERT INTO order_shipping_logs (organization_id, id, order_id, tracking_id, status, location_sealed, message_sealed,
                                 status_updated_at, callback_id)
SELECT organization_id, id, order_id, tracking_id, status, location_sealed, message_sealed, status_updated_at, callback_id
FROM jsonb_populate_recordset(null::order_shipping_logs, %s::jsonb)
"""

_INSERT_ATTEMPT: LiteralString = """
INSERT INTO order_attempts (organization_id, id, order_id, call, outcome, http_status, failure, duration_milliseconds)
VALUES (%(organization_id)s, %(id)s, %(order_id)s, %(call)s, %(outcome)s, %(http_status)s, %(failure)s,
        %(duration_milliseconds)s)
"""

# By way of the case's products, because that is where the indexes are.
_MOVE_REQUESTS: LiteralString = """
UPDATE case_product_requests SET status = %(after)s, updated_at = now(),
  order_id = CASE %(after)s WHEN 'APPROVED' THEN NULL ELSE order_id END
WHERE organization_id = %(organization_id)s AND order_id = %(order_id)s AND status = ANY(%(before)s::text[])
  AND case_product_id = ANY(ARRAY(
    SELECT id FROM case_products WHERE organization_id = %(organization_id)s AND case_id = %(case_id)s))
"""


class LockedOrder(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands. From `lock_order` it stays so until the transaction ends; from `find_order` it may move on."""

    organization_id: UUID
    id: UUID
    case_id: UUID
    external_id: UUID
    status: OrderStatus
    created_at: datetime
    # Whether its case is a test.
    is_test: bool
    # What was doubted when it was placed: "field: message".
    warnings: list[str] = []
    pharmacy_id: UUID | None = None
    pharmacy_name: str | None = None
    pharmacy_order_id: str | None = None
    sealed: bytes | None = None
    message_sealed: bytes | None = None
    tracking_id: str | None = None
    tracking_url: str | None = None
    carrier_name: str | None = None
    estimated_delivery_at: datetime | None = None
    document_id: UUID | None = None
    # Whether the case has the prescription's PDF: the attachment of that id.
    is_document_stored: bool = False
    # The payment that is missing, of an order that has not left: it waits for it.
    payment_wait: PaymentWait | None = None
    pharmacy_document_id: UUID | None = None
    pharmacy_has_document: bool = False
    next_step_at: datetime | None = None
    claim_id: UUID | None = None
    sending_began_at: datetime | None = None
    # How many calls failed in a row.
    attempts: int = 0
    failure: str | None = None
    cancel_requested_at: datetime | None = None
    cancel_reason_sealed: bytes | None = None
    cancel_failure: str | None = None
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    ended_at: datetime | None = None


class ClaimedOrder(msgspec.Struct, frozen=True):
    """`was_left`: its last claim ended without a word of what came of it."""

    organization_id: UUID
    id: UUID
    was_left: bool


class KnownShipment(msgspec.Struct, frozen=True):
    tracking_id: str | None
    status: str | None
    at: datetime


class ShippingLog(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    order_id: UUID
    tracking_id: str
    status: str | None
    location_sealed: Sealed | None
    message_sealed: Sealed | None
    status_updated_at: datetime
    callback_id: UUID | None = None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One call to a pharmacy. `failure` is one of our own words."""

    organization_id: UUID
    id: UUID
    order_id: UUID
    call: str
    outcome: str
    http_status: int | None
    failure: str | None
    duration_milliseconds: int


def _locked(*, payment_wait: dict[str, Any] | None, **columns: Any) -> LockedOrder:
    return LockedOrder(payment_wait=msgspec.convert(payment_wait, PaymentWait | None), **columns)


async def claim_orders(conn: Connection, request: ClaimRequest, most_each: int) -> list[ClaimedOrder]:
    """Orders that are due, of any organization, at most `most_each` of one pharmacy at a time. In `db.across()`."""
    organizations, pharmacies = uuid_array(request.organization_ids), uuid_array(request.share_keys)
    values = (request.limit, most_each, organizations, pharmacies, request.lease_seconds, request.claim_id)
    async with conn.cursor(row_factory=class_row(ClaimedOrder)) as cursor:
        await cursor.execute(_CLAIM, values)
        return await cursor.fetchall()


async def update_leases(conn: Connection, leases: list[Lease[Any]], lease_seconds: float) -> Collection[UUID]:
    """Which of the orders still carry their claim, for so long again. In `db.across()`."""
    organizations = uuid_array(lease.item.organization_id for lease in leases)
    ids, claims = uuid_array(lease.item.id for lease in leases), uuid_array(lease.claim_id for lease in leases)
    cursor = await conn.execute(_RENEW, (organizations, ids, claims, lease_seconds))
    return [row[0] for row in await cursor.fetchall()]


async def lock_order(conn: Connection, organization_id: UUID, order_id: UUID) -> LockedOrder | None:
    """Locks the case's row, then the order's, as every act on an order does, and reads the order after that."""
    values = {"organization_id": organization_id, "id": order_id}
    await conn.execute(_LOCK_CASE, values)
    async with conn.cursor(row_factory=kwargs_row(_locked)) as cursor:
        await cursor.execute(_ORDER + _BY_ID + "FOR NO KEY UPDATE OF o", values)
        return await cursor.fetchone()


async def find_order(conn: Connection, organization_id: UUID, order_id: UUID) -> LockedOrder | None:
    """The same without the locks."""
    async with conn.cursor(row_factory=kwargs_row(_locked)) as cursor:
        await cursor.execute(_ORDER + _BY_ID, {"organization_id": organization_id, "id": order_id})
        return await cursor.fetchone()


async def list_orders(conn: Connection, organization_id: UUID, order_ids: list[UUID]) -> list[LockedOrder]:
    async with conn.cursor(row_factory=kwargs_row(_locked)) as cursor:
        await cursor.execute(
            _ORDER + "WHERE o.organization_id = %s AND o.id = ANY(%s::uuid[])", (organization_id, uuid_array(order_ids))
        )
        return await cursor.fetchall()


async def save_order(conn: Connection, order: LockedOrder) -> None:
    """Writes what may change of an order that was locked in this transaction."""
    await conn.execute(_SAVE, msgspec.structs.asdict(order))


async def insert_attachment(conn: Connection, attachment: Attachment) -> None:
    await conn.execute(
        "WITH sent AS (SELECT %s::jsonb AS rows) " + INSERT_ATTACHMENTS, (to_json({"attachments": [attachment]}),)
    )


async def list_shipping(conn: Connection, order: LockedOrder) -> list[KnownShipment]:
    cursor = await conn.execute(_SHIPPING, (order.organization_id, order.id))
    return [KnownShipment(*row) for row in await cursor.fetchall()]


async def insert_shipping(conn: Connection, logs: list[ShippingLog]) -> None:
    await conn.execute(_INSERT_SHIPPING, (to_json(logs),))


async def insert_attempt(conn: Connection, attempt: Attempt) -> None:
    await conn.execute(_INSERT_ATTEMPT, msgspec.structs.asdict(attempt))


async def update_requests(conn: Connection, order: LockedOrder, before: list[str], after: str) -> None:
    """Moves the requests that this order is for; one that goes back to APPROVED is for no order any more."""
    values = {
        "organization_id": order.organization_id,
        "case_id": order.case_id,
        "order_id": order.id,
        "before": before,
        "after": after,
    }
    await conn.execute(_MOVE_REQUESTS, values)
