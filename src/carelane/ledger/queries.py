"""Every SQL statement about the ledger."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

import msgspec

from carelane.kit.db import Connection, Cursor, to_json, uuid_array
from carelane.kit.ids import uuid7
from carelane.ledger.entries import Share
from carelane.ledger.schemas import KIND_OF, AccountRef, Act, Balance, Books, ChargeSums, Code, Entry, Posted

# An account's id follows from what it is, so that postings name it without asking whether it is there: two that use it first,
# at once, both make it, and the second finds it made. Accounts are made in one order, so neither waits for the other in a ring.
# What was posted `before` is looked up act by act: joined, the planner reads all postings of the organization each time.
_POST: LiteralString = """
WITH moves AS MATERIALIZED (
  SELECT r.id, r.act, r.source_id, r.currency, r.charge_id, r.debit_code, r.debit_kind, r.debit_owner, r.credit_code, r.credit_kind,
    r.credit_owner, r.amount_cents, r.reverses_id, coalesce(r.is_test, (
      SELECT c.is_test FROM charges c WHERE c.organization_id = %(organization_id)s AND c.id = r.charge_id)) AS is_test
  FROM jsonb_to_recordset(%(moves)s::jsonb) AS r (id uuid, act text, source_id uuid, currency text, is_test boolean, charge_id uuid,
    debit_code text, debit_kind text, debit_owner uuid, credit_code text, credit_kind text, credit_owner uuid,
    amount_cents bigint, reverses_id uuid)
), sent AS MATERIALIZED (
  SELECT m.*, ledger_account_id(%(organization_id)s, m.debit_code, m.debit_owner, m.currency, m.is_test) AS debit_id,
    ledger_account_id(%(organization_id)s, m.credit_code, m.credit_owner, m.currency, m.is_test) AS credit_id
  FROM moves m
), before AS MATERIALIZED (
  SELECT a.act, a.source_id, l.cents FROM (SELECT DISTINCT s.act, s.source_id FROM sent s) a CROSS JOIN LATERAL (
    SELECT sum(p.amount_cents) AS cents FROM ledger_postings p
    WHERE p.organization_id = %(organization_id)s AND p.act = a.act AND p.source_id = a.source_id) l WHERE l.cents IS NOT NULL
), fresh AS MATERIALIZED (
  SELECT s.* FROM sent s WHERE NOT EXISTS (SELECT FROM before b WHERE b.act = s.act AND b.source_id = s.source_id)
), made AS (
  INSERT INTO ledger_accounts (organization_id, id, code, kind, owner_id, currency, is_test)
  SELECT DISTINCT %(organization_id)s::uuid, a.id, a.code, a.kind, a.owner_id, f.currency, f.is_test
  FROM fresh f CROSS JOIN LATERAL (VALUES (f.debit_id, f.debit_code, f.debit_kind, f.debit_owner),
    (f.credit_id, f.credit_code, f.credit_kind, f.credit_owner)) AS a (id, code, kind, owner_id)
  WHERE NOT EXISTS (SELECT FROM ledger_accounts k WHERE k.organization_id = %(organization_id)s AND k.id = a.id)
  ORDER BY a.id ON CONFLICT DO NOTHING
), posted AS (
  INSERT INTO ledger_postings (organization_id, id, act, source_id, debit_id, credit_id, amount_cents, currency, is_test, charge_id,
    reverses_id)
  SELECT %(organization_id)s, f.id, f.act, f.source_id, f.debit_id, f.credit_id, f.amount_cents, f.currency, f.is_test,
    f.charge_id, f.reverses_id
  FROM fresh f ON CONFLICT ON CONSTRAINT ledger_postings_once_key DO NOTHING
  RETURNING 1
)
SELECT (SELECT count(*) FROM posted), EXISTS (
  SELECT FROM before b JOIN (SELECT s.act, s.source_id, sum(s.amount_cents) AS cents FROM sent s GROUP BY 1, 2) n
    ON n.act = b.act AND n.source_id = b.source_id WHERE n.cents <> b.cents)
