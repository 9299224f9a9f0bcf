"""What staff see of callbacks that found no order."""

import msgspec

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.damage import DAMAGED, shown_as
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.kit.phi import DataKey
from carelane.orders.board.schemas import MOST_COUNTED
from carelane.orders.errors import CallbackNotFoundError
from carelane.orders.inbox import queries
from carelane.orders.inbox.queries import KEPT
from carelane.orders.inbox.schemas import (
    CallbackDetailOut,
    CallbackDetailsOut,
    CandidateOut,
    InboxPageOut,
    KeptCallback,
    WaitingCallbackOut,
)
from carelane.permissions import CASES_READ, ORDERS_READ, requires
from carelane.services import Services
from carelane.web.wire import uuid_string


@requires(ORDERS_READ)
async def list_inbox(services: Services, actor: Actor, after: str | None, limit: int) -> InboxPageOut:
    """`after` is `next` of the page before. Raises InvalidRequestError."""
    place = uuid_string("after", after or None)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_inbox(conn, actor.organization_id, place, limit + 1)
    return InboxPageOut(callbacks=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


@requires(ORDERS_READ)
async def count_inbox(services: Services, actor: Actor) -> int:
    """How many callbacks without an order need a person, at most 1000."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.count_inbox(conn, actor.organization_id, MOST_COUNTED)


@requires(ORDERS_READ, CASES_READ)
async def list_callback_details(services: Services, actor: Actor, limit: int) -> CallbackDetailsOut:
    """The newest callbacks without an order, with what they say; the look at them is recorded."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        found = await queries.list_inbox(conn, actor.organization_id, None, limit)
        return CallbackDetailsOut(callbacks=await _detailed(conn, actor, data_key, found))


@requires(ORDERS_READ, CASES_READ)
async def get_callback(services: Services, actor: Actor, ref: str) -> CallbackDetailOut:
    """Whatever became of it: what it says and, while it waits, the orders it may be about. Raises CallbackNotFoundError."""
    callback_id = parse_uuid(ref)
    if callback_id is None:
        raise CallbackNotFoundError
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        found = await queries.find_inbox_row(conn, actor.organization_id, callback_id)
        if found is None:
            raise CallbackNotFoundError
        return (await _detailed(conn, actor, data_key, [found]))[0]


async def _detailed(
    conn: Connection, actor: Actor, data_key: DataKey, rows: list[WaitingCallbackOut]
) -> list[CallbackDetailOut]:
    if not rows:
        return []
    sealed = await queries.list_sealed(conn, actor.organization_id, [row.id for row in rows])
    waiting = {row.pharmacy_id for row in rows if row.status == "WAITING"}
    candidates = await queries.list_candidates(conn, actor.organization_id, waiting) if waiting else {}
    await events.record_reads(conn, actor, "callback", [row.id for row in rows], "callback without an order")
    return [_detail(data_key, row, sealed[row.id], candidates.get(row.pharmacy_id, [])) for row in rows]


def _detail(
    data_key: DataKey, row: WaitingCallbackOut, sealed: bytes, candidates: list[CandidateOut]
) -> CallbackDetailOut:
    """The signature and whatever else came in headers was never kept."""
    kept = shown_as(data_key, sealed, KEPT, row.id, KeptCallback, None)
    report = kept.callback.report if kept and kept.callback else None
    shipments = report.shipments if report else []
    return CallbackDetailOut(
        **msgspec.structs.asdict(row),
        reported_status=report.status if report else None,
        message=report.message if report else None if kept else DAMAGED,
        tracking_ids=list(dict.fromkeys(shipment.tracking_id for shipment in shipments)),
        carrier_name=next((shipment.carrier_name for shipment in shipments if shipment.carrier_name), None),
        candidates=candidates if row.status == "WAITING" else [],
    )
