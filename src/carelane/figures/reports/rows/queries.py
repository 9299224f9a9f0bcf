"""The SQL of the rows behind a figure: the same conditions as those that count it."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.figures.reports.queries import (
    IS_REFUND,
    IS_REVENUE,
    OURS,
    POSTINGS,
    PRODUCT,
    SOLD_BY,
)
from carelane.figures.reports.schemas import Dimension, Measure, RowOut
from carelane.kit.db import Connection
from carelane.web.paging import Place

# Rows of the months that are looked through for a page, whatever of them is asked for.
_MOST_LOOKED_THROUGH = 1_000

_NEWEST: LiteralString = "ORDER BY n.{at} DESC, n.id DESC LIMIT %(looked)s"
_WITHIN: LiteralString = """
n.organization_id = %(organization_id)s AND n.{at} >= %(begins_at)s AND n.{at} < %(ends_at)s AND n.{at} <= %(after_at)s
  AND (n.{at} < %(after_at)s OR n.id < %(after_id)s)
"""
_SOURCES: dict[Measure, tuple[LiteralString, LiteralString]] = {
    "cases": ("cases", "created_at"),
    "decisions": ("decisions", "created_at"),
    "orders": ("orders", "created_at"),
    "revenue": ("ledger_postings", "happened_at"),
    "refunds": ("ledger_postings", "happened_at"),
}
_CASES: LiteralString = """
SELECT c.id, c.created_at AS at, (SELECT string_agg(o.name, ', ' ORDER BY k.position) FROM case_products k
    JOIN products o ON o.organization_id = k.organization_id AND o.id = k.product_id
    WHERE k.organization_id = c.organization_id AND k.case_id = c.id) AS what, NULL AS who, c.short_id AS case_short_id,
  c.id AS record_id, NULL::bigint AS amount_cents, NULL::boolean AS is_approved
FROM looked c WHERE NOT c.is_test AND {condition} ORDER BY c.created_at DESC, c.id DESC LIMIT %(most)s
"""
_DECISIONS: LiteralString = """
SELECT x.id, x.created_at AS at, o.name AS what, concat_ws(' ', s.title, s.first_name, s.last_name, s.title_suffix) AS who,
  c.short_id AS case_short_id, c.id AS record_id, NULL::bigint AS amount_cents, x.is_approved
FROM looked x JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = x.case_id
JOIN staff s ON s.organization_id = %(organization_id)s AND s.id = x.added_by_id
LEFT JOIN products o ON o.organization_id = %(organization_id)s AND o.id = x.product_id
WHERE NOT x.is_no_decision AND NOT c.is_test AND {condition} ORDER BY x.created_at DESC, x.id DESC LIMIT %(most)s
"""
_ORDERS: LiteralString = """
SELECT o.id, o.created_at AS at, coalesce(y.name, o.pharmacy_name) AS what, NULL AS who, c.short_id AS case_short_id, o.id AS record_id,
  NULL::bigint AS amount_cents, NULL::boolean AS is_approved
FROM looked o JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = o.case_id
LEFT JOIN pharmacies y ON y.organization_id = %(organization_id)s AND y.id = o.pharmacy_id
WHERE NOT o.is_test AND {condition} ORDER BY o.created_at DESC, o.id DESC LIMIT %(most)s
"""
_MONEY: LiteralString = f"""
SELECT p.id, p.happened_at AS at, p.act AS what, NULL AS who, c.short_id AS case_short_id, coalesce(p.charge_id, p.source_id) AS record_id,
  n.cents AS amount_cents, NULL::boolean AS is_approved