"""

# What came to an account since its last snapshot, and what the snapshot says. `since` stands behind OFFSET 0, for the planner takes a
# coalesce() for something that might tell of rows of others, and would read all postings rather than look in the index.
_BALANCES: LiteralString = """
SELECT a.code, a.owner_id, a.currency, a.is_test,
  coalesce(t.debit_cents, 0) + coalesce((SELECT sum(p.amount_cents) FROM ledger_postings p
    WHERE p.organization_id = a.organization_id AND p.debit_id = a.id AND p.happened_at >= t.since), 0),
  coalesce(t.credit_cents, 0) + coalesce((SELECT sum(p.amount_cents) FROM ledger_postings p
    WHERE p.organization_id = a.organization_id AND p.credit_id = a.id AND p.happened_at >= t.since), 0)
FROM ledger_accounts a
LEFT JOIN LATERAL (SELECT s.until::timestamp AT TIME ZONE 'UTC' AS until, s.debit_cents, s.credit_cents FROM ledger_snapshots s
  WHERE s.organization_id = a.organization_id AND s.account_id = a.id ORDER BY s.until DESC LIMIT 1) l ON true
CROSS JOIN LATERAL (SELECT coalesce(l.until, '-infinity') AS since, l.debit_cents, l.credit_cents OFFSET 0) t
WHERE a.organization_id = %(organization_id)s
"""
_TRIAL: LiteralString = _BALANCES + " ORDER BY a.is_test, a.currency, a.code, a.owner_id NULLS FIRST"
_OF_CODES: LiteralString = (
    _BALANCES + " AND a.code = ANY(%(codes)s) ORDER BY a.is_test, a.currency, a.code, a.owner_id NULLS FIRST"
)
# A patient's, and that of the records merged into it.
_CREDIT: LiteralString = (
    _BALANCES
    + """ AND a.code = 'credit' AND a.currency = %(currency)s AND a.is_test = %(is_test)s AND a.owner_id = ANY(ARRAY(
  SELECT %(patient_id)s::uuid UNION ALL
  SELECT p.id FROM patients p WHERE p.organization_id = %(organization_id)s AND p.merged_into_id = %(patient_id)s))"""
)
_CHARGE_SUMS: LiteralString = """
SELECT json_build_object(
  'charged_cents', coalesce(sum(m.owed) FILTER (WHERE m.act = 'CHARGE'), 0),
  'outstanding_cents', coalesce(sum(m.owed), 0),
  'paid_cents', coalesce(-sum(m.owed) FILTER (WHERE m.act IN ('CAPTURE', 'APPLY_CREDIT', 'EXTERNAL', 'EXTERNAL_RETURNED', 'CASH',
    'ARCHIVE')), 0),
  'settled_elsewhere_cents', coalesce(-sum(m.owed) FILTER (WHERE m.act IN ('EXTERNAL', 'EXTERNAL_RETURNED', 'CASH', 'ARCHIVE')
    AND m.is_elsewhere), 0),
  'refunded_cents', coalesce(sum(m.back), 0),
  'lost_cents', coalesce(sum(m.amount_cents) FILTER (WHERE m.act = 'DISPUTE_LOST' AND m.is_lost), 0),
  'written_off_cents', coalesce(-sum(m.owed) FILTER (WHERE m.act = 'WRITE_OFF'), 0))::text
