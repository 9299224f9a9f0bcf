"""Every SQL statement that counts and reads what reports say."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.figures.queries import DAYS, DECIDED
from carelane.figures.reports.schemas import Basis, Counted, Dimension, Kept
from carelane.kit.db import Connection, uuid_array

# An organization has no time zone of its own.
_BASIS: LiteralString = """
SELECT coalesce((SELECT l.timezone FROM locations l WHERE l.organization_id = o.id AND l.archived_at IS NULL
  ORDER BY l.created_at, l.id LIMIT 1), 'UTC'), o.currency, (SELECT max(f.made_at) FROM report_figures f WHERE f.organization_id = o.id),
  (SELECT m.currency FROM report_marks m WHERE m.organization_id = o.id)
FROM organizations o WHERE o.id = %s
"""
_MARK: LiteralString = "SELECT seen_at, timezone, currency FROM report_marks WHERE organization_id = %s"
_MAKE_MARK: LiteralString = "INSERT INTO report_marks (organization_id) VALUES (%s) ON CONFLICT DO NOTHING"
_LOCK: LiteralString = "SELECT FROM report_marks WHERE organization_id = %s FOR NO KEY UPDATE"
_UPDATE_MARK: LiteralString = """
UPDATE report_marks SET seen_at = %(seen_at)s, timezone = %(timezone)s, currency = %(currency)s
WHERE organization_id = %(organization_id)s
"""
# Of changed cases the days on which they came, were decided and ordered: what is counted there says of which state they are. And of new postings the days that they are of.
_CHANGED: LiteralString = """
WITH changed AS MATERIALIZED (
  SELECT DISTINCT e.case_id FROM events e
  WHERE e.organization_id = %(organization_id)s AND e.id >= %(since)s AND e.case_id IS NOT NULL
)
SELECT (c.created_at AT TIME ZONE %(timezone)s)::date FROM changed e
JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = e.case_id
UNION SELECT (d.created_at AT TIME ZONE %(timezone)s)::date FROM changed e
CROSS JOIN LATERAL (
  SELECT n.created_at FROM decisions n WHERE n.organization_id = %(organization_id)s AND n.case_id = e.case_id OFFSET 0) d
UNION SELECT (o.created_at AT TIME ZONE %(timezone)s)::date FROM changed e
CROSS JOIN LATERAL (
  SELECT n.created_at FROM orders n WHERE n.organization_id = %(organization_id)s AND n.case_id = e.case_id OFFSET 0) o
UNION SELECT (p.happened_at AT TIME ZONE %(timezone)s)::date FROM ledger_postings p
WHERE p.organization_id = %(organization_id)s AND p.id >= %(since)s
"""
_KEPT_DAYS: LiteralString = "SELECT day FROM report_figures WHERE organization_id = %s AND span = 'DAY'"
# Each day is looked at by an index: without OFFSET the planner joins all rows with the days, and reads all of them for each.
_CASES: LiteralString = f"""
SELECT d.day, x.dimension, x.key, count(*) {DAYS}
CROSS JOIN LATERAL (SELECT * FROM cases n
  WHERE n.organization_id = %(organization_id)s AND n.created_at >= d.begins AND n.created_at < d.ends AND NOT n.is_test OFFSET 0) c
CROSS JOIN LATERAL (
  VALUES ('ALL', ''), ('STATE', coalesce(c.patient_state, ''))
  UNION SELECT 'PRODUCT', k.product_id::text FROM case_products k
  WHERE k.organization_id = c.organization_id AND k.case_id = c.id) x (dimension, key)
GROUP BY 1, 2, 3
"""
_WAITS: LiteralString = f"""{DECIDED}
SELECT w.day, x.dimension, x.key, floor(ln(greatest(w.whole - w.paused, 0) + 60) / ln(1.05))::integer, count(*),
  count(*) FILTER (WHERE w.is_approved), round(sum(greatest(w.whole - w.paused, 0)))::bigint
FROM waited w JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = w.case_id
CROSS JOIN LATERAL (VALUES ('ALL', ''), ('PRODUCT', coalesce(w.product_id::text, '')), ('PERSON', w.added_by_id::text),
  ('STATE', coalesce(c.patient_state, ''))) x (dimension, key)
GROUP BY 1, 2, 3, 4
"""
# Of whom an order is: whoever approved last in its case before it; of what: all that was approved there before it.
_ORDERS: LiteralString = f"""
SELECT d.day, x.dimension, x.key, count(*) {DAYS}
CROSS JOIN LATERAL (SELECT * FROM orders n
  WHERE n.organization_id = %(organization_id)s AND n.created_at >= d.begins AND n.created_at < d.ends AND NOT n.is_test OFFSET 0) o
