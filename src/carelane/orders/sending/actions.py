"""Taking in what a pharmacy reports, whoever heard it: the worker's own questions and callbacks come here alike.

An order only moves on. What a late report says of an earlier state changes no state, but its parcels are kept.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey
from carelane.orders.queries import MESSAGE, PARCEL_LOCATION, PARCEL_MESSAGE
from carelane.orders.sending import queries, states
from carelane.orders.sending.queries import KnownShipment, LockedOrder, ShippingLog
from carelane.orders.states import FINAL, OrderStatus, may_follow
from carelane.pharmacies.adapters import Report, Shipment
from carelane.settings import Settings

# Which requests of the case an order's new state moves, and where to. One whose order came to nothing can be ordered again.
_REQUESTS: dict[OrderStatus, tuple[list[str], str]] = {
    "SHIPPED": (["ORDERED"], "SHIPPED"),
    "DELIVERED": (["ORDERED", "SHIPPED"], "DELIVERED"),
    "REJECTED": (["ORDERED"], "APPROVED"),
    "CANCELED": (["ORDERED"], "APPROVED"),
}
_TIME_COLUMNS: dict[OrderStatus, str] = {
    "SENT": "sent_at",
    "ACCEPTED": "accepted_at",
    "SHIPPED": "shipped_at",
    "DELIVERED": "delivered_at",
}
TOO_LATE = "TOO_LATE"

log = structlog.get_logger()


async def apply_report(
    conn: Connection,
    actor: Actor,
    data_key: DataKey,
    order: LockedOrder,
    report: Report,
    *,
    settings: Settings,
    callback_id: UUID | None = None,
) -> bool:
    """Brings a locked order up to what `report` says; true if that changed anything.

    May be called any number of times with the same report, and with reports in any order.
    """
    known = await queries.list_shipping(conn, order) if report.shipments else []
    fresh = _new_shipments(report.shipments, known)
    now = clock.now()
    after = _with_parcels(_with_answer(data_key, _with_status(order, report.status, now), report), report, known)
    if after == order and not fresh:
        return False
    if fresh:
        await queries.insert_shipping(conn, [_log(data_key, order, shipment, callback_id) for shipment in fresh])
    after = msgspec.structs.replace(after, next_step_at=states.due_at(after, now, settings))
    await move(conn, actor, order, after, *_tracking_events(actor, order, fresh, known))
    return True


async def move(conn: Connection, actor: Actor, before: LockedOrder, after: LockedOrder, *more: events.Event) -> None:
    """Saves what became of a locked order, moves the requests it is for, and records the change of state and `more`."""
    await queries.save_order(conn, after)
    acts = list(more)
    if after.status != before.status:
        acts.insert(0, changed(actor, before, after.status))
        if after.status in _REQUESTS:
            await queries.update_requests(conn, after, *_REQUESTS[after.status])
    if acts:
        await events.record(conn, *acts)


def changed(actor: Actor, order: LockedOrder, status: OrderStatus) -> events.Event:
    """The event that tells of the order's new state."""
    return events.new_event(
        actor,
        "ORDER_STATUS_CHANGED",
        order.case_id,
        target_id=order.id,
        is_test=order.is_test,
        value_before=order.status,
        value_after=status,
    )


def moved_to(order: LockedOrder, status: OrderStatus, now: datetime) -> LockedOrder:
    """The order in its new state, with what belongs to it; failures of the old one no longer count."""
    after = msgspec.structs.replace(order, status=status, attempts=0, failure=None)
    if status in _TIME_COLUMNS:
        after = msgspec.structs.replace(after, **{_TIME_COLUMNS[status]: now})
    if after.sent_at is None and after.sending_began_at is not None and status not in {"SENDING", "NEEDS_ATTENTION"}:
        after = msgspec.structs.replace(after, sent_at=after.sending_began_at)
    if status in FINAL:
        after = msgspec.structs.replace(after, ended_at=now)
    if status in {"SHIPPED", "DELIVERED"} and states.wants_cancel(order):
        after = msgspec.structs.replace(after, cancel_failure=TOO_LATE)
    return after