FROM (
  SELECT p.act, p.amount_cents,
    CASE WHEN d.code = 'receivable' THEN p.amount_cents WHEN c.code = 'receivable' THEN -p.amount_cents ELSE 0 END AS owed,
    c.code = 'disputes' AS is_lost, d.code IN ('cash', 'external') OR c.code IN ('cash', 'external') AS is_elsewhere,
    -- What goes back out of credit was never the charge's; what goes back into credit was.
    CASE WHEN p.act NOT IN ('REFUND', 'REFUND_FAILED')
        OR 'credit' IN (d.code, c.code) AND (d.code IN ('gateway', 'cash', 'external') OR c.code IN ('gateway', 'cash', 'external')) THEN 0
      WHEN c.code IN ('gateway', 'cash', 'external', 'credit') THEN p.amount_cents ELSE -p.amount_cents END AS back
  FROM ledger_postings p
  JOIN ledger_accounts d ON d.organization_id = p.organization_id AND d.id = p.debit_id
  JOIN ledger_accounts c ON c.organization_id = p.organization_id AND c.id = p.credit_id
  WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s) m
"""
# What of a charge's own accounts was not given back: negative of discounts.
_SHARES: LiteralString = """
SELECT a.code, a.owner_id, sum(m.cents)::bigint
FROM (
  SELECT p.credit_id AS account_id, p.amount_cents AS cents FROM ledger_postings p
  WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s
  UNION ALL
  SELECT p.debit_id, -p.amount_cents FROM ledger_postings p
  WHERE p.organization_id = %(organization_id)s AND p.charge_id = %(charge_id)s) m
JOIN ledger_accounts a ON a.organization_id = %(organization_id)s AND a.id = m.account_id
WHERE a.code IN ('revenue', 'tax', 'discounts', 'tips')
GROUP BY a.id, a.code, a.owner_id HAVING sum(m.cents) <> 0 ORDER BY a.code, a.owner_id NULLS FIRST
"""
# What the records brought into credit, less what was taken out for them.
_CREDIT_OF: LiteralString = """
SELECT coalesce(sum(CASE WHEN c.code = 'credit' THEN p.amount_cents ELSE 0 END)
  - sum(CASE WHEN d.code = 'credit' THEN p.amount_cents ELSE 0 END), 0)::bigint
