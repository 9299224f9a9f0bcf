"""Every SQL statement of the books as staff read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, uuid_array
from carelane.ledger.schemas import Act, Code
from carelane.payments.books.schemas import PostingFilter
from carelane.web.paging import asked_for

_CUT: LiteralString = "SELECT * FROM ledger_postings p WHERE p.organization_id = %(organization_id)s"
_NEWEST: LiteralString = " ORDER BY p.happened_at DESC, p.id DESC LIMIT %(limit)s"
_CONDITIONS: dict[str, LiteralString] = {
    "charge_id": "p.charge_id = %(charge_id)s",
    "begins_at": "p.happened_at >= %(begins_at)s",
    "ends_at": "p.happened_at < %(ends_at)s",
    "after_id": "(p.happened_at, p.id) < (%(after_at)s, %(after_id)s)",
}
# The newest of each account and side, as an index has them.
_OF_ACCOUNTS: LiteralString = """
SELECT p.* FROM unnest(%(account_ids)s::uuid[]) one (id), LATERAL (
  (SELECT * FROM ledger_postings p WHERE p.organization_id = %(organization_id)s AND p.debit_id = one.id{further}{newest})
  UNION ALL
  (SELECT * FROM ledger_postings p WHERE p.organization_id = %(organization_id)s AND p.credit_id = one.id{further}{newest})) p{newest}
"""
# Of an account that every patient has there is something on every page: what is newest is looked through.
_OF_CODE: LiteralString = """
SELECT p.* FROM ledger_postings p
JOIN ledger_accounts k ON k.organization_id = p.organization_id AND k.id = p.debit_id
JOIN ledger_accounts j ON j.organization_id = p.organization_id AND j.id = p.credit_id
WHERE p.organization_id = %(organization_id)s AND (k.code = %(account)s OR j.code = %(account)s)
"""
_ACCOUNT_IDS: LiteralString = "SELECT a.id FROM ledger_accounts a WHERE a.organization_id = %s AND a.code = %s LIMIT %s"
# What an act was done to: the ledger knows the record's id alone. `refund_id` stands behind OFFSET 0, as in ledger/queries.py.
_LISTED: LiteralString = """
SELECT p.id, p.happened_at, p.act, d.code AS debit, c.code AS credit, p.amount_cents, p.currency, p.is_test, p.charge_id,
  p.reverses_id, o.payment_id, o.patient_id, (
    SELECT concat_ws(' ', s.first_name, s.last_name) FROM staff s WHERE s.organization_id = p.organization_id AND s.id = coalesce(
      o.staff_id, CASE WHEN p.act IN ('APPLY_CREDIT', 'EXTERNAL', 'CASH') THEN (SELECT y.created_by_staff_id FROM payments y
        WHERE y.organization_id = p.organization_id AND y.id = o.payment_id) END)) AS by
FROM ({cut}) p
JOIN ledger_accounts d ON d.organization_id = p.organization_id AND d.id = p.debit_id
JOIN ledger_accounts c ON c.organization_id = p.organization_id AND c.id = p.credit_id
CROSS JOIN LATERAL (SELECT
  CASE WHEN p.act IN ('CAPTURE', 'FEE') THEN (SELECT i.payment_id FROM payment_intents i
      WHERE i.organization_id = p.organization_id AND i.id = p.source_id)
    WHEN p.act IN ('APPLY_CREDIT', 'EXTERNAL', 'CASH', 'ARCHIVE') THEN coalesce(
      (SELECT s.payment_id FROM payment_charges s WHERE s.organization_id = p.organization_id AND s.id = p.source_id),
      (SELECT y.id FROM payments y WHERE y.organization_id = p.organization_id AND y.id = p.source_id))
    WHEN p.act = 'EXTERNAL_RETURNED' THEN (SELECT k.payment_id FROM payment_confirmations k
      WHERE k.organization_id = p.organization_id AND k.id = p.source_id)
    WHEN p.act = 'MEDIUM' THEN (SELECT k.payment_id FROM payment_changes k
      WHERE k.organization_id = p.organization_id AND k.id = p.source_id)
    WHEN p.act IN ('REFUND', 'REFUND_FAILED') THEN (SELECT r.payment_id FROM refunds r
      WHERE r.organization_id = p.organization_id AND r.id = b.refund_id)
    WHEN p.act IN ('DISPUTE', 'DISPUTE_FEE', 'DISPUTE_WON', 'DISPUTE_LOST') THEN (SELECT e.payment_id FROM disputes e
      WHERE e.organization_id = p.organization_id AND e.id = p.source_id) END AS payment_id,
  CASE WHEN p.act = 'GRANT' THEN (SELECT k.patient_id FROM credit_changes g
      JOIN patient_credits k ON k.organization_id = g.organization_id AND k.id = g.credit_id
      WHERE g.organization_id = p.organization_id AND g.id = p.source_id) END AS patient_id,
  CASE WHEN p.act = 'CHARGE' THEN (SELECT h.creator_id FROM charges h
      WHERE h.organization_id = p.organization_id AND h.id = p.source_id)
    WHEN p.act IN ('ADJUSTMENT', 'ADJUSTMENT_VOIDED') THEN (SELECT a.created_by_staff_id FROM charge_adjustments a
      WHERE a.organization_id = p.organization_id AND a.id = p.source_id)
    WHEN p.act IN ('VOID', 'WRITE_OFF') THEN (SELECT a.created_by_staff_id FROM charge_adjustments a
      WHERE a.organization_id = p.organization_id AND a.charge_id = p.source_id AND a.kind = p.act ORDER BY a.id LIMIT 1)
    WHEN p.act IN ('REFUND', 'REFUND_FAILED') THEN (SELECT coalesce(r.sent_by_staff_id, r.granted_by_staff_id) FROM refunds r
      WHERE r.organization_id = p.organization_id AND r.id = b.refund_id)
    WHEN p.act = 'GRANT' THEN (SELECT k.created_by_staff_id FROM credit_changes g
      JOIN patient_credits k ON k.organization_id = g.organization_id AND k.id = g.credit_id
      WHERE g.organization_id = p.organization_id AND g.id = p.source_id) END AS staff_id
  FROM (SELECT coalesce((SELECT f.refund_id FROM refund_charges f
    WHERE f.organization_id = p.organization_id AND f.id = p.source_id), p.source_id) AS refund_id OFFSET 0) b) o
