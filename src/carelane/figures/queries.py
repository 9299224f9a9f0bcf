"""Every SQL statement of figures."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from carelane.figures.schemas import MOST_COUNTED, FiguresMade, LineMade, MoneyMade, Names, Span, WaitsOut
from carelane.kit.db import Connection, uuid_array
from carelane.orders.states import OrderStatus

_LOCK: LiteralString = "SELECT FROM figure_marks WHERE organization_id = %s FOR NO KEY UPDATE"
_MARK: LiteralString = "SELECT seen_at FROM figure_marks WHERE organization_id = %s"
_MAKE_MARK: LiteralString = "INSERT INTO figure_marks (organization_id) VALUES (%s) ON CONFLICT DO NOTHING"
_UPDATE_MARK: LiteralString = "UPDATE figure_marks SET seen_at = greatest(seen_at, %s) WHERE organization_id = %s"

# Ids of events begin with the time they were made at. No event is recorded of what came with a migration: the first time all are seen.
_CHANGED: LiteralString = """
SELECT DISTINCT (c.created_at AT TIME ZONE 'UTC')::date FROM (
  SELECT DISTINCT e.case_id FROM events e WHERE e.organization_id = %(organization_id)s AND e.id >= %(since)s) e
LEFT JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = e.case_id
"""
_FIRST: LiteralString = """
SELECT least((SELECT min(created_at) FROM cases WHERE organization_id = %(organization_id)s),
  (SELECT min(created_at) FROM decisions WHERE organization_id = %(organization_id)s),
  (SELECT min(happened_at) FROM ledger_postings WHERE organization_id = %(organization_id)s))
"""

# Days of a time zone.
DAYS: LiteralString = """
FROM (SELECT d.day, d.day::timestamp AT TIME ZONE %(timezone)s AS begins, (d.day + 1)::timestamp AT TIME ZONE %(timezone)s AS ends
  FROM unnest(%(days)s::date[]) d (day)) d
