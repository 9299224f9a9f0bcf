"""SQL about events on their way out: what a body is written from, and the feed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row, dict_row

from carelane.calendar.queries import APPOINTMENT
from carelane.event_names import ADMINISTRATIVE
from carelane.kit.db import Connection, uuid_array
from carelane.kit.phi import Phi

# The places that sealed secrets are bound to.
SECRET = "webhook_endpoints.secret_sealed"  # noqa: S105 - the name of a column
PREVIOUS_SECRET = "webhook_endpoints.previous_secret_sealed"  # noqa: S105

DocumentFormat = Literal["BASE64", "URL"]
Payload = Literal["FULL_CASE", "EVENT_ONLY"]
# BILLING: a listener, which a storefront manages itself (webhooks/billing).
Dialect = Literal["CARE", "BILLING"]


class EventRecord(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An event as its row has it, with the people in it by name."""

    organization_id: UUID
    id: UUID
    type: str
    case_id: UUID | None
    case_sequence: int | None
    position: int | None
    target_id: UUID | None
    is_phi: bool
    is_restricted: bool
    created_at: datetime
    value_before: str | None
    value_after: str | None
    actor: dict[str, Any] | None
    target_user: dict[str, Any] | None
    # The appointment that the event is about, as JSON for calendar.views.
    calendar_event: dict[str, Any] | None
    # Who wrote the comment that the event is about.
    author: dict[str, Any] | None
    # The target's id as its storefront gave it, for an event of billing.
    target_name: str | None
    # The payment or refund that the event is about.
    payment: dict[str, Any] | None
    refund: dict[str, Any] | None
    # The card that a patient entered, as far as it may be shown, and where the patient lives.
    payment_info: dict[str, Any] | None
    # What the billing dialect calls the event, if it has a word for it.
    alert: str | None
    # Of a delivery: the one that it repeats, or itself, and when that was made.
    delivery_id: UUID | None = None
    delivery_made_at: datetime | None = None


