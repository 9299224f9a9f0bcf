"""Comparing an account with its gateway: what happened there, and what its balance says."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor
from carelane.payments.accounts.access import open_account
from carelane.payments.gateways.protocol import BalanceKind, BalanceLine, Gateway, GatewayEvent
from carelane.payments.inbox.actions import keep_events
from carelane.payments.inbox.queries import find_payment
from carelane.payments.reconciling import queries
from carelane.payments.reconciling.queries import Compared, NewFinding
from carelane.permissions import PAYMENTS_WRITE, requires
from carelane.services import Services

# An event may show up in the gateway's list a little after others of its second: the cursor stays behind those that are so new,
# and what is read twice is kept once.
SETTLED_AFTER = timedelta(minutes=5)
# Where the gateway has forgotten the cursor: from so long before the last reading.
OVERLAP = timedelta(hours=1)
# Lines of the balance are read again for so long, because some are booked late, and because fees may be known later.
BALANCE_OVERLAP = timedelta(days=3)
# A finding that is older is not looked at again by itself.
LONGEST_RECHECK = timedelta(days=60)
# The newest lines may be of what we are just about to be told.
BALANCE_SETTLED_AFTER = timedelta(hours=1)
_LINES_AT_ONCE = 500
# In one transaction.
_EVENTS_AT_ONCE = 500

# Kinds of lines that no record here stands behind.
NOT_POSTED: dict[BalanceKind, str] = {
    "fee": "the gateway's own price for its services, of no payment",
    "payout": "money on its way to the organization's bank",
    "other": "nothing about a payment",
}


@requires(PAYMENTS_WRITE)
async def wake_open(services: Services, actor: Actor) -> int:
    """Has the worker look at payments that something is to be done about and nobody looks at; how many."""
    async with services.db.transaction(actor) as conn:
        return await queries.update_open(conn, actor.organization_id)


@requires(PAYMENTS_WRITE)
async def read_events(services: Services, actor: Actor, account_id: UUID) -> int:
    """Keeps what happened since the cursor, and moves the cursor with it; how many of them no webhook had told.

    Raises GatewayError.
    """
    organization_id, began = actor.organization_id, clock.now()
    async with services.db.reading(organization_id) as conn:
        reading = await queries.get_reading(conn, organization_id, account_id)
    gateway = await open_account(services, organization_id, account_id)
    since = (reading.events_read_at or reading.created_at) - OVERLAP
    events = await gateway.list_events(reading.events_cursor, since)
    count = 0
    for start in range(0, max(len(events), 1), _EVENTS_AT_ONCE):
        batch = events[start : start + _EVENTS_AT_ONCE]
        about_payments = [event for event in batch if event.object_kind != "other"]
        async with services.db.transaction(actor) as conn:
            count += await keep_events(conn, organization_id, account_id, about_payments, "POLL")
            failpoints.reach("gateway_events.read")
            cursor = _cursor(batch, began)
            await queries.set_events_read(conn, organization_id, account_id, cursor, began)
    return count


@requires(PAYMENTS_WRITE)
async def compare_balance(services: Services, actor: Actor, account_id: UUID, until: datetime) -> int:
    """Every line of the gateway's balance up to then against the ledger; how many do not match. Raises GatewayError."""
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        reading = await queries.get_reading(conn, organization_id, account_id)
    read_until = reading.balance_read_at or reading.created_at
    since = min(read_until, reading.oldest_finding_at or read_until) - BALANCE_OVERLAP
    gateway = await open_account(services, organization_id, account_id)
    lines = await gateway.list_balance(max(since, until - LONGEST_RECHECK), until)
    count = 0
    for start in range(0, len(lines), _LINES_AT_ONCE):
        count += await _compare(services, actor, account_id, gateway, lines[start : start + _LINES_AT_ONCE])
    async with services.db.transaction(actor) as conn:
        await queries.set_balance_read(conn, organization_id, account_id, until)
    return count


async def _compare(
    services: Services, actor: Actor, account_id: UUID, gateway: Gateway, lines: Sequence[BalanceLine]
) -> int:
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        compared = await queries.list_compared(conn, organization_id, account_id, lines)
    findings = []
    for line in lines:
        problem = await _problem(services, organization_id, account_id, gateway, line, compared[line.id])
        if problem is not None:
            findings.append(NewFinding(balance_id=line.id, kind=line.kind, problem=problem))
    wrong = {finding.balance_id for finding in findings}
    async with services.db.transaction(actor) as conn:
        await queries.save_findings(conn, organization_id, account_id, findings)
        await queries.set_resolved(conn, organization_id, account_id, [x.id for x in lines if x.id not in wrong])
    return len(findings)


async def _problem(
    services: Services, organization_id: UUID, account_id: UUID, gateway: Gateway, line: BalanceLine, known: Compared
) -> str | None:
    """What is wrong with a line; None: nothing."""
    if line.kind in NOT_POSTED:
        return None
    if not known.is_ours:
        is_for_us = await _is_for_us(services, organization_id, account_id, gateway, line.intent_id)
        return "the payment is here, and its intent is not recorded" if is_for_us else None
    if known.currency != line.currency:
        # The gateway exchanged it on the way to the organization's bank: its own lines have no amount to compare with.
        return None
    return difference(line, known)


def difference(line: BalanceLine, known: Compared) -> str | None:
    """In the smallest unit of the line's currency. Of a dispute that was won, amount and fee come back together."""
    comes_back = line.kind == "dispute" and line.amount_cents > 0
    amount_cents = line.net_cents if comes_back else line.amount_cents
    if amount_cents != known.amount_cents:
        return f"the gateway says {amount_cents} {line.currency}, the ledger {known.amount_cents}"
    fee_cents = 0 if comes_back else line.fee_cents
    if fee_cents != known.fee_cents:
        return f"the gateway says {fee_cents} {line.currency} of fee, the ledger {known.fee_cents}"
    return None


async def _is_for_us(
    services: Services, organization_id: UUID, account_id: UUID, gateway: Gateway, intent_id: str | None
) -> bool:
    """Whether money that no intent here stands for belongs to a payment here, or was taken in our name. The rest is none of
    ours: a storefront may sell other things through the same account."""
    seen = await gateway.fetch_intent(intent_id) if intent_id else None
    if seen is None:
        return False
    async with services.db.reading(organization_id) as conn:
        payment_id = await find_payment(
            conn, organization_id, account_id, seen.id, attempt_id=seen.attempt_id, payment_id=seen.payment_id
        )
    return payment_id is not None or seen.attempt_id is not None


def _cursor(events: Sequence[GatewayEvent], now: datetime) -> str | None:
    """The last of them that nothing can come before any more; None: the cursor stays."""
    old = [event.id for event in events if event.happened_at < now - SETTLED_AFTER]
    return old[-1] if old else None