FROM ledger_postings p
JOIN ledger_accounts d ON d.organization_id = p.organization_id AND d.id = p.debit_id
JOIN ledger_accounts c ON c.organization_id = p.organization_id AND c.id = p.credit_id
WHERE p.organization_id = %(organization_id)s AND p.act = ANY(%(acts)s) AND p.source_id = ANY(%(source_ids)s::uuid[])
"""
_POSTED: LiteralString = """
SELECT p.id, d.code, d.owner_id, c.code, c.owner_id, p.amount_cents
FROM ledger_postings p
JOIN ledger_accounts d ON d.organization_id = p.organization_id AND d.id = p.debit_id
JOIN ledger_accounts c ON c.organization_id = p.organization_id AND c.id = p.credit_id
WHERE p.organization_id = %(organization_id)s AND p.act = %(act)s AND p.source_id = %(source_id)s ORDER BY p.id
"""

# The acts that bring a payment's money into credit or take it out.
_OF_CREDIT: list[Act] = [
    "CAPTURE",
    "EXTERNAL",
    "EXTERNAL_RETURNED",
    "CASH",
    "APPLY_CREDIT",
    "REFUND",
    "REFUND_FAILED",
    "DISPUTE_LOST",
]


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """A posting on its way into the statement."""

    id: UUID
    act: Act
    source_id: UUID
    currency: str
    is_test: bool | None
    charge_id: UUID | None
    debit_code: str
    debit_kind: str
    debit_owner: UUID | None
    credit_code: str
    credit_kind: str
    credit_owner: UUID | None
    amount_cents: int
    reverses_id: UUID | None


async def insert_postings(conn: Connection, organization_id: UUID, entries: Sequence[Entry]) -> tuple[int, bool]:
    """How many are new, and whether one of the acts stands there with another amount."""
    cursor = await insert_later(conn, organization_id, entries)
    new, differs = (await cursor.fetchall())[0]
    return int(new), bool(differs)


async def insert_later(conn: Connection, organization_id: UUID, entries: Sequence[Entry]) -> Cursor:
    """`insert_postings`, whose answer nobody has waited for."""
    rows = [_row(entry, n) for entry in entries for n in range(len(entry.moves))]
    return await conn.execute(_POST, {"organization_id": organization_id, "moves": to_json(rows)})


async def list_balances(conn: Connection, organization_id: UUID) -> list[Balance]:
    cursor = await conn.execute(_TRIAL, {"organization_id": organization_id})
    return [_balance(row) for row in await cursor.fetchall()]


async def list_balances_of(conn: Connection, organization_id: UUID, codes: Sequence[Code]) -> list[Balance]:
    """Of accounts of these kinds."""
    cursor = await conn.execute(_OF_CODES, {"organization_id": organization_id, "codes": list(codes)})
    return [_balance(row) for row in await cursor.fetchall()]


async def list_credit(conn: Connection, organization_id: UUID, patient_id: UUID, books: Books) -> list[Balance]:
    values = {"organization_id": organization_id, "patient_id": patient_id} | msgspec.structs.asdict(books)
    cursor = await conn.execute(_CREDIT, values)
    return [_balance(row) for row in await cursor.fetchall()]


async def get_charge_sums(conn: Connection, organization_id: UUID, charge_id: UUID) -> ChargeSums:
    cursor = await conn.execute(_CHARGE_SUMS, {"organization_id": organization_id, "charge_id": charge_id})
    return msgspec.json.decode((await cursor.fetchall())[0][0], type=ChargeSums)


async def list_shares(conn: Connection, organization_id: UUID, charge_id: UUID) -> list[Share]:
    cursor = await conn.execute(_SHARES, {"organization_id": organization_id, "charge_id": charge_id})
    return [Share(AccountRef(row[0], row[1]), int(row[2])) for row in await cursor.fetchall()]


async def get_credit_of(conn: Connection, organization_id: UUID, source_ids: Sequence[UUID]) -> int:
    values = {"organization_id": organization_id, "acts": _OF_CREDIT, "source_ids": uuid_array(source_ids)}
    cursor = await conn.execute(_CREDIT_OF, values)
    return int((await cursor.fetchall())[0][0])


async def list_posted(conn: Connection, organization_id: UUID, act: Act, source_id: UUID) -> list[Posted]:
    cursor = await conn.execute(_POSTED, {"organization_id": organization_id, "act": act, "source_id": source_id})
    return [
        Posted(id=row[0], debit=AccountRef(row[1], row[2]), credit=AccountRef(row[3], row[4]), amount_cents=row[5])
        for row in await cursor.fetchall()
    ]


def _row(entry: Entry, n: int) -> _Row:
    move = entry.moves[n]
    return _Row(
        id=uuid7(),
        act=entry.act,
        source_id=entry.source_id,
        currency=entry.currency,
        is_test=entry.is_test,
        charge_id=entry.charge_id,
        debit_code=move.debit.code,
        debit_kind=KIND_OF[move.debit.code],
        debit_owner=move.debit.owner_id,
        credit_code=move.credit.code,
        credit_kind=KIND_OF[move.credit.code],
        credit_owner=move.credit.owner_id,
        amount_cents=move.amount_cents,
        reverses_id=move.reverses_id,
    )


def _balance(row: Sequence[object]) -> Balance:
    code, owner_id, currency, is_test, debit, credit = row
    account = msgspec.convert({"code": code, "owner_id": owner_id}, AccountRef)
    return Balance(
        account=account,
        books=Books(str(currency), bool(is_test)),
        debit_cents=int(str(debit)),
        credit_cents=int(str(credit)),
    )


async def insert_snapshots(conn: Connection, after: tuple[UUID, UUID], most: int) -> tuple[UUID, UUID] | None:
    """Of the accounts behind that of an organization; returns the last that was looked at, or None when there was none."""
    cursor = await conn.execute("SELECT * FROM make_ledger_snapshots(%s, %s, %s)", (*after, most))
    row = await cursor.fetchone()
    return (row[0], row[1]) if row else None
