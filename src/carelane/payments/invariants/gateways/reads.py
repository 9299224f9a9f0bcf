"""Comparing everything that a gateway's account has taken with everything that is recorded of it."""

from uuid import UUID

import msgspec

from carelane.kit.auth import Actor
from carelane.payments.accounts.access import open_account
from carelane.payments.gateways.protocol import Intent
from carelane.payments.invariants.gateways import queries
from carelane.payments.invariants.gateways.queries import SeenIntent
from carelane.payments.invariants.schemas import Finding
from carelane.permissions import PAYMENTS_READ, requires
from carelane.services import Services

_AT_ONCE = 1_000
_FIRST = UUID(int=0)


@requires(PAYMENTS_READ)
async def compare_account(services: Services, actor: Actor, account_id: UUID) -> list[Finding]:
    """The gateway's list against the intents that are recorded, both ways round. Raises GatewayError."""
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        since = await queries.find_since(conn, organization_id, account_id)
    if since is None:
        return []
    gateway = await open_account(services, organization_id, account_id)
    seen = [_seen(intent) for intent in await gateway.list_intents(since)]
    findings: list[Finding] = []
    for start in range(0, len(seen), _AT_ONCE):
        async with services.db.reading(organization_id) as conn:
            batch = seen[start : start + _AT_ONCE]
            findings += await queries.list_differing(conn, organization_id, account_id, batch)
    return findings + await _unseen(services, organization_id, account_id, {intent.id for intent in seen})


async def _unseen(services: Services, organization_id: UUID, account_id: UUID, seen: set[str]) -> list[Finding]:
    """What we say was taken, and the gateway does not."""
    findings, after = [], _FIRST
    while True:
        async with services.db.reading(organization_id) as conn:
            page = await queries.list_recorded(conn, organization_id, account_id, after, _AT_ONCE)
        findings += [
            Finding(
                invariant="CAPTURED_IS_RECORDED",
                record="intent",
                id=intent.gateway_id,
                problem="is recorded as taken, and the gateway has no such intent",
                expected=0,
                found=intent.captured_cents,
                currency=intent.currency,
            )
            for intent in page
            if intent.gateway_id not in seen
        ]
        if len(page) < _AT_ONCE:
            return findings
        after = page[-1].id


def _seen(intent: Intent) -> SeenIntent:
    return msgspec.convert(intent, SeenIntent, from_attributes=True)
