"""The board and the pharmacies. Names and products are health information: shown to whoever may read cases, and recorded."""

from datetime import timedelta
from uuid import UUID

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.ids import least_id_at
from carelane.orders.board import queries
from carelane.orders.board.queries import Tickets
from carelane.orders.board.schemas import (
    COLUMNS,
    ENDS,
    MOST_COUNTED,
    BoardFilter,
    BoardOut,
    BoardQuery,
    Column,
    ColumnOut,
    ColumnPageOut,
    EndedOut,
    PharmaciesOut,
)
from carelane.orders.states import OrderStatus
from carelane.permissions import CASES_READ, ORDERS_READ, requires
from carelane.services import Services

ENDED_WITHIN = timedelta(days=14)
PER_COLUMN = 10
_UNDER_WAY: list[Column] = [name for name in COLUMNS if name not in ENDS]
_STATUSES: list[OrderStatus] = [status for name in _UNDER_WAY for status in COLUMNS[name]]
_ENDED: list[OrderStatus] = [status for name in ENDS for status in COLUMNS[name]]


@requires(ORDERS_READ)
async def get_board(services: Services, actor: Actor, query: BoardQuery, each: int = PER_COLUMN) -> BoardOut:
    """Raises InvalidRequestError."""
    wanted, organization_id = query.filter(), actor.organization_id
    since = least_id_at(clock.now() - ENDED_WITHIN)
    with_names = actor.may(CASES_READ)
    async with services.db.transaction(actor) as conn:
        found = await queries.list_columns(
            conn, organization_id, wanted, _STATUSES, with_names=with_names, each=each, most=MOST_COUNTED
        )
        ended = await queries.count_statuses(conn, organization_id, wanted, _ENDED, since, MOST_COUNTED)
        if with_names:
            await events.record_read(conn, actor, "orders", organization_id, "board of orders")
    columns = [_column(name, found, each) for name in _UNDER_WAY]
    return BoardOut(
        columns=columns, ended=[EndedOut(name=name, count=sum(ended[s] for s in COLUMNS[name])) for name in ENDS]
    )


@requires(ORDERS_READ)
async def get_column(services: Services, actor: Actor, name: Column, query: BoardQuery, limit: int) -> ColumnPageOut:
    """Raises InvalidRequestError."""
    wanted, organization_id = query.filter(), actor.organization_id
    with_names, is_ended = actor.may(CASES_READ), name in ENDS
    async with services.db.transaction(actor) as conn:
        found = [
            ticket
            for status in COLUMNS[name] or (None,)
            for ticket in await queries.list_column(
                conn, organization_id, wanted, status, with_names=with_names, is_ended=is_ended, limit=limit + 1
            )
        ]
        if COLUMNS[name]:
            counts = await queries.count_statuses(conn, organization_id, wanted, [*COLUMNS[name]], None, MOST_COUNTED)
            count = sum(counts.values())
        else:
            count = await queries.count_attention(conn, organization_id, wanted, MOST_COUNTED)
        if with_names:
            await events.record_read(conn, actor, "orders", organization_id, "list of orders")
    found.sort(key=lambda ticket: ticket.id, reverse=is_ended)
    following: UUID | None = found[limit - 1].id if len(found) > limit else None
    return ColumnPageOut(name=name, count=min(count, MOST_COUNTED), orders=found[:limit], next=following)


@requires(ORDERS_READ)
async def count_attention(services: Services, actor: Actor) -> int:
    """How many orders need a person, at most 1000; tests apart."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.count_attention(conn, actor.organization_id, BoardFilter(), MOST_COUNTED)


@requires(ORDERS_READ)
async def list_pharmacies(services: Services, actor: Actor) -> PharmaciesOut:
    """Those that take orders first, by name; at most 100."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_pharmacies(conn, actor.organization_id, _STATUSES, MOST_COUNTED)
    return PharmaciesOut(pharmacies=found)


@requires(ORDERS_READ)
async def list_choices(services: Services, actor: Actor) -> list[tuple[UUID, str]]:
    """The pharmacies that the board can be filtered for."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_choices(conn, actor.organization_id)


def _column(name: Column, found: dict[str, Tickets], each: int) -> ColumnOut:
    parts = [found[key] for key in (COLUMNS[name] or (name,)) if key in found]
    orders = sorted((ticket for part in parts for ticket in part.orders), key=lambda ticket: ticket.id)
    return ColumnOut(name=name, count=min(sum(part.count for part in parts), MOST_COUNTED), orders=orders[:each])
