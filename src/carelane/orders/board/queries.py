"""Every SQL statement of the board. Each column reads its own end of an index, however many orders there are.

What is counted is ordered, too: else the planner, which does not know the state, reads the whole table for the first thousand.
"""

from typing import Any, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row, dict_row

from carelane.kit.db import Connection
from carelane.orders.board.schemas import BoardFilter, PharmacyStateOut, TicketOut
from carelane.orders.states import OrderStatus

# As the index on what needs a person has it: left to one, or over while the pharmacy refused it or says that it is on its way.
ATTENTION: LiteralString = """
(o.status = 'NEEDS_ATTENTION' OR (o.status IN ('REJECTED', 'CANCELED') AND o.resolved_at IS NULL
  AND (o.status = 'REJECTED' OR o.failure IS NOT NULL)))
"""
_STATUS: LiteralString = "o.status = k.status"
_OF: LiteralString = "o.organization_id = %(organization_id)s AND o.is_test = %(is_test)s"
_PHARMACY: LiteralString = " AND o.pharmacy_id = %(pharmacy_id)s"
# What was ordered of this order if that is known, else what the case is about.
_TICKET: LiteralString = """
SELECT o.id, o.case_id, c.short_id AS case_short_id, o.status, o.is_test, o.pharmacy_id,
  coalesce(p.name, o.pharmacy_name) AS pharmacy_name, o.pharmacy_order_id, o.failure, o.attempts, o.cancel_requested_at,
  o.cancel_failure, o.sending_began_at IS NOT NULL AS has_left, o.next_step_at, o.estimated_delivery_at, o.tracking_id, o.created_at,
  coalesce(CASE o.status WHEN 'SENT' THEN o.sent_at WHEN 'ACCEPTED' THEN o.accepted_at WHEN 'SHIPPED' THEN o.shipped_at
    WHEN 'NEEDS_ATTENTION' THEN o.updated_at ELSE o.ended_at END, o.created_at) AS moved_at,
  CASE WHEN %(with_names)s THEN c.patient_first_name || ' ' || c.patient_last_name END AS patient_name,
  CASE WHEN %(with_names)s THEN (
    SELECT coalesce(array_agg(DISTINCT n.name) FILTER (WHERE r.order_id = o.id), array_agg(DISTINCT n.name), '{}')
    FROM case_products k
    JOIN products n ON n.organization_id = k.organization_id AND n.id = k.product_id
    LEFT JOIN case_product_requests r ON r.organization_id = k.organization_id AND r.case_product_id = k.id
    WHERE k.organization_id = o.organization_id AND k.case_id = o.case_id) END AS products
"""
_JOINED: LiteralString = """
JOIN cases c ON c.organization_id = o.organization_id AND c.id = o.case_id
LEFT JOIN pharmacies p ON p.organization_id = o.organization_id AND p.id = o.pharmacy_id
"""
_ACROSS: LiteralString = "SELECT count(*) FROM (SELECT FROM orders o WHERE "
_LIST_PHARMACIES: LiteralString = """
WITH calls AS (
  SELECT a.*, o.pharmacy_id, row_number() OVER (PARTITION BY o.pharmacy_id ORDER BY a.id DESC) AS place
  FROM (SELECT * FROM order_attempts WHERE organization_id = %(organization_id)s ORDER BY id DESC LIMIT %(newest)s) a
  JOIN orders o ON o.organization_id = a.organization_id AND o.id = a.order_id
), told AS (
  SELECT b.pharmacy_id, max(b.created_at) AS at
  FROM (SELECT * FROM pharmacy_callbacks WHERE organization_id = %(organization_id)s ORDER BY id DESC LIMIT %(newest)s) b
  GROUP BY b.pharmacy_id
)
SELECT p.id, p.code, p.name, p.adapter, p.is_active,
  (SELECT coalesce(sum(n.count), 0)::integer FROM unnest(%(under_way)s::text[]) k (status), LATERAL (
    SELECT count(*) FROM (SELECT FROM orders o WHERE o.organization_id = p.organization_id AND o.pharmacy_id = p.id
      AND NOT o.is_test AND o.status = k.status ORDER BY o.id LIMIT %(most)s) l) n) AS under_way,
  (SELECT count(*)::integer FROM (SELECT FROM orders o WHERE o.organization_id = p.organization_id AND o.pharmacy_id = p.id
     AND NOT o.is_test AND o.status = 'NEEDS_ATTENTION' ORDER BY o.id LIMIT %(most)s) l) AS needs_attention,
  l.created_at AS last_call_at, l.call AS last_call, l.outcome AS last_outcome, l.failure AS last_failure,
  l.http_status AS last_http_status, l.duration_milliseconds AS last_milliseconds,
  coalesce((SELECT min(g.place) - 1 FROM calls g WHERE g.pharmacy_id = p.id AND g.outcome IN ('done', 'refused')),
    (SELECT count(*) FROM calls g WHERE g.pharmacy_id = p.id))::integer AS failures,
  t.at AS last_callback_at
FROM (SELECT * FROM pharmacies WHERE organization_id = %(organization_id)s ORDER BY is_active DESC, name, id LIMIT %(listed)s) p
LEFT JOIN calls l ON l.pharmacy_id = p.id AND l.place = 1
LEFT JOIN told t ON t.pharmacy_id = p.id
ORDER BY p.is_active DESC, p.name, p.id
"""
_CHOICES: LiteralString = """
SELECT id, name FROM pharmacies WHERE organization_id = %(organization_id)s ORDER BY name, id LIMIT %(listed)s
"""
# Of a pharmacy's newest calls and messages; a pharmacy that is not among them was quiet.
_NEWEST = 500
_MOST_PHARMACIES = 100