def _with_status(order: LockedOrder, status: OrderStatus, now: datetime) -> LockedOrder:
    if may_follow(order.status, status):
        return moved_to(order, status, now)
    if contradicts(order.status, status):
        log.warning("order_contradicted", organization_id=str(order.organization_id), case_id=str(order.case_id))
        return msgspec.structs.replace(order, failure=f"the pharmacy says that it is {status}")
    return order


def contradicts(before: OrderStatus, reported: OrderStatus) -> bool:
    """Whether a patient may get what is over in our eyes: a person must see that. A late ACCEPTED is only late."""
    return before in {"REJECTED", "CANCELED"} and reported in {"SHIPPED", "DELIVERED"}


def _with_answer(data_key: DataKey, order: LockedOrder, report: Report) -> LockedOrder:
    """What the pharmacy says beside the state. Its words about a state that is past are left out."""
    after = msgspec.structs.replace(
        order,
        pharmacy_order_id=order.pharmacy_order_id or report.pharmacy_order_id,
        pharmacy_has_document=order.pharmacy_has_document or report.has_document,
    )
    if order.status != report.status:
        return after
    if report.estimated_delivery_at is not None:
        after = msgspec.structs.replace(after, estimated_delivery_at=report.estimated_delivery_at)
    if report.message is not None and report.message != _message(data_key, order):
        sealed = data_key.seal(report.message.encode(), MESSAGE, order.id)
        after = msgspec.structs.replace(after, message_sealed=sealed)
    return after


def _message(data_key: DataKey, order: LockedOrder) -> str | None:
    sealed = order.message_sealed
    return None if sealed is None else data_key.open(sealed, MESSAGE, order.id).decode()


def _with_parcels(order: LockedOrder, report: Report, known: list[KnownShipment]) -> LockedOrder:
    """An order shows the parcel that was heard of last."""
    if not report.shipments:
        return order
    newest = max(report.shipments, key=lambda shipment: shipment.at)
    if any(shipment.at > newest.at for shipment in known):
        return order
    return msgspec.structs.replace(
        order,
        tracking_id=newest.tracking_id,
        tracking_url=newest.tracking_url,
        carrier_name=newest.carrier_name,
    )


def _new_shipments(shipments: list[Shipment], known: list[KnownShipment]) -> list[Shipment]:
    seen = {(shipment.tracking_id, shipment.status, shipment.at) for shipment in known}
    fresh: list[Shipment] = []
    for shipment in shipments:
        key = (shipment.tracking_id, shipment.status, shipment.at)
        if key not in seen:
            seen.add(key)
            fresh.append(shipment)
    return fresh


def _log(data_key: DataKey, order: LockedOrder, shipment: Shipment, callback_id: UUID | None) -> ShippingLog:
    """Where the parcel was and what was said of it may name people and their homes."""
    log_id = uuid7()
    return ShippingLog(
        organization_id=order.organization_id,
        id=log_id,
        order_id=order.id,
        tracking_id=shipment.tracking_id,
        status=shipment.status,
        location_sealed=_sealed(data_key, shipment.location, PARCEL_LOCATION, log_id),
        message_sealed=_sealed(data_key, shipment.message, PARCEL_MESSAGE, log_id),
        status_updated_at=shipment.at,
        callback_id=callback_id,
    )


def _sealed(data_key: DataKey, text: str | None, place: str, row_id: UUID) -> Sealed | None:
    return None if text is None else Sealed(data_key.seal(text.encode(), place, row_id))


def _tracking_events(
    actor: Actor, order: LockedOrder, fresh: list[Shipment], known: list[KnownShipment]
) -> list[events.Event]:
    """One for each parcel that was not heard of before."""
    heard = {shipment.tracking_id for shipment in known}
    added = len({shipment.tracking_id for shipment in fresh} - heard)
    return [
        events.new_event(actor, "ORDER_TRACKING_ADDED", order.case_id, target_id=order.id, is_test=order.is_test)
        for _ in range(added)
    ]
