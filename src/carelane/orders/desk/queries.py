"""Every SQL statement of the desk. Acts lock and save through `orders.sending.queries`."""

from datetime import datetime
from typing import Any, LiteralString, get_args
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection
from carelane.orders.board.queries import ATTENTION
from carelane.orders.desk.schemas import (
    CallbackOut,
    CallOut,
    LastFailureOut,
    OrderFilter,
    OrderRowOut,
    ShippingOut,
)
from carelane.orders.sending.queries import LockedOrder
from carelane.orders.states import OrderStatus

# More than any order collects in its life; older entries are left out.
_MOST_LISTED = 200

_ROW: LiteralString = """
SELECT o.id, o.case_id, c.short_id AS case_short_id, o.status, c.is_test, o.external_id, o.pharmacy_id,
  coalesce(p.name, o.pharmacy_name) AS pharmacy_name, o.pharmacy_order_id, o.attempts, o.failure, o.next_step_at,
  o.cancel_requested_at, o.cancel_failure, o.replaces_order_id, r.id AS replaced_by_order_id, o.created_at, o.updated_at,
  o.sent_at, o.accepted_at, o.shipped_at, o.delivered_at, o.ended_at
"""
_JOINED: LiteralString = """
JOIN cases c ON c.organization_id = o.organization_id AND c.id = o.case_id
LEFT JOIN pharmacies p ON p.organization_id = o.organization_id AND p.id = o.pharmacy_id
LEFT JOIN orders r ON r.organization_id = o.organization_id AND r.replaces_order_id = o.id
"""
_ONE: LiteralString = (
    f"{_ROW} FROM orders o {_JOINED} WHERE o.organization_id = %(organization_id)s AND o.id = %(order_id)s"
)
_NEWEST: LiteralString = "ORDER BY o.id DESC LIMIT %(most)s"
# What a filter adds, each its own piece, so that each can use its index.
_CONDITIONS: dict[str, LiteralString] = {
    "attention": ATTENTION,
    "no_attention": f"NOT {ATTENTION}",
    "pharmacy": "o.pharmacy_id = %(pharmacy_id)s",
    "case": "o.case_id = %(case_id)s",
    "after": "o.id < %(after)s",
}
_SHIPPED_BY: LiteralString = """
SELECT tracking_id, tracking_url, carrier_name, estimated_delivery_at FROM orders
WHERE organization_id = %(organization_id)s AND id = %(order_id)s
"""
_CALLS: LiteralString = """
SELECT id, call, outcome, http_status, failure, duration_milliseconds, created_at FROM order_attempts
WHERE organization_id = %(organization_id)s AND order_id = %(order_id)s ORDER BY created_at DESC, id DESC LIMIT %(most)s
"""
_CALLBACKS: LiteralString = """
SELECT id, message_id, status, created_at, applied_at FROM pharmacy_callbacks
WHERE organization_id = %(organization_id)s AND order_id = %(order_id)s ORDER BY created_at DESC, id DESC LIMIT %(most)s
"""
_SHIPPING: LiteralString = """
SELECT tracking_id, status, status_updated_at FROM order_shipping_logs
WHERE organization_id = %(organization_id)s AND order_id = %(order_id)s
ORDER BY status_updated_at DESC, id DESC LIMIT %(most)s
"""
_LAST_FAILURE: LiteralString = """
SELECT call, outcome, failure, http_status, created_at AS at FROM order_attempts
WHERE organization_id = %(organization_id)s AND order_id = %(order_id)s AND outcome <> 'done'
ORDER BY created_at DESC, id DESC LIMIT 1
"""
# An order that is being handed over right now keeps its due time: if another worker took it at once, the pharmacy would be
# asked before the order arrived there, and the order would be sent twice.
_REQUEST_CANCEL: LiteralString = """
UPDATE orders SET cancel_requested_at = now(), cancel_reason_sealed = %(reason)s, cancel_failure = NULL, updated_at = now(),
  next_step_at = CASE status WHEN 'SENDING' THEN next_step_at ELSE now() END,
  claim_id = CASE status WHEN 'SENDING' THEN claim_id END,
  attempts = CASE status WHEN 'SENDING' THEN attempts ELSE 0 END
WHERE organization_id = %(organization_id)s AND id = %(order_id)s
RETURNING cancel_requested_at, next_step_at
"""
_UNSENT: LiteralString = """
SELECT id FROM orders WHERE organization_id = %s AND case_id = %s AND sending_began_at IS NULL
  AND status IN ('RECEIVED', 'SENDING', 'NEEDS_ATTENTION') ORDER BY id
"""
_SET_CANCEL_REASON: LiteralString = """
UPDATE orders SET cancel_reason_sealed = %s WHERE organization_id = %s AND id = %s
"""
# Another order stands in for it: nobody has to look at this one any more.
_SET_SETTLED: LiteralString = """
UPDATE orders SET resolved_at = now() WHERE organization_id = %s AND id = %s AND status IN ('REJECTED', 'CANCELED')
"""
_MOVED_AT: LiteralString = """
SELECT max(created_at) FROM events
WHERE organization_id = %(organization_id)s AND case_id = %(case_id)s AND type = 'ORDER_STATUS_CHANGED'
  AND target_id = %(order_id)s AND value_after = %(status)s
"""
_HAS_REPLACEMENT: LiteralString = """
SELECT EXISTS (SELECT FROM orders WHERE organization_id = %s AND replaces_order_id = %s)
"""


