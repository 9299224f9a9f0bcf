"""Taking up what came of a checkout. No transaction is open while the gateway is asked."""

from uuid import UUID, uuid5

import msgspec

from carelane.kit import failpoints
from carelane.kit.auth import Actor
from carelane.payments.accounts.access import open_account
from carelane.payments.checkouts import queries
from carelane.payments.checkouts.queries import OpenCheckout
from carelane.payments.customers.queries import save_customer
from carelane.payments.gateways.errors import RefusedByGatewayError
from carelane.payments.gateways.protocol import CardDetails, Checkout, Gateway, Intent
from carelane.payments.queries import find_payment, lock_payment
from carelane.payments.settling.queries import list_standing
from carelane.payments.settling.saving import Taken, payment_event, save
from carelane.payments.settling.settle import settle
from carelane.payments.states import WITH_PATIENT
from carelane.permissions import PAYMENTS_OWN, requires
from carelane.services import Services

_CONFIRMABLE = frozenset({"requires_action", "requires_confirmation"})


@requires(PAYMENTS_OWN)
async def apply_checkouts(services: Services, actor: Actor, payment_id: UUID) -> None:
    """Takes up what came of the payment's checkouts, for whoever hears of it: any order, any number of times. Raises GatewayError."""
    async with services.db.reading(actor.organization_id) as conn:
        attempts = await queries.list_open(conn, actor.organization_id, payment_id)
    for attempt in attempts:
        if attempt.gateway_id is None:
            continue
        gateway = await open_account(services, actor.organization_id, attempt.gateway_account_id)
        checkout = await gateway.fetch_checkout(attempt.gateway_id)
        if checkout is not None:
            await take_up(services, actor, gateway, payment_id, attempt, checkout)


@requires(PAYMENTS_OWN)
async def take_up(
    services: Services, actor: Actor, gateway: Gateway, payment_id: UUID, attempt: OpenCheckout, checkout: Checkout
) -> bool:
    """Whether the checkout is over. While it is not, the patient may try one card after the other on it."""
    if not (checkout.is_complete or checkout.is_expired):
        return False
    if checkout.intent_id is not None:
        intent = await gateway.fetch_intent(checkout.intent_id)
        if intent is None or (checkout.is_complete and intent.status == "processing"):
            return False
        if checkout.is_complete or intent.captured_cents:
            await settle(services, actor, payment_id, intent, attempt.id)
    if checkout.setup_id is not None and checkout.is_complete:
        setup = await gateway.fetch_setup(checkout.setup_id)
        if setup is None or setup.status == "processing":
            return False
        if setup.status == "succeeded" and setup.method_id is not None and setup.customer_id is not None:
            await _make_an_end(services, actor, gateway, payment_id, attempt)
            card = await gateway.fetch_card(setup.method_id)
            await _take_card(services, actor, payment_id, attempt, setup.customer_id, setup.method_id, card)
    failpoints.reach("checkout.applied")
    async with services.db.transaction(actor) as conn:
        status, failure = ("SUCCEEDED", None) if checkout.is_complete else ("FAILED", "expired")
        await queries.claim_end(conn, actor.organization_id, attempt.id, status, failure)
    return True


async def _make_an_end(
    services: Services, actor: Actor, gateway: Gateway, payment_id: UUID, attempt: OpenCheckout
) -> None:
    """Of intents that the patient could still confirm in another tab: from now on another card pays. One that was confirmed in
    the meantime has paid, and is taken up as that."""
    async with services.db.reading(actor.organization_id) as conn:
        payment = await find_payment(conn, actor.organization_id, payment_id)
        intents = (await list_standing(conn, payment)).intents if payment is not None else []
    if payment is None or payment.stage not in WITH_PATIENT:
        return
    for intent in intents:
        if intent.status not in _CONFIRMABLE:
            continue
        seen: Intent | None
        try:
            seen = await gateway.release(attempt_id=uuid5(attempt.id, intent.gateway_id), intent_id=intent.gateway_id)
        except RefusedByGatewayError:
            seen = await gateway.fetch_intent(intent.gateway_id)
        if seen is not None:
            await settle(services, actor, payment_id, seen)


async def _take_card(
    services: Services,
    actor: Actor,
    payment_id: UUID,
    attempt: OpenCheckout,
    customer_id: str,
    method_id: str,
    card: CardDetails | None,
) -> None:
    """The payment goes on with the card that was entered; once, and only if it still wants one."""
    retry = services.settings.payment_retry
    async with services.db.transaction(actor) as conn:
        payment = await lock_payment(conn, actor.organization_id, payment_id)
        if payment is None or not await queries.claim_end(conn, actor.organization_id, attempt.id, "SUCCEEDED"):
            return
        await save_customer(conn, payment, customer_id, method_id)
        await queries.set_card(conn, payment, card.brand if card else None, card.last4 if card else None)
        if payment.stage not in WITH_PATIENT:
            return
        with_card = msgspec.structs.replace(
            payment, customer_id=customer_id, method_id=method_id, failure=None, decline_code=None, tries=0
        )
        standing = msgspec.structs.replace(await list_standing(conn, payment), payment=with_card)
        added = payment_event(actor, payment, "ADD_PAYMENT_INFO_USING_LINK")
        await save(conn, actor, payment, Taken(standing=standing, acts=[added]), retry)
