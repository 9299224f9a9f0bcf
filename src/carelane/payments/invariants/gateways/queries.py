"""SQL that compares a gateway's intents with what is recorded of them."""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json
from carelane.payments.invariants.queries import list_findings
from carelane.payments.invariants.schemas import Finding

_SINCE: LiteralString = """
SELECT least(a.created_at, (SELECT min(i.created_at) FROM payment_intents i
  WHERE i.organization_id = a.organization_id AND i.gateway_account_id = a.id)) - interval '1 day'
FROM gateway_accounts a WHERE a.organization_id = %s AND a.id = %s
"""

# What is just being done or told is left to whoever does it. Of intents that we do not know, only those count that we made, or
# that a payment here names: a storefront may sell other things through the same account.
_COMPARE: LiteralString = """
SELECT 'intent' AS record, n.id, c.problem, c.expected, c.found, n.currency
FROM jsonb_to_recordset(%(intents)s::jsonb) AS n (id text, amount_cents bigint, captured_cents bigint, refunded_cents bigint,
  fee_cents bigint, currency text, is_test boolean, attempt_id uuid, payment_id uuid)
LEFT JOIN payment_intents i ON i.organization_id = %(organization_id)s AND i.gateway_account_id = %(account_id)s AND i.gateway_id = n.id
LEFT JOIN payments y ON y.organization_id = %(organization_id)s AND y.id = i.payment_id
CROSS JOIN LATERAL (VALUES
  ('the gateway has taken it, and nothing is recorded of it', i.id IS NULL AND (
    n.attempt_id IS NOT NULL OR n.payment_id IS NOT NULL OR EXISTS (
      SELECT FROM payments r WHERE r.organization_id = %(organization_id)s AND r.gateway_account_id = %(account_id)s
        AND r.reference_id = n.id AND r.method = 'GATEWAY' AND r.canceled_at IS NULL AND r.stage <> 'UNCHECKED')),
    n.captured_cents, 0::bigint),
  ('was made by a try that is not recorded', i.id IS NOT NULL AND n.attempt_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM payment_attempts a WHERE a.organization_id = %(organization_id)s AND a.id = n.attempt_id),
    n.captured_cents, 0::bigint),
  ('the gateway has captured another amount', i.id IS NOT NULL, n.captured_cents, i.captured_cents),
  ('the gateway has given back another amount', i.id IS NOT NULL, n.refunded_cents, i.refunded_cents),
  ('the gateway has kept another fee', i.id IS NOT NULL AND n.fee_cents IS NOT NULL AND n.captured_cents > 0, n.fee_cents, coalesce(i.fee_cents, 0)),
  ('is in another currency at the gateway', i.currency <> n.currency, n.captured_cents, 0::bigint),
  ('is test money at the gateway and live money here, or the other way round', y.is_test <> n.is_test, n.captured_cents, 0::bigint)
) AS c (problem, is_asked, expected, found)
WHERE c.is_asked AND c.expected <> c.found
  AND NOT EXISTS (SELECT FROM payment_attempts a WHERE a.organization_id = %(organization_id)s
    AND a.payment_id = coalesce(i.payment_id, n.payment_id) AND a.status IN ('SENT', 'UNKNOWN')
    AND a.kind <> 'CHECKOUT' AND a.created_at > now() - interval '1 hour')
  AND NOT EXISTS (SELECT FROM gateway_events e WHERE e.organization_id = %(organization_id)s AND e.gateway_account_id = %(account_id)s
    AND e.intent_id = n.id AND e.status = 'RECEIVED' AND e.received_at > now() - interval '1 hour')
"""

_RECORDED: LiteralString = """
SELECT id, gateway_id, captured_cents, currency FROM payment_intents
WHERE organization_id = %(organization_id)s AND gateway_account_id = %(account_id)s AND id > %(after)s AND captured_cents > 0
ORDER BY id LIMIT %(most)s
"""


class SeenIntent(msgspec.Struct, frozen=True, kw_only=True):
    """Of the gateway's intent, what is compared."""

    id: str
    amount_cents: int
    captured_cents: int
    refunded_cents: int
    fee_cents: int | None
    currency: str
    is_test: bool
    attempt_id: UUID | None
    payment_id: UUID | None


class RecordedIntent(msgspec.Struct, frozen=True):
    id: UUID
    gateway_id: str
    captured_cents: int
    currency: str


async def find_since(conn: Connection, organization_id: UUID, account_id: UUID) -> datetime | None:
    """Before the first that we know of."""
    row = await (await conn.execute(_SINCE, (organization_id, account_id))).fetchone()
    return row[0] if row else None


async def list_differing(
    conn: Connection, organization_id: UUID, account_id: UUID, intents: Collection[SeenIntent]
) -> list[Finding]:
    values = {"organization_id": organization_id, "account_id": account_id, "intents": to_json(list(intents))}
    return await list_findings(conn, "CAPTURED_IS_RECORDED", _COMPARE, values)


async def list_recorded(
    conn: Connection, organization_id: UUID, account_id: UUID, after: UUID, most: int
) -> list[RecordedIntent]:
    """Those that have taken money."""
    values = {"organization_id": organization_id, "account_id": account_id, "after": after, "most": most}
    async with conn.cursor(row_factory=class_row(RecordedIntent)) as cursor:
        await cursor.execute(_RECORDED, values)
        return await cursor.fetchall()
