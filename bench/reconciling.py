"""`carelane reconcile` over many payments, whose rows are written as SQL: its time and its memory."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psycopg

from bench import server
from bench.server import Server

NAME = "reconcile"
COUNT = 100_000
WANTED_SECONDS = 120.0

# Each payment has a charge, an intent, a try and three postings; every tenth was given back in part. All of it adds up.
_FILL = """
SET session_replication_role = replica;
INSERT INTO gateway_accounts (organization_id, id, provider, is_test, secret_key_sealed)
VALUES (%(organization)s::uuid, %(account)s::uuid, 'stripe', true, '');
CREATE TEMP TABLE n AS SELECT i, md5('y' || i)::uuid AS y, md5('c' || i)::uuid AS c, md5('i' || i)::uuid AS intent,
  md5('r' || i)::uuid AS refund, 1000 + i %% 9000 AS cents FROM generate_series(1, %(count)s) i;
INSERT INTO charges (organization_id, id, patient_id, status, currency, discount_amount_cents, discount_percentage, subtotal_cents,
  discount_cents, tax_cents, total_cents, outstanding_cents, is_test)
SELECT %(organization)s::uuid, c, %(patient)s::uuid, 'PAID', 'USD', 0, 0, cents, 0, 0, cents, 0, true FROM n;
INSERT INTO payments (organization_id, id, charge_id, patient_id, amount_cents, currency, status, is_test, method, policy, stage,
  gateway_account_id, captured_cents, refunded_cents, paid_at)
SELECT %(organization)s::uuid, y, c, %(patient)s::uuid, cents, 'USD', 'PAID', true, 'GATEWAY', 'on_page', 'DONE', %(account)s::uuid, cents,
  CASE WHEN i %% 10 = 0 THEN 500 ELSE 0 END, now() FROM n;
INSERT INTO payment_intents (organization_id, id, payment_id, gateway_account_id, gateway_id, status, amount_cents, currency,
  captured_cents, refunded_cents, fee_cents)
SELECT %(organization)s::uuid, intent, y, %(account)s::uuid, 'pi_' || i, 'succeeded', cents, 'USD', cents,
  CASE WHEN i %% 10 = 0 THEN 500 ELSE 0 END, 30 + cents * 29 / 1000 FROM n;
INSERT INTO payment_attempts (organization_id, id, payment_id, kind, intent_id, gateway_account_id, amount_cents, currency, status)
SELECT %(organization)s::uuid, md5('a' || i)::uuid, y, 'CHARGE', intent, %(account)s::uuid, cents, 'USD', 'SUCCEEDED' FROM n;
INSERT INTO refunds (organization_id, id, payment_id, intent_id, amount_cents, currency, status, gateway_id)
SELECT %(organization)s::uuid, refund, y, intent, 500, 'USD', 'SUCCEEDED', 're_' || i FROM n WHERE i %% 10 = 0;
INSERT INTO events (organization_id, id, type, actor_kind, target_id, is_test, dispatched_at)
SELECT %(organization)s::uuid, md5('e' || i)::uuid, 'PAYMENT_COMPLETED', 'system', y, true, now() FROM n
UNION ALL SELECT %(organization)s::uuid, md5('f' || i)::uuid, 'REFUND_COMPLETED', 'system', refund, true, now() FROM n WHERE i %% 10 = 0;
CREATE TEMP TABLE k AS SELECT code, kind, owner_id, gen_random_uuid() AS id FROM (VALUES
  ('receivable', 'asset', %(patient)s::uuid), ('revenue', 'income', NULL), ('gateway', 'asset', %(account)s::uuid),
  ('gateway-fees', 'expense', NULL)) AS v (code, kind, owner_id);
INSERT INTO ledger_accounts (organization_id, id, code, kind, owner_id, currency, is_test)
SELECT %(organization)s::uuid, id, code, kind, owner_id, 'USD', true FROM k;
INSERT INTO ledger_postings (organization_id, id, act, source_id, debit_id, credit_id, amount_cents, currency, is_test, charge_id)
SELECT %(organization)s::uuid, md5(v.act || n.i)::uuid, v.act, v.source_id, d.id, c.id, v.cents, 'USD', true, v.charge_id
FROM n CROSS JOIN LATERAL (VALUES
  ('CHARGE', n.c, 'receivable', 'revenue', n.cents, n.c), ('CAPTURE', n.intent, 'gateway', 'receivable', n.cents, n.c),
  ('FEE', n.intent, 'gateway-fees', 'gateway', 30 + n.cents * 29 / 1000, NULL),
  ('REFUND', n.refund, 'revenue', 'gateway', CASE WHEN n.i %% 10 = 0 THEN 500 END, n.c)
) AS v (act, source_id, debit, credit, cents, charge_id)
JOIN k d ON d.code = v.debit JOIN k c ON c.code = v.credit WHERE v.cents IS NOT NULL;
ANALYZE;
"""
_SPOIL = "UPDATE payment_intents SET captured_cents = captured_cents + 1 WHERE gateway_id = 'pi_77777'"


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    count: int
    postings: int
    seconds: float
    megabytes: float
    # What one cent in one of them came to.
    findings: int


def measure(folder: Path) -> Reconciled:
    with server.running(folder / "reconcile", "--no-worker") as running:
        with psycopg.connect(running.database.owner_url) as conn:
            values = {
                "organization": running.clinic.organization_id,
                "patient": running.clinic.patient_id,
                "account": "0197e7f0-0000-7000-8000-000000000001",
                "count": COUNT,
            }
            psycopg.ClientCursor(conn).execute(_FILL, values)
            row = conn.execute("SELECT count(*) FROM ledger_postings").fetchone()
        seconds, clean = _run(running)
        assert clean["findingCount"] == 0, clean
        with psycopg.connect(running.database.owner_url) as conn:
            conn.execute(_SPOIL)
        _, spoiled = _run(running)
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return Reconciled(
        count=COUNT,
        postings=row[0] if row else 0,
        seconds=seconds,
        megabytes=megabytes,
        findings=spoiled["findingCount"],
    )


def lines(measured: Reconciled) -> list[str]:
    return [
        f"reconcile over {measured.count:,} payments and {measured.postings:,} postings: {measured.seconds:.1f} s "
        f"(wanted: ≤ {WANTED_SECONDS:.0f}), the largest process {measured.megabytes:.0f} MiB; one cent in one of them: "
        f"{measured.findings} findings"
    ]


def _run(running: Server) -> tuple[float, dict[str, int]]:
    command = [sys.executable, "-m", "carelane", "reconcile", "--books-only", "--json"]
    command += ["--organization", running.clinic.tenant, "--data-dir", str(running.data_dir)]
    began = time.perf_counter()
    told = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert told.returncode in {0, 1}, told.stderr
    return time.perf_counter() - began, json.loads(told.stdout)