class Receiver(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """The endpoint of a delivery, its secrets still sealed."""

    id: UUID
    name: str
    url: str
    document_format: DocumentFormat
    payload: Payload
    dialect: Dialect
    secret_header: str | None
    secret_sealed: bytes
    previous_secret_sealed: bytes | None


# `e` is the event. Only staff and patients have names; a key, a client and the system have none.
_EVENT: LiteralString = (
    """
e.organization_id, e.id, e.type, e.case_id, e.case_sequence, e.position, e.target_id, e.is_phi, e.is_restricted,
e.created_at, e.value_before, e.value_after,
CASE e.actor_kind WHEN 'staff' THEN (
  SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'email', s.email)
  FROM staff s WHERE s.organization_id = e.organization_id AND s.id = e.actor_id)
WHEN 'patient' THEN (
  SELECT json_build_object('id', p.id, 'firstName', p.first_name, 'lastName', p.last_name, 'email', p.email)
  FROM patients p WHERE p.organization_id = e.organization_id AND p.id = e.actor_id) END AS actor,
CASE WHEN e.type IN ('ADD_CASE_ASSIGNEE', 'REMOVE_CASE_ASSIGNEE') THEN (
  SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'email', s.email)
  FROM staff s WHERE s.organization_id = e.organization_id AND s.id = e.target_id) END AS target_user,
CASE WHEN starts_with(e.type, 'CALENDAR_EVENT_') THEN (
  SELECT """
    + APPOINTMENT
    + """ FROM calendar_events a
  WHERE a.organization_id = e.organization_id AND a.id = e.target_id) END AS calendar_event,
CASE WHEN e.type = 'ADD_CASE_COMMENT' THEN (
  SELECT coalesce(
    (SELECT json_build_object('id', s.id, 'firstName', s.first_name, 'lastName', s.last_name, 'email', s.email,
      'role', s.role, 'title', s.title, 'titleSuffix', s.title_suffix, 'npi', s.npi, 'dea', s.dea, 'organizationAccess', '[]'::json)
     FROM staff s WHERE s.organization_id = n.organization_id AND s.id = n.author_staff_id),
    (SELECT json_build_object('id', p.id, 'firstName', p.first_name, 'lastName', p.last_name, 'email', p.email,
      'role', 'USER', 'title', null, 'titleSuffix', null, 'npi', null, 'dea', null, 'organizationAccess', '[]'::json)
     FROM patients p WHERE p.organization_id = n.organization_id AND p.id = n.author_patient_id))
  FROM comments n WHERE n.organization_id = e.organization_id AND n.id = e.target_id) END AS author,
CASE split_part(e.type, '_', 1)
WHEN 'PATIENT' THEN (SELECT given_id FROM patients n WHERE n.organization_id = e.organization_id AND n.id = e.target_id)
WHEN 'CART' THEN (SELECT given_id FROM carts n WHERE n.organization_id = e.organization_id AND n.id = e.target_id)
WHEN 'QUOTE' THEN (SELECT given_id FROM quotes n WHERE n.organization_id = e.organization_id AND n.id = e.target_id)
WHEN 'CATALOG' THEN coalesce(
  (SELECT given_id FROM products n WHERE n.organization_id = e.organization_id AND n.id = e.target_id),
  (SELECT given_id FROM bundles n WHERE n.organization_id = e.organization_id AND n.id = e.target_id),
  (SELECT given_id FROM locations n WHERE n.organization_id = e.organization_id AND n.id = e.target_id))
END AS target_name,
CASE WHEN starts_with(e.type, 'PAYMENT_') OR starts_with(e.type, 'PLANNED_') OR starts_with(e.type, 'DISPUTE_') OR e.type = 'ADD_PAYMENT_INFO_USING_LINK' THEN (
  SELECT json_build_object('id', y.id, 'amount', decimal_string(y.amount_cents, y.currency), 'status', y.status,
    'paymentDate', y.paid_at)
  FROM payments y WHERE y.organization_id = e.organization_id AND y.id = e.target_id) END AS payment,
CASE WHEN starts_with(e.type, 'REFUND_') THEN (
  SELECT json_build_object('id', r.id, 'paymentId', r.payment_id, 'amount', decimal_string(r.amount_cents, r.currency),
    'status', r.status)
  FROM refunds r WHERE r.organization_id = e.organization_id AND r.id = e.target_id) END AS refund,
CASE WHEN e.type = 'ADD_PAYMENT_INFO_USING_LINK' THEN (
  SELECT json_build_object('maskedCardNumber', '************' || y.card_last4, 'cardBrand', y.card_brand, 'address', json_build_object(
    'addressLine1', p.address_line1, 'addressLine2', p.address_line2, 'city', p.city, 'state', p.state,
    'postalCode', p.postal_code, 'country', p.country))
  FROM payments y JOIN patients p ON p.organization_id = y.organization_id AND p.id = y.patient_id
  WHERE y.organization_id = e.organization_id AND y.id = e.target_id) END AS payment_info,
"""
)
_ALERT: LiteralString = "alert_type(e.type, e.actor_kind, e.value_before, e.value_after)"
# A listener is told by the name it asked for.
_EVENT_OF_DELIVERY: LiteralString = f"{_EVENT} alert_name({_ALERT}, w.subscriptions) AS alert"

_EVENTS_OF_DELIVERIES: LiteralString = f"""
SELECT d.id AS id_of_delivery, d.endpoint_id, coalesce(d.replay_of_id, d.id) AS delivery_id,
  coalesce(f.created_at, d.created_at) AS delivery_made_at, {_EVENT_OF_DELIVERY}
FROM webhook_deliveries d JOIN events e ON e.organization_id = d.organization_id AND e.id = d.event_id
JOIN webhook_endpoints w ON w.organization_id = d.organization_id AND w.id = d.endpoint_id
LEFT JOIN webhook_deliveries f ON f.organization_id = d.organization_id AND f.id = d.replay_of_id
WHERE d.organization_id = %s AND d.id = ANY(%s::uuid[])
"""

_RECEIVERS: LiteralString = """
SELECT w.id, w.name, w.url, w.document_format, w.payload, w.dialect, w.secret_header, w.secret_sealed,
  CASE WHEN w.previous_secret_ends_at > now() THEN w.previous_secret_sealed END AS previous_secret_sealed
FROM webhook_endpoints w WHERE w.organization_id = %s AND w.id = ANY(%s::uuid[])
"""

# What made the organization itself, with the catalogue it came with, is no news to anybody.
_FEED: LiteralString = f"""
SELECT {_EVENT} {_ALERT} AS alert
FROM events e WHERE e.organization_id = %(organization_id)s AND e.position > %(after)s
  AND NOT starts_with(e.type, 'WEBHOOK_') AND e.type <> ALL(%(administrative)s::text[])
  AND e.created_at > (SELECT o.created_at FROM organizations o WHERE o.id = %(organization_id)s)
ORDER BY e.position LIMIT %(most)s
"""


async def list_to_send(
    conn: Connection, organization_id: UUID, delivery_ids: Iterable[UUID], endpoint_ids: Iterable[UUID]
) -> dict[UUID, tuple[EventRecord, Receiver]]:
    """By delivery: its event, and its endpoint, which is one of these. One round trip."""
    async with conn.cursor(row_factory=dict_row) as events, conn.cursor(row_factory=class_row(Receiver)) as endpoints:
        await events.execute(_EVENTS_OF_DELIVERIES, (organization_id, uuid_array(delivery_ids)))
        await endpoints.execute(_RECEIVERS, (organization_id, uuid_array(endpoint_ids)))
        rows = await events.fetchall()
        receivers = {each.id: each for each in await endpoints.fetchall()}
    found = {}
    for row in rows:
        delivery_id, receiver = row.pop("id_of_delivery"), receivers[row.pop("endpoint_id")]
        found[delivery_id] = (EventRecord(**row), receiver)
    return found


async def list_feed(conn: Connection, organization_id: UUID, after: int, most: int) -> list[EventRecord]:
    """The next events of the feed, in its order."""
    async with conn.cursor(row_factory=class_row(EventRecord)) as cursor:
        values = {"organization_id": organization_id, "after": after, "most": most}
        await cursor.execute(_FEED, values | {"administrative": sorted(ADMINISTRATIVE)})
        return await cursor.fetchall()


async def find_last_position(conn: Connection, organization_id: UUID) -> int:
    """The position of the newest event in the feed; 0 of an empty one."""
    cursor = await conn.execute("SELECT max(position) FROM events WHERE organization_id = %s", (organization_id,))
    row = await cursor.fetchone()
    return int(row[0] or 0) if row else 0


_CANCEL: LiteralString = """
UPDATE webhook_deliveries SET status = 'CANCELED', next_attempt_at = NULL, claim_id = NULL
WHERE organization_id = %s AND endpoint_id = %s AND status = 'PENDING'
"""


async def set_canceled(conn: Connection, organization_id: UUID, endpoint_id: UUID) -> None:
    """All pending deliveries of an endpoint."""
    await conn.execute(_CANCEL, (organization_id, endpoint_id))