JOIN cases c ON c.organization_id = o.organization_id AND c.id = o.case_id
CROSS JOIN LATERAL (
  VALUES ('ALL', ''), ('STATE', coalesce(c.patient_state, '')), ('PERSON', coalesce((
    SELECT n.added_by_id::text FROM decisions n WHERE n.organization_id = o.organization_id AND n.case_id = o.case_id
      AND n.is_approved AND n.created_at <= o.created_at ORDER BY n.created_at DESC, n.id LIMIT 1), ''))
  UNION SELECT 'PRODUCT', coalesce(n.product_id::text, '') FROM decisions n
  WHERE n.organization_id = o.organization_id AND n.case_id = o.case_id AND n.is_approved AND n.created_at <= o.created_at
) x (dimension, key)
GROUP BY 1, 2, 3
"""
# Each posting has two ends. Income is what is credited to revenue, less what discounts take; a refund is what leaves an account of ours.
# A sale is of whoever made its charge, else of whoever approved last in its case.
ENDS: LiteralString = """
CROSS JOIN LATERAL (
  VALUES (a.code, a.owner_id, p.amount_cents, b.code, b.owner_id), (b.code, b.owner_id, -p.amount_cents, a.code, a.owner_id)
) n (code, owner_id, cents, other_code, other_id)
"""
SOLD_BY: LiteralString = """
coalesce(g.creator_id, (SELECT x.added_by_id FROM decisions x WHERE x.organization_id = g.organization_id AND x.case_id = g.case_id
  AND x.is_approved ORDER BY x.created_at DESC, x.id LIMIT 1))::text
"""
PRODUCT: LiteralString = """
CASE WHEN n.code = 'revenue' THEN n.owner_id::text WHEN n.code = 'discounts' OR n.other_code = 'discounts' THEN 'DISCOUNTS'
  WHEN n.other_code = 'revenue' THEN n.other_id::text END
"""
IS_REVENUE: LiteralString = "n.code IN ('revenue', 'discounts')"
IS_REFUND: LiteralString = "n.code IN ('gateway', 'cash', 'external') AND p.act IN ('REFUND', 'REFUND_FAILED')"
POSTINGS: LiteralString = f"""
JOIN ledger_accounts b ON b.organization_id = p.organization_id AND b.id = p.debit_id
JOIN ledger_accounts a ON a.organization_id = p.organization_id AND a.id = p.credit_id
{ENDS}
LEFT JOIN charges g ON g.organization_id = p.organization_id AND g.id = p.charge_id
LEFT JOIN patients r ON r.organization_id = g.organization_id AND r.id = g.patient_id
"""
OURS: LiteralString = """
NOT p.is_test AND p.currency = (SELECT o.currency FROM organizations o WHERE o.id = %(organization_id)s)
"""
_MONEY: LiteralString = f"""
SELECT d.day, x.dimension, x.key, coalesce(sum(n.cents) FILTER (WHERE {IS_REVENUE}), 0)::bigint,
  coalesce(sum(n.cents) FILTER (WHERE {IS_REFUND}), 0)::bigint
{DAYS}
CROSS JOIN LATERAL (SELECT * FROM ledger_postings p
  WHERE p.organization_id = %(organization_id)s AND p.happened_at >= d.begins AND p.happened_at < d.ends AND {OURS} OFFSET 0) p
{POSTINGS}
CROSS JOIN LATERAL (VALUES ('ALL', ''), ('PRODUCT', coalesce({PRODUCT}, '')), ('PERSON', coalesce({SOLD_BY}, '')),
  ('STATE', coalesce(upper(r.state), ''))) x (dimension, key)
