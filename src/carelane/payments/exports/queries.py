"""Every SQL statement of the exports: each page goes on from the last row of the one before, along an index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from carelane.kit.db import Connection
from carelane.payments.exports.schemas import ExportKind
from carelane.web.periods import Period

# The moment and the id that rows are sorted by come first, then the columns in the order of the heading.
_CUT: LiteralString = """
SELECT * FROM {table} t WHERE t.organization_id = %(organization_id)s{live} AND t.{at} >= %(begins_at)s AND t.{at} < %(ends_at)s
  AND (t.{at}, t.id) > (%(after_at)s, %(after_id)s) ORDER BY t.{at}, t.id LIMIT %(limit)s
"""
_COUNT: LiteralString = """
SELECT count(*) FROM (SELECT FROM {table} t WHERE t.organization_id = %(organization_id)s{live}
  AND t.{at} >= %(begins_at)s AND t.{at} < %(ends_at)s LIMIT %(limit)s) t
"""
_TABLES: dict[ExportKind, tuple[LiteralString, LiteralString, LiteralString]] = {
    "charges": ("charges", "created_at", " AND t.archived_at IS NULL"),
    "payments": ("payments", "created_at", " AND t.deleted_at IS NULL"),
    "refunds": ("refunds", "granted_at", ""),
    "ledger": ("ledger_postings", "happened_at", ""),
}
_STAFF: LiteralString = """(SELECT concat_ws(' ', s.first_name, s.last_name) FROM staff s
  WHERE s.organization_id = t.organization_id AND s.id = t.{column})"""
_ROWS: dict[ExportKind, LiteralString] = {
    "charges": """
SELECT t.created_at, t.id, t.patient_id, p.first_name, p.last_name, (
    SELECT string_agg(n.name, ', ' ORDER BY n.position, n.id) FROM charge_lines n
    WHERE n.organization_id = t.organization_id AND n.charge_id = t.id),
  t.status, t.total_cents, t.outstanding_cents, t.currency, coalesce(t.is_test, false)
FROM ({cut}) t LEFT JOIN patients p ON p.organization_id = t.organization_id AND p.id = t.patient_id
ORDER BY t.created_at, t.id
""",
    "payments": """
SELECT t.created_at, t.id, t.patient_id, p.first_name, p.last_name, t.charge_id, t.case_id, t.shown_medium, t.shown_status,
  t.amount_cents, t.captured_cents, t.refunded_cents, t.disputed_cents, t.currency, t.is_test
FROM ({cut}) t LEFT JOIN patients p ON p.organization_id = t.organization_id AND p.id = t.patient_id
ORDER BY t.created_at, t.id
""",
    "refunds": """
SELECT t.granted_at, t.id, t.payment_id, t.status, t.reason, t.amount_cents, t.currency, y.is_test, {granted}, {sent}, t.sent_at,
  t.settled_at
FROM ({cut}) t JOIN payments y ON y.organization_id = t.organization_id AND y.id = t.payment_id
ORDER BY t.granted_at, t.id
""".replace("{granted}", _STAFF.replace("{column}", "granted_by_staff_id")).replace(
        "{sent}", _STAFF.replace("{column}", "sent_by_staff_id")
    ),
    "ledger": """
SELECT t.happened_at, t.id, t.act, d.code, c.code, t.amount_cents, t.currency, t.is_test, t.charge_id, t.source_id, t.reverses_id
FROM ({cut}) t
JOIN ledger_accounts d ON d.organization_id = t.organization_id AND d.id = t.debit_id
JOIN ledger_accounts c ON c.organization_id = t.organization_id AND c.id = t.credit_id
ORDER BY t.happened_at, t.id
""",
}


async def list_page(
    conn: Connection,
    organization_id: UUID,
    kind: ExportKind,
    span: Period,
    after: tuple[datetime, UUID],
    limit: int,
) -> Sequence[Sequence[Any]]:
    """The rows behind `after`, oldest first."""
    values = _values(organization_id, span) | {"after_at": after[0], "after_id": after[1], "limit": limit}
    cursor = await conn.execute(_ROWS[kind].replace("{cut}", _of(kind, _CUT)), values)
    return await cursor.fetchall()


async def count_rows(conn: Connection, organization_id: UUID, kind: ExportKind, span: Period, most: int) -> int:
    """Counted to `most`."""
    cursor = await conn.execute(_of(kind, _COUNT), _values(organization_id, span) | {"limit": most})
    return int((await cursor.fetchall())[0][0])


def _of(kind: ExportKind, statement: LiteralString) -> LiteralString:
    table, at, live = _TABLES[kind]
    return statement.replace("{table}", table).replace("{at}", at).replace("{live}", live)


def _values(organization_id: UUID, span: Period) -> dict[str, object]:
    return {"organization_id": organization_id, "begins_at": span.begins_at, "ends_at": span.ends_at}