FROM looked p {POSTINGS}
LEFT JOIN cases c ON c.organization_id = %(organization_id)s AND c.id = g.case_id
WHERE {OURS} AND {{counted}} AND {{condition}} ORDER BY p.happened_at DESC, p.id DESC LIMIT %(most)s
"""
_ROWS: dict[Measure, LiteralString] = {
    "cases": _CASES,
    "decisions": _DECISIONS,
    "orders": _ORDERS,
    "revenue": _MONEY.replace("{counted}", IS_REVENUE),
    "refunds": _MONEY.replace("{counted}", IS_REFUND),
}
_APPROVED_BEFORE: LiteralString = """
FROM decisions k WHERE k.organization_id = %(organization_id)s AND k.case_id = o.case_id AND k.is_approved AND k.created_at <= o.created_at
"""
# Of which key a row is. A key that is null in a report is none here.
_OF_MONEY: dict[Dimension, LiteralString] = {
    "ALL": "true",
    "PRODUCT": f"coalesce({PRODUCT}, '') = %(key)s",
    "PERSON": f"coalesce({SOLD_BY}, '') = %(key)s",
    "STATE": "coalesce(upper(r.state), '') = %(key)s",
}
_CONDITIONS: dict[Measure, dict[Dimension, LiteralString]] = {
    "cases": {
        "ALL": "true",
        "PRODUCT": """EXISTS (SELECT FROM case_products k WHERE k.organization_id = %(organization_id)s AND k.case_id = c.id
          AND k.product_id::text = %(key)s)""",
        "PERSON": "false",
        "STATE": "coalesce(c.patient_state, '') = %(key)s",
    },
    "decisions": {
        "ALL": "true",
        "PRODUCT": "coalesce(x.product_id::text, '') = %(key)s",
        "PERSON": "x.added_by_id::text = %(key)s",
        "STATE": "coalesce(c.patient_state, '') = %(key)s",
    },
    "orders": {
        "ALL": "true",
        "PRODUCT": f"EXISTS (SELECT {_APPROVED_BEFORE} AND coalesce(k.product_id::text, '') = %(key)s)",
        "PERSON": f"coalesce((SELECT k.added_by_id::text {_APPROVED_BEFORE} ORDER BY k.created_at DESC, k.id LIMIT 1), '') = %(key)s",
        "STATE": "coalesce(c.patient_state, '') = %(key)s",
    },
    "revenue": _OF_MONEY,
    "refunds": _OF_MONEY,
}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted, of which key; and from where on."""

    measure: Measure
    dimension: Dimension
    key: str
    begins_at: datetime
    ends_at: datetime
    after_at: datetime
    after_id: UUID
    most: int


async def list_rows(conn: Connection, organization_id: UUID, wanted: Wanted) -> list[RowOut]:
    """The newest first, of as many as are looked through."""
    table, at = _SOURCES[wanted.measure]
    looked = f"SELECT * FROM {table} n WHERE {_WITHIN.format(at=at)} {_NEWEST.format(at=at)}"
    rows = _ROWS[wanted.measure].replace("{condition}", _CONDITIONS[wanted.measure][wanted.dimension])
    async with conn.cursor(row_factory=class_row(RowOut)) as cursor:
        await cursor.execute(f"WITH looked AS MATERIALIZED ({looked}) {rows}", _values(organization_id, wanted))
        return await cursor.fetchall()


async def find_reached(conn: Connection, organization_id: UUID, wanted: Wanted) -> Place | None:
    """How far was looked, when that was not to the end."""
    table, at = _SOURCES[wanted.measure]
    order = f"ORDER BY n.{at} DESC, n.id DESC OFFSET %(looked)s - 1 LIMIT 1"
    statement = f"SELECT n.{at}, n.id FROM {table} n WHERE {_WITHIN.format(at=at)} {order}"
    row = await (await conn.execute(statement, _values(organization_id, wanted))).fetchone()
    return Place(*row) if row else None


def _values(organization_id: UUID, wanted: Wanted) -> dict[str, object]:
    values: dict[str, object] = {"organization_id": organization_id, "looked": _MOST_LOOKED_THROUGH}
    return values | msgspec.structs.asdict(wanted)
