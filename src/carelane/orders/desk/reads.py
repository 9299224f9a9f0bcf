"""The state of orders, and why. No health information."""

import msgspec

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.ids import parse_uuid
from carelane.orders.desk import access, queries
from carelane.orders.desk.schemas import OrderDetailOut, OrderPageOut, OrderQuery, OrderWhyOut
from carelane.orders.desk.why import OrderSummary, explain
from carelane.orders.errors import OrderNotFoundError
from carelane.permissions import ORDERS_READ, ORDERS_WORK, requires
from carelane.services import Services


@requires(ORDERS_READ)
async def list_orders(services: Services, actor: Actor, query: OrderQuery) -> OrderPageOut:
    """Raises InvalidRequestError."""
    wanted, limit = query.filter(), query.limit
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_orders(conn, actor.organization_id, wanted, limit + 1)
    return OrderPageOut(orders=found[:limit], next=found[limit - 1].id if len(found) > limit else None)


@requires(ORDERS_READ)
async def get_order(services: Services, actor: Actor, ref: str) -> OrderDetailOut:
    """Raises OrderNotFoundError."""
    organization_id, order_id = actor.organization_id, access.order_id_of(ref)
    async with services.db.reading(organization_id) as conn:
        row = await queries.find_order_row(conn, organization_id, order_id)
        if row is None:
            raise OrderNotFoundError
        shipped_by = await queries.get_shipped_by(conn, organization_id, order_id)
        calls = await queries.list_calls(conn, organization_id, order_id)
        callbacks = await queries.list_callbacks(conn, organization_id, order_id)
        shipping = await queries.list_shipping(conn, organization_id, order_id)
    columns = msgspec.structs.asdict(row) | msgspec.structs.asdict(shipped_by)
    return OrderDetailOut(**columns, calls=calls, callbacks=callbacks, shipping=shipping)


@requires(ORDERS_WORK)
async def require_order_of_case(services: Services, actor: Actor, case_ref: str, ref: str) -> None:
    """For whoever is about to work on it. Raises OrderNotFoundError, also when it is another case's."""
    order = await get_order(services, actor, ref)
    if order.case_id != parse_uuid(case_ref):
        raise OrderNotFoundError


@requires(ORDERS_READ)
async def explain_order(services: Services, actor: Actor, ref: str) -> OrderWhyOut:
    """Raises OrderNotFoundError."""
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        order = await access.get_order(conn, actor, ref)
        summary = OrderSummary(
            order=order,
            moved_at=await queries.find_moved_at(conn, order) or order.created_at,
            is_replaced=await queries.find_is_replaced(conn, organization_id, order.id),
            last_call=await queries.find_last_failure(conn, organization_id, order.id),
        )
    return explain(summary, clock.now())
