"""The balance of an account over 100,000 postings, without a snapshot and with one, beside a SELECT of one row by its key."""

from pathlib import Path
from statistics import mean
from typing import LiteralString

import msgspec
import psycopg

from bench import limit, server
from bench.limit import Script
from bench.server import Server

NAME = "ledger balance"
POSTINGS = 100_000
TURNS = 2
SECONDS = 2.0

# A year of them, of two accounts, as the owner of the tables: nobody else may say when something happened.
_INSERT: LiteralString = """
WITH made AS (
  INSERT INTO ledger_accounts (organization_id, id, code, kind, currency, is_test)
  SELECT o.id, ledger_account_id(o.id, code, NULL, 'USD', false), code, kind, 'USD', false
  FROM organizations o, (VALUES ('cash', 'asset'), ('external', 'asset')) AS a (code, kind) WHERE o.tenant = %(tenant)s
  RETURNING organization_id, id, code
)
INSERT INTO ledger_postings (organization_id, id, happened_at, act, source_id, debit_id, credit_id, amount_cents, currency, is_test)
SELECT d.organization_id, gen_random_uuid(), now() - n * interval '1 year' / %(most)s, 'CASH', gen_random_uuid(), d.id, c.id, n, 'USD', false
FROM made d, made c, generate_series(1, %(most)s) n WHERE d.code = 'cash' AND c.code = 'external'
"""
_SNAPSHOTS: LiteralString = "SELECT make_ledger_snapshots('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 1000000)"
_ONE_ROW = "SELECT currency FROM organizations WHERE id = '{id}';"
_BALANCE = """SELECT coalesce(t.debit_cents, 0) + coalesce((SELECT sum(p.amount_cents) FROM ledger_postings p
    WHERE p.organization_id = a.organization_id AND p.debit_id = a.id AND p.happened_at >= t.since), 0)
FROM ledger_accounts a LEFT JOIN LATERAL (
  SELECT s.until::timestamp AT TIME ZONE 'UTC' AS until, s.debit_cents FROM ledger_snapshots s
  WHERE s.organization_id = a.organization_id AND s.account_id = a.id ORDER BY s.until DESC LIMIT 1) l ON true
CROSS JOIN LATERAL (SELECT coalesce(l.until, '-infinity') AS since, l.debit_cents OFFSET 0) t
WHERE a.organization_id = '{id}' AND a.id = ledger_account_id('{id}', 'cash', NULL, 'USD', false);"""


class Balances(msgspec.Struct, frozen=True, kw_only=True):
    """Each per second."""

    one_row: list[float]
    without_snapshot: list[float]
    with_snapshot: list[float]


def measure(folder: Path) -> Balances:
    with server.running(folder, "--no-worker") as running:
        with psycopg.connect(running.database.owner_url, autocommit=True) as conn:
            conn.execute(_INSERT, {"tenant": running.clinic.tenant, "most": POSTINGS})
            conn.execute("VACUUM ANALYZE ledger_postings")
        one_row = _run(running, folder.parent, _ONE_ROW)
        without = _run(running, folder.parent, _BALANCE)
        with psycopg.connect(running.database.owner_url, autocommit=True) as conn:
            conn.execute(_SNAPSHOTS)
            conn.execute("VACUUM ANALYZE ledger_snapshots")
        return Balances(one_row=one_row, without_snapshot=without, with_snapshot=_run(running, folder.parent, _BALANCE))


def _run(running: Server, folder: Path, statement: str) -> list[float]:
    organization_id = running.clinic.organization_id
    bound = f"SET LOCAL carelane.organization_id = '{organization_id}';"
    text = "\n".join(["BEGIN;", bound, statement.format(id=organization_id).replace("\n", " "), "COMMIT;"])
    script = Script(text=text + "\n", values={})
    return [limit.run(running.database, script, folder, SECONDS, 0) for _ in range(TURNS)]


def lines(measured: Balances) -> list[str]:
    base = mean(measured.one_row)
    told = (("without a snapshot", measured.without_snapshot), ("with one", measured.with_snapshot))
    return [
        f"balance of an account over {POSTINGS:,} postings; a SELECT of one row by its key: {base:,.0f}/s",
        *(f"  {name}: {mean(each):,.0f}/s, a share of {mean(each) / base:.3f}" for name, each in told),
    ]