ORDER BY p.happened_at DESC, p.id DESC
"""
_GATEWAYS: LiteralString = """
SELECT a.provider, a.is_test, a.is_active, a.balance_read_at AS compared_until FROM gateway_accounts a
WHERE a.organization_id = %s ORDER BY a.is_test, a.created_at, a.id
"""
_COUNT_FINDINGS: LiteralString = """
SELECT count(*) FROM (SELECT FROM balance_findings f WHERE f.organization_id = %s AND f.resolved_at IS NULL LIMIT %s) f
"""
# An account of which there are more is one that every patient has.
_MOST_ACCOUNTS = 50


class PostingRow(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    happened_at: datetime
    act: Act
    debit: Code
    credit: Code
    amount_cents: int
    currency: str
    is_test: bool
    charge_id: UUID | None
    reverses_id: UUID | None
    payment_id: UUID | None
    patient_id: UUID | None
    by: str | None


class GatewayRow(msgspec.Struct, frozen=True, kw_only=True):
    provider: str
    is_test: bool
    is_active: bool
    compared_until: datetime | None


async def list_postings(
    conn: Connection, organization_id: UUID, wanted: PostingFilter, limit: int, account_ids: Sequence[UUID] | None
) -> list[PostingRow]:
    """Newest first. `account_ids`: those of the wanted account, unless there are many."""
    after = wanted.after
    values: dict[str, object] = {
        "organization_id": organization_id,
        "account": wanted.account,
        "charge_id": wanted.charge_id,
        "begins_at": wanted.begins_at,
        "ends_at": wanted.ends_at,
        "after_at": after.at if after else None,
        "after_id": after.id if after else None,
        "limit": limit,
    }
    further = asked_for(_CONDITIONS, values)
    cut: LiteralString = _CUT + further + _NEWEST
    if wanted.account is not None:
        cut = _OF_CODE + further + _NEWEST
    if account_ids is not None:
        values["account_ids"] = uuid_array(account_ids)
        cut = _OF_ACCOUNTS.replace("{further}", further).replace("{newest}", _NEWEST)
    async with conn.cursor(row_factory=class_row(PostingRow)) as cursor:
        await cursor.execute(_LISTED.replace("{cut}", cut), values)
        return await cursor.fetchall()


async def find_accounts(conn: Connection, organization_id: UUID, account: Code) -> list[UUID] | None:
    """The few accounts of that kind; None where there are many."""
    cursor = await conn.execute(_ACCOUNT_IDS, (organization_id, account, _MOST_ACCOUNTS + 1))
    found = [row[0] for row in await cursor.fetchall()]
    return found if len(found) <= _MOST_ACCOUNTS else None


async def list_gateways(conn: Connection, organization_id: UUID) -> list[GatewayRow]:
    async with conn.cursor(row_factory=class_row(GatewayRow)) as cursor:
        await cursor.execute(_GATEWAYS, (organization_id,))
        return await cursor.fetchall()


async def count_findings(conn: Connection, organization_id: UUID, most: int) -> int:
    """Those that are open, counted to `most`."""
    return int((await (await conn.execute(_COUNT_FINDINGS, (organization_id, most))).fetchall())[0][0])
