"""The one way in for whatever a gateway says of a payment, whoever heard it: answer, webhook, poll, look-up.

Any order and any number of times give the same end. What is told before that which it rests on (a refund before the capture)
makes the intent be fetched first; what an intent only hints at (a refund made in the gateway's dashboard, a dispute) is fetched
after it.
"""

from collections import deque
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID

from carelane.charges.plans.actions import lock_of_payment
from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.payments.accounts.access import open_account
from carelane.payments.gateways.protocol import Dispute, Gateway, Intent, Refund
from carelane.payments.queries import find_payment
from carelane.payments.settling.disputes import take_dispute
from carelane.payments.settling.intents import is_recorded, take_intent
from carelane.payments.settling.judging import judge
from carelane.payments.settling.queries import Standing, lock_standing
from carelane.payments.settling.refunds import take_refund
from carelane.payments.settling.saving import Taken, save
from carelane.payments.states import OF_PLANS
from carelane.services import Services

Seen: TypeAlias = Intent | Refund | Dispute

# One object can make this many others be looked at; more is an error of ours.
MOST_OBJECTS = 200


async def settle(
    services: Services, actor: Actor, payment_id: UUID, seen: Seen, attempt_id: UUID | None = None
) -> None:
    """Writes down what the gateway says of one of the payment's objects, and what follows from it.

    `attempt_id`: whose answer it is, where the object itself does not say so. Raises LookupError when there is no such payment,
    UnavailableError, and what the gateway raises when more must be fetched.
    """
    waiting: deque[tuple[Seen, UUID | None]] = deque([(seen, attempt_id)])
    fetched: set[str] = set()
    for _ in range(MOST_OBJECTS):
        if not waiting:
            return
        one, attempt = waiting.popleft()
        taken = await _take(services, actor, payment_id, one, attempt)
        if taken.needs_intent is not None:
            intent = None
            if taken.needs_intent not in fetched:
                gateway = await _gateway_of(services, actor, payment_id)
                intent = await gateway.fetch_intent(taken.needs_intent)
            if intent is None:
                raise LookupError("the intent of the object is not this payment's")
            fetched.add(taken.needs_intent)
            waiting.extendleft([(one, attempt), (intent, None)])
        waiting.extend([(each, None) for each in await _hinted(services, actor, payment_id, one, taken)])
    raise RuntimeError("settling does not come to an end")


async def _take(services: Services, actor: Actor, payment_id: UUID, seen: Seen, attempt_id: UUID | None) -> Taken:
    """One transaction for one object."""
    retry = services.settings.payment_retry
    async with services.db.transaction(actor) as conn:
        standing = await lock_standing(conn, actor.organization_id, payment_id)
        if standing is None:
            raise LookupError("no such payment")
        failpoints.reach("payment.locked")
        if is_repeated(standing, seen, attempt_id, retry):
            return Taken()
        taken = await apply(conn, actor, standing, seen, attempt_id)
        failpoints.reach("payment.posted")
        if taken.standing is not None:
            await save(conn, actor, standing.payment, taken, retry)
        failpoints.reach("payment.recorded")
    failpoints.reach("payment.settled")
    return taken


def is_repeated(standing: Standing, seen: Seen, attempt_id: UUID | None, retry: timedelta) -> bool:
    """Whether the gateway says what is recorded already, and all that follows from it is written down, what is next too."""
    if not isinstance(seen, Intent) or not is_recorded(standing, seen, attempt_id):
        return False
    return judge(standing, clock.now(), retry) == standing.payment


async def apply(
    conn: Connection, actor: Actor, standing: Standing, seen: Seen, attempt_id: UUID | None = None
) -> Taken:
    """What becomes of the payment, which is locked, in the transaction of whoever calls; saved by the caller."""
    if standing.payment.policy in OF_PLANS:
        await lock_of_payment(conn, actor.organization_id, standing.payment.id)
    if isinstance(seen, Intent):
        return await take_intent(conn, actor, standing, seen, attempt_id)
    if isinstance(seen, Refund):
        return await take_refund(conn, actor, standing, seen, attempt_id)
    return await take_dispute(conn, actor, standing, seen)


async def _hinted(
    services: Services, actor: Actor, payment_id: UUID, seen: Seen, taken: Taken
) -> list[Refund | Dispute]:
    if not isinstance(seen, Intent) or not (taken.has_more_refunds or taken.has_more_disputes):
        return []
    gateway = await _gateway_of(services, actor, payment_id)
    return await list_gone(gateway, seen.id, refunds=taken.has_more_refunds, disputes=taken.has_more_disputes)


async def list_gone(gateway: Gateway, intent_id: str, *, refunds: bool, disputes: bool) -> list[Refund | Dispute]:
    """What an intent only hints at. Raises GatewayError."""
    gone: list[Refund | Dispute] = []
    if refunds:
        gone += await gateway.list_refunds(intent_id)
    if disputes:
        gone += await gateway.list_disputes(intent_id)
    return gone


async def _gateway_of(services: Services, actor: Actor, payment_id: UUID) -> Gateway:
    async with services.db.reading(actor.organization_id) as conn:
        payment = await find_payment(conn, actor.organization_id, payment_id)
    if payment is None or payment.gateway_account_id is None:
        raise LookupError("the payment has no gateway")
    return await open_account(services, actor.organization_id, payment.gateway_account_id)