"""
_KEEP: LiteralString = """
ON CONFLICT (organization_id, day, kind) DO UPDATE SET numbers = excluded.numbers, made_at = now()
"""
_CASES: LiteralString = f"""
INSERT INTO daily_figures (organization_id, day, kind, numbers)
SELECT %(organization_id)s, d.day, 'CASES', coalesce((
  SELECT jsonb_object_agg(n.status, n.cases) FROM (
    SELECT CASE WHEN c.is_archived AND c.status NOT IN ('APPROVED', 'REJECTED') THEN 'ARCHIVED' ELSE c.status END AS status,
      count(*) AS cases
    FROM cases c WHERE c.organization_id = %(organization_id)s AND c.created_at >= d.begins AND c.created_at < d.ends
      AND NOT c.is_test GROUP BY 1) n), '{{}}')
{DAYS} {_KEEP}
"""
# Each day is looked at by an index: without OFFSET the planner joins all decisions with the days, and reads all of them for each.
# A decision's wait begins with the request for its product, which may have come later than the case.
DECIDED: LiteralString = """
WITH decided AS MATERIALIZED (
  SELECT d.day, x.case_id, x.product_id, x.added_by_id, x.is_approved, x.created_at, coalesce((
      SELECT max(r.created_at) FROM case_products k
      JOIN case_product_requests r ON r.organization_id = k.organization_id AND r.case_product_id = k.id
      WHERE k.organization_id = c.organization_id AND k.case_id = c.id AND k.product_id = x.product_id
        AND r.created_at <= x.created_at), c.created_at) AS since
  {days}
  CROSS JOIN LATERAL (SELECT * FROM decisions n
    WHERE n.organization_id = %(organization_id)s AND n.created_at >= d.begins AND n.created_at < d.ends OFFSET 0) x
  JOIN cases c ON c.organization_id = x.organization_id AND c.id = x.case_id
  WHERE NOT x.is_no_decision AND NOT c.is_test
), waited AS MATERIALIZED (
  SELECT w.*, greatest(extract(epoch FROM w.created_at - w.since), 0) AS whole, coalesce((
      SELECT sum(extract(epoch FROM least(p.ended_at, w.created_at) - greatest(p.asked_at, w.since))) FROM case_pauses p
      WHERE p.organization_id = %(organization_id)s AND p.case_id = w.case_id AND p.asked_at < w.created_at
        AND p.ended_at > w.since), 0) AS paused
  FROM decided w
)
""".replace("{days}", DAYS)
_WAITS: LiteralString = f"""{DECIDED}
INSERT INTO daily_figures (organization_id, day, kind, numbers)
SELECT %(organization_id)s, d.day, 'WAITS', coalesce((
  SELECT jsonb_build_object('decisions', count(*),
    'medianSeconds', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.whole - w.paused)),
    'p90Seconds', round(percentile_cont(0.9) WITHIN GROUP (ORDER BY w.whole - w.paused)),
    'asked', count(*) FILTER (WHERE w.paused > 0),
    'patientMedianSeconds', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY w.paused) FILTER (WHERE w.paused > 0)),
    'patientP90Seconds', round(percentile_cont(0.9) WITHIN GROUP (ORDER BY w.paused) FILTER (WHERE w.paused > 0)))
  FROM waited w WHERE w.day = d.day HAVING count(*) > 0), '{{}}')
{DAYS} {_KEEP}
"""
# Waits that differ by no more than a twentieth are kept as one pair, how many and their sum: of however many decisions there are few
# pairs, which can be put together for any days.
_WORK: LiteralString = f"""{DECIDED}
INSERT INTO daily_figures (organization_id, day, kind, numbers)
SELECT %(organization_id)s, d.day, 'WORK', jsonb_build_object('lines', coalesce((
  SELECT jsonb_agg(jsonb_build_object('productId', n.product_id, 'staffId', n.added_by_id, 'decisions', n.decisions,
    'approved', n.approved, 'waits', n.waits) ORDER BY n.product_id, n.added_by_id)
  FROM (
    SELECT b.product_id, b.added_by_id, sum(b.decisions) AS decisions, sum(b.approved) AS approved,
      jsonb_agg(jsonb_build_array(b.decisions, b.seconds) ORDER BY b.nearly) AS waits
    FROM (
      SELECT w.product_id, w.added_by_id, floor(ln(greatest(w.whole - w.paused, 0) + 60) / ln(1.05)) AS nearly,
        count(*) AS decisions, count(*) FILTER (WHERE w.is_approved) AS approved,
        round(sum(greatest(w.whole - w.paused, 0))) AS seconds
      FROM waited w WHERE w.day = d.day GROUP BY w.product_id, w.added_by_id, nearly) b
    GROUP BY b.product_id, b.added_by_id) n), '[]'))
{DAYS} {_KEEP}
"""
# Signs as in the ledger: into an account of ours is in, out of it is back.
_MONEY: LiteralString = f"""
INSERT INTO daily_figures (organization_id, day, kind, numbers)
SELECT %(organization_id)s, d.day, 'MONEY', coalesce((
  SELECT jsonb_object_agg(n.currency, jsonb_build_object('chargedCents', n.charged, 'voidedCents', n.voided, 'paidCents', n.paid,
    'refundedCents', n.refunded, 'owedCents', n.owed))
  FROM (
    SELECT m.currency, coalesce(sum(m.owed) FILTER (WHERE m.act = 'CHARGE'), 0) AS charged,
      coalesce(-sum(m.owed) FILTER (WHERE m.act IN ('VOID', 'WRITE_OFF', 'ADJUSTMENT', 'ADJUSTMENT_VOIDED')), 0) AS voided,
      coalesce(sum(m.ours) FILTER (WHERE m.act IN ('CAPTURE', 'EXTERNAL', 'EXTERNAL_RETURNED', 'CASH')), 0) AS paid,
      coalesce(-sum(m.ours) FILTER (WHERE m.act IN ('REFUND', 'REFUND_FAILED')), 0) AS refunded, coalesce(sum(m.owed), 0) AS owed
    FROM (
      SELECT p.act, p.currency,
        CASE WHEN b.code = 'receivable' THEN p.amount_cents ELSE 0 END
          - CASE WHEN a.code = 'receivable' THEN p.amount_cents ELSE 0 END AS owed,
        CASE WHEN b.code IN ('gateway', 'cash', 'external') THEN p.amount_cents ELSE 0 END
          - CASE WHEN a.code IN ('gateway', 'cash', 'external') THEN p.amount_cents ELSE 0 END AS ours
      FROM ledger_postings p
      JOIN ledger_accounts b ON b.organization_id = p.organization_id AND b.id = p.debit_id
      JOIN ledger_accounts a ON a.organization_id = p.organization_id AND a.id = p.credit_id
      WHERE p.organization_id = %(organization_id)s AND p.happened_at >= d.begins AND p.happened_at < d.ends AND NOT p.is_test) m
    GROUP BY m.currency) n), '{{}}')
{DAYS} {_KEEP}
"""

_LIST: LiteralString = """
SELECT day, kind, numbers::text, made_at FROM daily_figures
WHERE organization_id = %(organization_id)s AND day BETWEEN %(first)s AND %(last)s AND kind = ANY(%(kinds)s) ORDER BY day, kind
"""
_OWED: LiteralString = """
SELECT n.currency, sum((n.amounts->>'owedCents')::bigint)::bigint
FROM daily_figures f, jsonb_each(f.numbers) n (currency, amounts)
WHERE f.organization_id = %(organization_id)s AND f.kind = 'MONEY' AND f.day < %(first)s GROUP BY n.currency
"""
_ORDERS: LiteralString = """
SELECT s.status, n.orders FROM unnest(%(statuses)s::text[]) s (status) CROSS JOIN LATERAL (
  SELECT count(*) AS orders FROM (
    SELECT FROM orders o WHERE o.organization_id = %(organization_id)s AND o.status = s.status LIMIT %(most)s) o) n
