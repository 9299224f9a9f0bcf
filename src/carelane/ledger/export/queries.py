"""Every SQL statement of the export: all of them read the books as they stood at one moment."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time
from typing import Any, LiteralString
from uuid import UUID

from carelane.kit.db import Connection
from carelane.ledger.export.schemas import ExportedAccount, ExportedPosting, ExportedSide, Span

# Sorted, and kept sorted, by the database.
_ACCOUNTS: LiteralString = """
DECLARE accounts NO SCROLL CURSOR FOR
SELECT a.code, a.kind, a.owner_id, a.currency, a.is_test, coalesce(m.opening, 0)::bigint, coalesce(m.closing, 0)::bigint
FROM ledger_accounts a JOIN (
  SELECT s.account_id, sum(s.cents) FILTER (WHERE s.happened_at < %(begins_at)s) AS opening, sum(s.cents) AS closing
  FROM (
    SELECT p.debit_id AS account_id, p.amount_cents AS cents, p.happened_at FROM ledger_postings p
    WHERE p.organization_id = %(organization_id)s AND p.happened_at < %(ends_at)s
    UNION ALL
    SELECT p.credit_id, -p.amount_cents, p.happened_at FROM ledger_postings p
    WHERE p.organization_id = %(organization_id)s AND p.happened_at < %(ends_at)s) s
  GROUP BY s.account_id
) m ON m.account_id = a.id
WHERE a.organization_id = %(organization_id)s
ORDER BY a.is_test, a.code, a.owner_id NULLS FIRST, a.currency
"""
_POSTINGS: LiteralString = """
DECLARE postings NO SCROLL CURSOR FOR
SELECT p.id, p.happened_at, p.act, p.source_id, p.amount_cents, p.currency, p.is_test, p.charge_id, p.reverses_id,
  d.code, d.kind, d.owner_id, c.code, c.kind, c.owner_id
FROM ledger_postings p
JOIN ledger_accounts d ON d.organization_id = p.organization_id AND d.id = p.debit_id
JOIN ledger_accounts c ON c.organization_id = p.organization_id AND c.id = p.credit_id
WHERE p.organization_id = %(organization_id)s AND p.happened_at >= %(begins_at)s AND p.happened_at < %(ends_at)s
ORDER BY p.happened_at, p.id
"""


async def list_accounts(conn: Connection, organization_id: UUID, span: Span) -> AsyncIterator[ExportedAccount]:
    """Those that anything came to before the end of the span."""
    await conn.execute(_ACCOUNTS, _values(organization_id, span))
    async for row in _fetched(conn, "FETCH 1000 FROM accounts", "CLOSE accounts"):
        yield ExportedAccount(
            code=row[0], kind=row[1], owner_id=row[2], currency=row[3], is_test=row[4], opening_cents=row[5], closing_cents=row[6]
        )  # fmt: skip


async def list_postings(conn: Connection, organization_id: UUID, span: Span) -> AsyncIterator[ExportedPosting]:
    """In the order in which they happened."""
    await conn.execute(_POSTINGS, _values(organization_id, span))
    async for row in _fetched(conn, "FETCH 1000 FROM postings", "CLOSE postings"):
        yield ExportedPosting(
            id=row[0], happened_at=row[1], act=row[2], source_id=row[3], amount_cents=row[4], currency=row[5], is_test=row[6],
            charge_id=row[7], reverses_id=row[8], debit=ExportedSide(*row[9:12]), credit=ExportedSide(*row[12:15]),
        )  # fmt: skip


async def _fetched(conn: Connection, fetch: LiteralString, close: LiteralString) -> AsyncIterator[tuple[Any, ...]]:
    """What is fetched at once is all that an export keeps in memory."""
    while rows := await (await conn.execute(fetch)).fetchall():
        for row in rows:
            yield row
    await conn.execute(close)


def _values(organization_id: UUID, span: Span) -> dict[str, object]:
    begins_at = _moment(span.from_day) if span.from_day else datetime.min.replace(tzinfo=UTC)
    ends_at = _moment(span.until_day) if span.until_day else datetime.max.replace(tzinfo=UTC)
    return {"organization_id": organization_id, "begins_at": begins_at, "ends_at": ends_at}


def _moment(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
