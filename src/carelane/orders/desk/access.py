"""The doors to an order, by the id that callers send."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.orders.errors import OrderNotFoundError
from carelane.orders.sending import queries
from carelane.orders.sending.queries import LockedOrder


def order_id_of(ref: str) -> UUID:
    """Whatever is not an id names no order. Raises OrderNotFoundError."""
    order_id = parse_uuid(ref)
    if order_id is None:
        raise OrderNotFoundError
    return order_id


async def lock_order(conn: Connection, actor: Actor, ref: str) -> LockedOrder:
    """The order, its case and itself locked. Raises OrderNotFoundError."""
    order = await queries.lock_order(conn, actor.organization_id, order_id_of(ref))
    if order is None:
        raise OrderNotFoundError
    return order


async def get_order(conn: Connection, actor: Actor, ref: str) -> LockedOrder:
    """The same without the locks. Raises OrderNotFoundError."""
    order = await queries.find_order(conn, actor.organization_id, order_id_of(ref))
    if order is None:
        raise OrderNotFoundError
    return order