class Tickets(msgspec.Struct, frozen=True):
    count: int
    orders: list[TicketOut]


def _where(wanted: BoardFilter, which: LiteralString) -> LiteralString:
    return f"{_OF} AND {which}{_PHARMACY}" if wanted.pharmacy_id else f"{_OF} AND {which}"


async def list_columns(
    conn: Connection,
    organization_id: UUID,
    wanted: BoardFilter,
    statuses: list[OrderStatus],
    *,
    with_names: bool,
    each: int,
    most: int,
) -> dict[str, Tickets]:
    """By status, and what needs a person as `ATTENTION`: how many, and those that wait longest. One statement."""
    attention, of_status = _where(wanted, ATTENTION), _where(wanted, _STATUS)
    statement: LiteralString = f"""
SELECT k.name, (SELECT count(*) FROM (SELECT FROM orders o WHERE {attention} ORDER BY o.id LIMIT %(most)s) l) AS in_all, t.*
FROM (VALUES ('ATTENTION')) k (name) LEFT JOIN LATERAL ({_TICKET}
  FROM (SELECT * FROM orders o WHERE {attention} ORDER BY o.id LIMIT %(each)s) o {_JOINED}) t ON true
UNION ALL
SELECT k.status, (SELECT count(*) FROM (SELECT FROM orders o WHERE {of_status} ORDER BY o.id LIMIT %(most)s) l), t.*
FROM unnest(%(statuses)s::text[]) k (status) LEFT JOIN LATERAL ({_TICKET}
  FROM (SELECT * FROM orders o WHERE {of_status} ORDER BY o.id LIMIT %(each)s) o {_JOINED}) t ON true
"""
    values = _values(organization_id, wanted) | {
        "statuses": statuses, "with_names": with_names, "each": each, "most": most
    }  # fmt: skip
    columns: dict[str, Tickets] = {}
    async with conn.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, values)
        for row in await cursor.fetchall():
            name, count = row.pop("name"), row.pop("in_all")
            column = columns.setdefault(name, Tickets(count, []))
            if row["id"] is not None:
                column.orders.append(TicketOut(**row))
    return columns


async def list_column(
    conn: Connection,
    organization_id: UUID,
    wanted: BoardFilter,
    status: OrderStatus | None,
    *,
    with_names: bool,
    is_ended: bool,
    limit: int,
) -> list[TicketOut]:
    """Further orders of one status, or of what needs a person; each status is read from its own end of the index."""
    which: LiteralString = "o.status = %(status)s" if status else ATTENTION
    place: LiteralString = ""
    if wanted.after:
        place = " AND o.id < %(after)s" if is_ended else " AND o.id > %(after)s"
    by: LiteralString = " ORDER BY o.id DESC" if is_ended else " ORDER BY o.id"
    inner: LiteralString = f"SELECT * FROM orders o WHERE {_where(wanted, which)}{place}{by} LIMIT %(limit)s"
    statement: LiteralString = f"{_TICKET} FROM ({inner}) o {_JOINED}{by}"
    values = _values(organization_id, wanted) | {"status": status, "with_names": with_names, "limit": limit}
    async with conn.cursor(row_factory=class_row(TicketOut)) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def count_attention(conn: Connection, organization_id: UUID, wanted: BoardFilter, most: int) -> int:
    statement: LiteralString = f"{_ACROSS}{_where(wanted, ATTENTION)} ORDER BY o.id LIMIT %(most)s) l"
    row = await (await conn.execute(statement, _values(organization_id, wanted) | {"most": most})).fetchone()
    return int(row[0]) if row else 0


async def count_statuses(
    conn: Connection,
    organization_id: UUID,
    wanted: BoardFilter,
    statuses: list[OrderStatus],
    since: UUID | None,
    most: int,
) -> dict[str, int]:
    """How many stand there; with `since`, of the orders whose id is later: ids increase with time."""
    later: LiteralString = " AND o.id >= %(since)s" if since else ""
    statement: LiteralString = f"""
SELECT k.status, ({_ACROSS}{_where(wanted, _STATUS)}{later} ORDER BY o.id LIMIT %(most)s) l) FROM unnest(%(statuses)s::text[]) k (status)
"""
    values = _values(organization_id, wanted) | {"statuses": statuses, "since": since, "most": most}
    cursor = await conn.execute(statement, values)
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def list_pharmacies(
    conn: Connection, organization_id: UUID, under_way: list[OrderStatus], most: int
) -> list[PharmacyStateOut]:
    values = {
        "organization_id": organization_id, "under_way": under_way, "most": most,
        "newest": _NEWEST, "listed": _MOST_PHARMACIES,
    }  # fmt: skip
    async with conn.cursor(row_factory=class_row(PharmacyStateOut)) as cursor:
        await cursor.execute(_LIST_PHARMACIES, values)
        return await cursor.fetchall()


async def list_choices(conn: Connection, organization_id: UUID) -> list[tuple[UUID, str]]:
    """The pharmacies that the board can be filtered for: id and name."""
    cursor = await conn.execute(_CHOICES, {"organization_id": organization_id, "listed": _MOST_PHARMACIES})
    return [(row[0], row[1]) for row in await cursor.fetchall()]


def _values(organization_id: UUID, wanted: BoardFilter) -> dict[str, Any]:
    return msgspec.structs.asdict(wanted) | {"organization_id": organization_id}
