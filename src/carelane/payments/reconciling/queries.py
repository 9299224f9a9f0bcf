"""Every SQL statement of the reconciler."""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.kit.ids import uuid7
from carelane.payments.gateways.protocol import BalanceKind, BalanceLine
from carelane.payments.reconciling.schemas import BalanceFindingOut

_ACCOUNTS: LiteralString = "SELECT organization_id, id, is_active FROM list_gateway_accounts()"

# An answer that is on its way gets a minute. What waits for a person, or for the patient, is left to them.
_WAKE_OPEN: LiteralString = """
WITH woken AS (UPDATE payments y SET next_step_at = now(), claim_id = NULL
WHERE y.organization_id = %(organization_id)s AND y.next_step_at IS NULL AND y.stage <> 'NEEDS_STAFF' AND (
  y.stage IN ('UNCHECKED', 'DUE', 'RELEASING') AND y.updated_at < now() - interval '1 minute'
  OR y.id IN (
    SELECT a.payment_id FROM payment_attempts a
    WHERE a.organization_id = %(organization_id)s AND a.status IN ('SENT', 'UNKNOWN')
      AND a.kind <> 'CHECKOUT' AND a.created_at < now() - interval '1 minute'))
  RETURNING 1)
SELECT count(*) FROM woken
"""

_READING: LiteralString = """
SELECT events_cursor, events_read_at, balance_read_at, created_at, (
  SELECT min(f.found_at) FROM balance_findings f
  WHERE f.organization_id = a.organization_id AND f.gateway_account_id = a.id AND f.resolved_at IS NULL) AS oldest_finding_at
FROM gateway_accounts a WHERE organization_id = %s AND id = %s
"""
_SET_EVENTS_READ: LiteralString = """
UPDATE gateway_accounts SET events_cursor = coalesce(%(cursor)s, events_cursor), events_read_at = %(read_at)s
WHERE organization_id = %(organization_id)s AND id = %(id)s
"""
_SET_BALANCE_READ: LiteralString = """
UPDATE gateway_accounts SET balance_read_at = %(until)s WHERE organization_id = %(organization_id)s AND id = %(id)s
"""

# Each line beside what the gateway's account in the ledger was moved by for the record that the line is about: a capture, a
# refund, a dispute, or one of the last two coming back.
_COMPARE: LiteralString = """
SELECT n.id, i.id IS NOT NULL AS is_ours, coalesce(r.currency, d.currency, i.currency) AS currency,
  coalesce(m.amount_cents, 0)::bigint AS amount_cents, coalesce(m.fee_cents, 0)::bigint AS fee_cents
FROM jsonb_to_recordset(%(lines)s::jsonb) AS n (id text, kind text, amount_cents bigint, intent_id text, refund_id text, dispute_id text)
LEFT JOIN payment_intents i ON i.organization_id = %(organization_id)s AND i.gateway_account_id = %(account_id)s
  AND i.gateway_id = n.intent_id
LEFT JOIN refunds r ON n.kind = 'refund' AND r.organization_id = %(organization_id)s AND r.gateway_id = n.refund_id
LEFT JOIN disputes d ON n.kind = 'dispute' AND d.organization_id = %(organization_id)s
  AND d.gateway_account_id = %(account_id)s AND d.gateway_id = n.dispute_id
CROSS JOIN LATERAL (SELECT
  CASE n.kind WHEN 'charge' THEN i.id WHEN 'refund' THEN r.id WHEN 'dispute' THEN d.id END AS source_id,
  CASE n.kind WHEN 'charge' THEN 'CAPTURE'
    WHEN 'refund' THEN CASE WHEN n.amount_cents < 0 THEN 'REFUND' ELSE 'REFUND_FAILED' END
    WHEN 'dispute' THEN CASE WHEN n.amount_cents < 0 THEN 'DISPUTE' ELSE 'DISPUTE_WON' END END AS act,
  CASE n.kind WHEN 'charge' THEN 'FEE'
    WHEN 'dispute' THEN CASE WHEN n.amount_cents < 0 THEN 'DISPUTE_FEE' END END AS fee_act) w
LEFT JOIN LATERAL (
  SELECT sum(CASE WHEN k.id = p.debit_id THEN p.amount_cents ELSE -p.amount_cents END) FILTER (WHERE p.act = w.act) AS amount_cents,
    sum(CASE WHEN k.id = p.credit_id THEN p.amount_cents ELSE -p.amount_cents END) FILTER (WHERE p.act = w.fee_act) AS fee_cents
  FROM ledger_postings p
  JOIN ledger_accounts k ON k.organization_id = p.organization_id AND k.id IN (p.debit_id, p.credit_id)
    AND k.code = 'gateway' AND k.owner_id = %(account_id)s
  WHERE p.organization_id = %(organization_id)s AND p.source_id = w.source_id AND p.act IN (w.act, w.fee_act)) m ON true
"""