WHERE {IS_REVENUE} OR {IS_REFUND}
GROUP BY 1, 2, 3
"""
_SAVE: LiteralString = """
INSERT INTO report_figures (organization_id, span, day, numbers)
SELECT %(organization_id)s, %(span)s, n.day, n.numbers
FROM jsonb_to_recordset(%(rows)s::jsonb) n (day date, numbers jsonb)
ON CONFLICT (organization_id, span, day) DO UPDATE SET numbers = excluded.numbers, made_at = now()
"""
_LIST: LiteralString = """
SELECT day, numbers::text FROM report_figures
WHERE organization_id = %(organization_id)s AND span = %(span)s AND day BETWEEN %(first)s AND %(last)s ORDER BY day
"""
_NAMES: LiteralString = """
SELECT p.id::text, p.name FROM products p WHERE p.organization_id = %(organization_id)s AND p.id = ANY(%(ids)s::uuid[])
UNION ALL SELECT b.id::text, b.name FROM bundles b WHERE b.organization_id = %(organization_id)s AND b.id = ANY(%(ids)s::uuid[])
UNION ALL SELECT s.id::text, concat_ws(' ', s.title, s.first_name, s.last_name, s.title_suffix) FROM staff s
WHERE s.organization_id = %(organization_id)s AND s.id = ANY(%(ids)s::uuid[])
"""


async def get_basis(conn: Connection, organization_id: UUID) -> Basis:
    row = await (await conn.execute(_BASIS, (organization_id,))).fetchone()
    if row is None:
        raise LookupError("there is no such organization")
    return Basis(*row)


async def find_mark(conn: Connection, organization_id: UUID) -> tuple[datetime | None, Basis | None]:
    """How far it was looked, and in what was counted."""
    row = await (await conn.execute(_MARK, (organization_id,))).fetchone()
    return (row[0], Basis(row[1], row[2])) if row else (None, None)


async def lock_mark(conn: Connection, organization_id: UUID) -> None:
    """In a statement of its own: what is counted after it sees what was written before."""
    await conn.execute(_MAKE_MARK, (organization_id,))
    await conn.execute(_LOCK, (organization_id,))


async def update_mark(conn: Connection, organization_id: UUID, seen_at: datetime, basis: Basis) -> None:
    values = {
        "organization_id": organization_id,
        "seen_at": seen_at,
        "timezone": basis.timezone,
        "currency": basis.currency,
    }
    await conn.execute(_UPDATE_MARK, values)


async def list_changed_days(conn: Connection, organization_id: UUID, since: UUID, timezone: str) -> list[date]:
    values = {"organization_id": organization_id, "since": since, "timezone": timezone}
    return [row[0] for row in await (await conn.execute(_CHANGED, values)).fetchall()]


async def list_kept_days(conn: Connection, organization_id: UUID) -> list[date]:
    return [row[0] for row in await (await conn.execute(_KEPT_DAYS, (organization_id,))).fetchall()]


async def count_days(conn: Connection, organization_id: UUID, days: Sequence[date], timezone: str) -> dict[date, Kept]:
    """What the records say of these days."""
    values: dict[str, object] = {"organization_id": organization_id, "days": list(days), "timezone": timezone}
    found: dict[date, dict[tuple[str, str], Counted]] = {day: {} for day in days}

    def line(day: date, dimension: Dimension, key: str) -> Counted:
        return found[day].setdefault((dimension, key), Counted(dimension=dimension, key=key))

    for day, dimension, key, cases in await (await conn.execute(_CASES, values)).fetchall():
        line(day, dimension, key).cases = cases
    for day, dimension, key, nearly, count, approved, seconds in await (await conn.execute(_WAITS, values)).fetchall():
        one = line(day, dimension, key)
        one.decisions, one.approved = one.decisions + count, one.approved + approved
        one.waits[nearly] = (count, seconds)
    for day, dimension, key, orders in await (await conn.execute(_ORDERS, values)).fetchall():
        line(day, dimension, key).orders = orders
    for day, dimension, key, revenue, refunds in await (await conn.execute(_MONEY, values)).fetchall():
        one = line(day, dimension, key)
        one.revenue_cents, one.refunds_cents = revenue, refunds
    return {day: Kept(list(lines.values())) for day, lines in found.items()}


async def save_spans(conn: Connection, organization_id: UUID, span: str, numbers: dict[date, Kept]) -> None:
    """Whatever stood there."""
    rows = msgspec.json.encode([{"day": day, "numbers": kept} for day, kept in numbers.items()]).decode()
    await conn.execute(_SAVE, {"organization_id": organization_id, "span": span, "rows": rows})


async def list_spans(conn: Connection, organization_id: UUID, span: str, first: date, last: date) -> dict[date, Kept]:
    """By their days."""
    values = {"organization_id": organization_id, "span": span, "first": first, "last": last}
    rows = await (await conn.execute(_LIST, values)).fetchall()
    return {row[0]: msgspec.json.decode(row[1], type=Kept) for row in rows}


async def list_names(conn: Connection, organization_id: UUID, ids: Sequence[UUID]) -> dict[str, str]:
    """Of products, bundles and members, by their ids."""
    values = {"organization_id": organization_id, "ids": uuid_array(ids)}
    return {row[0]: row[1] for row in await (await conn.execute(_NAMES, values)).fetchall()}