class ShippedBy(msgspec.Struct, frozen=True):
    tracking_id: str | None
    tracking_url: str | None
    carrier_name: str | None
    estimated_delivery_at: datetime | None


async def list_orders(conn: Connection, organization_id: UUID, wanted: OrderFilter, most: int) -> list[OrderRowOut]:
    """Newest first: ids increase with time. The page is cut from bare rows before anything is looked up for it."""
    values = msgspec.structs.asdict(wanted) | {
        "organization_id": organization_id, "most": most, "statuses": list(wanted.statuses or get_args(OrderStatus))
    }  # fmt: skip
    async with conn.cursor(row_factory=class_row(OrderRowOut)) as cursor:
        await cursor.execute(f"{_ROW} FROM ({_cut(wanted)}) o {_JOINED} ORDER BY o.id DESC", values)
        return await cursor.fetchall()


def _cut(wanted: OrderFilter) -> LiteralString:
    """The board's indexes have orders by whether they are tests, and by status: the newest of each, and of those the newest."""
    asked_for = {
        "attention": wanted.needs_attention is True,
        "no_attention": wanted.needs_attention is False,
        "pharmacy": wanted.pharmacy_id is not None,
        "case": wanted.case_id is not None,
        "after": wanted.after is not None,
    }
    chosen: LiteralString = "".join(f" AND {_CONDITIONS[name]}" for name, is_asked in asked_for.items() if is_asked)
    bare: LiteralString = f"SELECT o.* FROM orders o WHERE o.organization_id = %(organization_id)s{chosen}"
    has_statuses = wanted.statuses is not None
    if wanted.case_id is not None or not (has_statuses or wanted.pharmacy_id or wanted.needs_attention):
        of_status: LiteralString = " AND o.status = ANY(%(statuses)s)" if has_statuses else ""
        return f"{bare}{of_status} {_NEWEST}"
    if wanted.needs_attention:
        ends: LiteralString = "unnest(ARRAY[true, false]) e (is_test)"
        end: LiteralString = "o.is_test = e.is_test" + (" AND o.status = ANY(%(statuses)s)" if has_statuses else "")
    else:
        ends = "unnest(ARRAY[true, false]) t (is_test), unnest(%(statuses)s::text[]) e (status)"
        end = "o.is_test = t.is_test AND o.status = e.status"
    return f"SELECT o.* FROM {ends}, LATERAL ({bare} AND {end} {_NEWEST}) o {_NEWEST}"