_SAVE_FINDINGS: LiteralString = """
INSERT INTO balance_findings (organization_id, id, gateway_account_id, balance_id, kind, problem)
SELECT %(organization_id)s, n.id, %(account_id)s, n.balance_id, n.kind, n.problem
FROM jsonb_to_recordset(%(findings)s::jsonb) AS n (id uuid, balance_id text, kind text, problem text)
ON CONFLICT (organization_id, gateway_account_id, balance_id)
DO UPDATE SET problem = excluded.problem, kind = excluded.kind, resolved_at = NULL,
  found_at = CASE WHEN balance_findings.resolved_at IS NULL THEN balance_findings.found_at ELSE now() END
"""
_SET_RESOLVED: LiteralString = """
UPDATE balance_findings SET resolved_at = now()
WHERE organization_id = %(organization_id)s AND gateway_account_id = %(account_id)s AND resolved_at IS NULL
  AND balance_id = ANY(%(balance_ids)s)
"""
_LIST: LiteralString = """
SELECT f.id, f.balance_id, f.kind, f.problem, a.is_test, f.found_at, f.resolved_at
FROM balance_findings f
JOIN gateway_accounts a ON a.organization_id = f.organization_id AND a.id = f.gateway_account_id
WHERE f.organization_id = %(organization_id)s AND (f.resolved_at IS NOT NULL) = %(is_resolved)s
  AND (%(after)s::uuid IS NULL OR f.id < %(after)s::uuid)
ORDER BY f.id DESC LIMIT %(limit)s
"""


class AccountRef(msgspec.Struct, frozen=True):
    organization_id: UUID
    id: UUID
    is_active: bool


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How far an account's events and its balance were read."""

    events_cursor: str | None
    events_read_at: datetime | None
    balance_read_at: datetime | None
    created_at: datetime
    oldest_finding_at: datetime | None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger says of a line of the balance. `is_ours`: the intent is here; `currency`: that of the record."""

    id: str
    is_ours: bool
    currency: str | None
    amount_cents: int
    fee_cents: int


class NewFinding(msgspec.Struct, frozen=True, kw_only=True):
    balance_id: str
    kind: BalanceKind
    problem: str
    id: UUID = msgspec.field(default_factory=uuid7)


async def list_accounts(conn: Connection) -> list[AccountRef]:
    """Of all organizations."""
    async with conn.cursor(row_factory=class_row(AccountRef)) as cursor:
        await cursor.execute(_ACCOUNTS)
        return await cursor.fetchall()


async def update_open(conn: Connection, organization_id: UUID) -> int:
    """Payments that are due for a look now, because nobody was going to take one; how many."""
    cursor = await conn.execute(_WAKE_OPEN, {"organization_id": organization_id})
    return int((await cursor.fetchall())[0][0])


async def get_reading(conn: Connection, organization_id: UUID, account_id: UUID) -> Reading:
    async with conn.cursor(row_factory=class_row(Reading)) as cursor:
        await cursor.execute(_READING, (organization_id, account_id))
        return (await cursor.fetchall())[0]


async def set_events_read(
    conn: Connection, organization_id: UUID, account_id: UUID, cursor: str | None, read_at: datetime
) -> None:
    """In the transaction that keeps the events."""
    values = {"organization_id": organization_id, "id": account_id, "cursor": cursor, "read_at": read_at}
    await conn.execute(_SET_EVENTS_READ, values)


async def set_balance_read(conn: Connection, organization_id: UUID, account_id: UUID, until: datetime) -> None:
    await conn.execute(_SET_BALANCE_READ, {"organization_id": organization_id, "id": account_id, "until": until})


async def list_compared(
    conn: Connection, organization_id: UUID, account_id: UUID, lines: Collection[BalanceLine]
) -> dict[str, Compared]:
    values = {"organization_id": organization_id, "account_id": account_id, "lines": to_json(list(lines))}
    async with conn.cursor(row_factory=class_row(Compared)) as cursor:
        await cursor.execute(_COMPARE, values)
        return {each.id: each for each in await cursor.fetchall()}


async def save_findings(
    conn: Connection, organization_id: UUID, account_id: UUID, findings: Collection[NewFinding]
) -> None:
    values = {"organization_id": organization_id, "account_id": account_id, "findings": to_json(list(findings))}
    await conn.execute(_SAVE_FINDINGS, values)


async def set_resolved(conn: Connection, organization_id: UUID, account_id: UUID, balance_ids: Collection[str]) -> None:
    values = {"organization_id": organization_id, "account_id": account_id, "balance_ids": list(balance_ids)}
    await conn.execute(_SET_RESOLVED, values)


async def list_findings(
    conn: Connection, organization_id: UUID, is_resolved: bool, after: UUID | None, limit: int
) -> list[BalanceFindingOut]:
    values = {"organization_id": organization_id, "is_resolved": is_resolved, "after": after, "limit": limit}
    async with conn.cursor(row_factory=class_row(BalanceFindingOut)) as cursor:
        await cursor.execute(_LIST, values)
        return await cursor.fetchall()
