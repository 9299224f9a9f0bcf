"""Applying an event: one handler for each kind of object."""

from collections.abc import Awaitable, Callable
from typing import Literal
from uuid import UUID

import msgspec

from carelane.kit import failpoints
from carelane.kit.auth import Actor
from carelane.payments.accounts.access import open_account
from carelane.payments.checkouts.applying import apply_checkouts
from carelane.payments.gateways.protocol import Dispute, Gateway, Intent, ObjectKind, Refund
from carelane.payments.inbox import queries
from carelane.payments.inbox.queries import EventRow
from carelane.payments.settling.queries import find_standing
from carelane.payments.settling.settle import is_repeated, settle
from carelane.permissions import PAYMENTS_WRITE, requires
from carelane.services import Services


class Verdict(msgspec.Struct, frozen=True):
    """What an event came to. `intent_id`: of UNMATCHED, the object that a payment has to appear for."""

    status: Literal["APPLIED", "UNMATCHED", "IGNORED"]
    failure: str | None = None
    intent_id: str | None = None
    attempt_id: UUID | None = None
    payment_id: UUID | None = None


Handler = Callable[[Services, Actor, Gateway, EventRow], Awaitable[Verdict]]

_APPLIED = Verdict("APPLIED")
_UNKNOWN = "no payment here is of this intent"


@requires(PAYMENTS_WRITE)
async def apply_event(services: Services, actor: Actor, event: EventRow) -> Verdict:
    """Fetches what the event is about and lets it act. Raises GatewayError: nothing was done, and it may be tried again."""
    gateway = await open_account(services, actor.organization_id, event.gateway_account_id)
    return await HANDLERS[event.object_kind](services, actor, gateway, event)


@requires(PAYMENTS_WRITE)
async def apply_intent(
    services: Services, actor: Actor, account_id: UUID, seen: Intent, attempt_id: UUID | None = None
) -> Verdict:
    """What the gateway says of an intent, whoever asked. `attempt_id`: of whoever knows better than the intent's metadata."""
    tried = seen.attempt_id or attempt_id
    async with services.db.reading(actor.organization_id) as conn:
        payment_id = await queries.find_payment(
            conn, actor.organization_id, account_id, seen.id, attempt_id=tried, payment_id=seen.payment_id
        )
        standing = await find_standing(conn, actor.organization_id, payment_id) if payment_id else None
    if payment_id is None:
        return Verdict("UNMATCHED", _UNKNOWN, seen.id, tried, seen.payment_id)
    if standing and is_repeated(standing, seen, tried, services.settings.payment_retry):
        # Mostly the answer to our own call has told it before.
        return _APPLIED
    return await _settle(services, actor, payment_id, seen, tried)


async def _intent(services: Services, actor: Actor, gateway: Gateway, event: EventRow) -> Verdict:
    """Of an intent, or of a charge of one."""
    if event.intent_id is None:
        return Verdict("IGNORED", "a charge without an intent")
    seen = await gateway.fetch_intent(event.intent_id)
    if seen is None:
        return Verdict("UNMATCHED", "the gateway knows no such intent")
    return await apply_intent(services, actor, event.gateway_account_id, seen)


async def _refund(services: Services, actor: Actor, gateway: Gateway, event: EventRow) -> Verdict:
    seen = await gateway.fetch_refund(event.object_id)
    return await _through_intent(services, actor, event, seen)


async def _dispute(services: Services, actor: Actor, gateway: Gateway, event: EventRow) -> Verdict:
    seen = await gateway.fetch_dispute(event.object_id)
    return await _through_intent(services, actor, event, seen)


async def _through_intent(services: Services, actor: Actor, event: EventRow, seen: Refund | Dispute | None) -> Verdict:
    """Refunds and disputes find their payment through the intent."""
    if seen is None:
        return Verdict("UNMATCHED", "the gateway knows no such object")
    if seen.intent_id is None:
        return Verdict("IGNORED", "of a charge without an intent")
    attempt_id = seen.attempt_id if isinstance(seen, Refund) else None
    async with services.db.reading(actor.organization_id) as conn:
        payment_id = await queries.find_payment(
            conn, actor.organization_id, event.gateway_account_id, seen.intent_id, attempt_id=attempt_id
        )
    if payment_id is None:
        return Verdict("UNMATCHED", _UNKNOWN, seen.intent_id, attempt_id)
    return await _settle(services, actor, payment_id, seen, attempt_id)


async def _setup(services: Services, actor: Actor, _gateway: Gateway, event: EventRow) -> Verdict:
    """A card is kept now: whoever waits for it is looked at."""
    organization_id = actor.organization_id
    async with services.db.transaction(actor) as conn:
        payment_id = await queries.find_payment(
            conn, organization_id, event.gateway_account_id, event.object_id, attempt_id=event.attempt_id
        )
        if payment_id is not None:
            await queries.update_next_step(conn, organization_id, payment_id)
    if payment_id is None:
        return Verdict("UNMATCHED", "no payment here came with this card", event.object_id, event.attempt_id)
    return _APPLIED


async def _checkout(services: Services, actor: Actor, gateway: Gateway, event: EventRow) -> Verdict:
    """The patient was on the gateway's page."""
    seen = await gateway.fetch_checkout(event.object_id)
    if seen is None:
        return Verdict("UNMATCHED", "the gateway knows no such page")
    if seen.intent_id is not None:
        intent = await gateway.fetch_intent(seen.intent_id)
        if intent is not None:
            return await apply_intent(services, actor, event.gateway_account_id, intent, seen.attempt_id)
    organization_id = actor.organization_id
    async with services.db.reading(organization_id) as conn:
        payment_id = await queries.find_payment(
            conn, organization_id, event.gateway_account_id, seen.setup_id, attempt_id=seen.attempt_id
        )
    if payment_id is None:
        return Verdict("UNMATCHED", "nobody here made this page", seen.setup_id, seen.attempt_id)
    await apply_checkouts(services, actor, payment_id)
    return _APPLIED


async def _other(_services: Services, _actor: Actor, _gateway: Gateway, _event: EventRow) -> Verdict:
    return Verdict("IGNORED", "changes no payment")


async def _settle(
    services: Services, actor: Actor, payment_id: UUID, seen: Intent | Refund | Dispute, attempt_id: UUID | None
) -> Verdict:
    failpoints.reach("gateway_event.fetched")
    await settle(services, actor, payment_id, seen, attempt_id)
    failpoints.reach("gateway_event.settled")
    return _APPLIED


HANDLERS: dict[ObjectKind, Handler] = {
    "intent": _intent,
    "charge": _intent,
    "refund": _refund,
    "dispute": _dispute,
    "setup": _setup,
    "checkout": _checkout,
    "other": _other,
}