async def find_order_row(conn: Connection, organization_id: UUID, order_id: UUID) -> OrderRowOut | None:
    async with conn.cursor(row_factory=class_row(OrderRowOut)) as cursor:
        await cursor.execute(_ONE, {"organization_id": organization_id, "order_id": order_id})
        return await cursor.fetchone()


async def get_shipped_by(conn: Connection, organization_id: UUID, order_id: UUID) -> ShippedBy:
    async with conn.cursor(row_factory=class_row(ShippedBy)) as cursor:
        await cursor.execute(_SHIPPED_BY, {"organization_id": organization_id, "order_id": order_id})
        row = await cursor.fetchone()
    if row is None:
        raise LookupError("the order is gone")
    return row


async def list_calls(conn: Connection, organization_id: UUID, order_id: UUID) -> list[CallOut]:
    async with conn.cursor(row_factory=class_row(CallOut)) as cursor:
        await cursor.execute(_CALLS, _of_order(organization_id, order_id))
        return await cursor.fetchall()


async def list_callbacks(conn: Connection, organization_id: UUID, order_id: UUID) -> list[CallbackOut]:
    async with conn.cursor(row_factory=class_row(CallbackOut)) as cursor:
        await cursor.execute(_CALLBACKS, _of_order(organization_id, order_id))
        return await cursor.fetchall()


async def list_shipping(conn: Connection, organization_id: UUID, order_id: UUID) -> list[ShippingOut]:
    async with conn.cursor(row_factory=class_row(ShippingOut)) as cursor:
        await cursor.execute(_SHIPPING, _of_order(organization_id, order_id))
        return await cursor.fetchall()


async def find_last_failure(conn: Connection, organization_id: UUID, order_id: UUID) -> LastFailureOut | None:
    """The newest call to the pharmacy that failed."""
    async with conn.cursor(row_factory=class_row(LastFailureOut)) as cursor:
        await cursor.execute(_LAST_FAILURE, _of_order(organization_id, order_id))
        return await cursor.fetchone()


async def list_unsent(conn: Connection, organization_id: UUID, case_id: UUID) -> list[UUID]:
    """Orders of a case that no pharmacy has got yet and that could still leave, oldest first."""
    cursor = await conn.execute(_UNSENT, (organization_id, case_id))
    return [row[0] for row in await cursor.fetchall()]


async def set_cancel_requested(
    conn: Connection, organization_id: UUID, order_id: UUID, sealed_reason: bytes
) -> tuple[datetime, datetime | None]:
    """When the request was recorded and when the next step is due. The order must be locked."""
    values = {"organization_id": organization_id, "order_id": order_id, "reason": sealed_reason}
    row = await (await conn.execute(_REQUEST_CANCEL, values)).fetchone()
    if row is None:
        raise LookupError("the order is gone")
    return row[0], row[1]


async def set_cancel_reason(conn: Connection, organization_id: UUID, order_id: UUID, sealed_reason: bytes) -> None:
    await conn.execute(_SET_CANCEL_REASON, (sealed_reason, organization_id, order_id))


async def set_settled(conn: Connection, organization_id: UUID, order_id: UUID) -> None:
    await conn.execute(_SET_SETTLED, (organization_id, order_id))


async def find_moved_at(conn: Connection, order: LockedOrder) -> datetime | None:
    """When the order came into its state, by the events of its case; None when no event says."""
    values = {
        "organization_id": order.organization_id,
        "case_id": order.case_id,
        "order_id": order.id,
        "status": order.status,
    }
    row = await (await conn.execute(_MOVED_AT, values)).fetchone()
    return row[0] if row else None


async def find_is_replaced(conn: Connection, organization_id: UUID, order_id: UUID) -> bool:
    row = await (await conn.execute(_HAS_REPLACEMENT, (organization_id, order_id))).fetchone()
    return bool(row and row[0])


def _of_order(organization_id: UUID, order_id: UUID) -> dict[str, Any]:
    return {"organization_id": organization_id, "order_id": order_id, "most": _MOST_LISTED}