"""
_PRODUCTS: LiteralString = "SELECT id, name FROM products WHERE organization_id = %s AND id = ANY(%s::uuid[])"
_STAFF: LiteralString = """
SELECT id, first_name || ' ' || last_name FROM staff WHERE organization_id = %s AND id = ANY(%s::uuid[])
"""


class _Work(msgspec.Struct):
    lines: list[LineMade]


async def find_mark(conn: Connection, organization_id: UUID) -> datetime | None:
    row = await (await conn.execute(_MARK, (organization_id,))).fetchone()
    return row[0] if row else None


async def list_changed_days(conn: Connection, organization_id: UUID, since: UUID) -> list[date | None]:
    """The days on which the cases came that something happened to; None among them: something happened to no case."""
    cursor = await conn.execute(_CHANGED, {"organization_id": organization_id, "since": since})
    return [row[0] for row in await cursor.fetchall()]


async def find_first_moment(conn: Connection, organization_id: UUID) -> datetime | None:
    row = await (await conn.execute(_FIRST, {"organization_id": organization_id})).fetchone()
    return row[0] if row else None


async def lock_mark(conn: Connection, organization_id: UUID) -> None:
    """In a statement of its own: what is counted after it sees what was written before."""
    await conn.execute(_MAKE_MARK, (organization_id,))
    await conn.execute(_LOCK, (organization_id,))


async def update_mark(conn: Connection, organization_id: UUID, seen_at: datetime) -> None:
    await conn.execute(_UPDATE_MARK, (seen_at, organization_id))


async def save_days(conn: Connection, organization_id: UUID, days: Sequence[date]) -> None:
    """Counts these days anew, whatever stood there."""
    values: dict[str, object] = {"organization_id": organization_id, "days": list(days), "timezone": "UTC"}
    for statement in (_CASES, _WAITS, _WORK, _MONEY):
        await conn.execute(statement, values)


async def list_days(conn: Connection, organization_id: UUID, span: Span, kinds: Sequence[str]) -> FiguresMade:
    """A row a day and kind at most."""
    values: dict[str, Any] = {"organization_id": organization_id, "first": span.first, "last": span.last}
    rows = await (await conn.execute(_LIST, values | {"kinds": list(kinds)})).fetchall()
    found: dict[str, dict[date, str]] = defaultdict(dict)
    for day, kind, numbers, _ in rows:
        found[kind][day] = numbers
    owed = await (await conn.execute(_OWED, values)).fetchall() if "MONEY" in kinds else []
    read = msgspec.json.decode
    return FiguresMade(
        cases={day: read(text, type=dict[str, int]) for day, text in found["CASES"].items()},
        waits={day: read(text, type=WaitsOut) if text != "{}" else None for day, text in found["WAITS"].items()},
        work=[line for text in found["WORK"].values() for line in read(text, type=_Work).lines],
        money={day: read(text, type=dict[str, MoneyMade]) for day, text in found["MONEY"].items()},
        owed={row[0]: row[1] for row in owed},
        made_at=max((row[3] for row in rows), default=None),
    )


async def count_orders(
    conn: Connection, organization_id: UUID, statuses: Sequence[OrderStatus]
) -> dict[OrderStatus, int]:
    """How many stand in each of these states, counted to MOST_COUNTED."""
    values = {"organization_id": organization_id, "statuses": list(statuses), "most": MOST_COUNTED}
    return {row[0]: row[1] for row in await (await conn.execute(_ORDERS, values)).fetchall()}


async def list_names(conn: Connection, organization_id: UUID, products: set[UUID], staff: set[UUID]) -> Names:
    products_of = await (await conn.execute(_PRODUCTS, (organization_id, uuid_array(products)))).fetchall()
    staff_of = await (await conn.execute(_STAFF, (organization_id, uuid_array(staff)))).fetchall()
    return Names({row[0]: row[1] for row in products_of}, {row[0]: row[1] for row in staff_of})
