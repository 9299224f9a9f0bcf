"""Leading a patient to a checkout. No transaction is open while the gateway is asked."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.kit.phi import Phi
from carelane.payments.accounts.access import open_account
from carelane.payments.checkouts import queries
from carelane.payments.checkouts.applying import take_up
from carelane.payments.checkouts.errors import NothingToPayError
from carelane.payments.checkouts.queries import OpenCheckout
from carelane.payments.customers.queries import find_customer, save_customer
from carelane.payments.errors import GatewayAwayError
from carelane.payments.gateways.errors import GatewayBusyError, GatewayError, RefusedByGatewayError
from carelane.payments.gateways.protocol import Checkout, Gateway
from carelane.payments.queries import PaymentRow, lock_payment
from carelane.payments.states import RESEND_FOR
from carelane.permissions import PAYMENTS_OWN, requires
from carelane.services import Services

# How often somebody who came at the same time as another looks whether the gateway has answered the other.
_LOOKS = 20
_LOOK_SECONDS = 0.25


class Wanted(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a checkout is for. The addresses that the gateway sends the patient back to are made of when the attempt was made, so
    that the same attempt asks the same, whoever asks."""

    mode: Literal["setup", "payment"]
    description: str
    success_url: Callable[[datetime], str]
    cancel_url: Callable[[datetime], str]
    # What the payment must be for it, and of how much it is. Raises NothingToPayError.
    amount_of: Callable[[PaymentRow], int]


@requires(PAYMENTS_OWN)
async def open_checkout(services: Services, actor: Actor, payment_id: UUID, wanted: Wanted) -> str:
    """The address of the one checkout of the payment that is alive. Raises NothingToPayError, GatewayAwayError."""
    for _ in range(_LOOKS):
        payment, attempt = await _begin(services, actor, payment_id, wanted)
        failpoints.reach("checkout.begun")
        try:
            gateway = await open_account(services, actor.organization_id, attempt.gateway_account_id)
            checkout = await _ask(services, actor, gateway, payment, attempt, wanted)
        except GatewayBusyError:
            # The same is being asked by another tab: what it is told is in the row in a moment.
            await asyncio.sleep(_LOOK_SECONDS)
            continue
        except GatewayError as error:
            raise GatewayAwayError from error
        if checkout is not None and checkout.url and not checkout.is_complete and not checkout.is_expired:
            return checkout.url
        if checkout is not None and not await take_up(services, actor, gateway, payment_id, attempt, checkout):
            # The gateway is still at what the patient entered.
            raise NothingToPayError
    raise GatewayAwayError


async def _begin(services: Services, actor: Actor, payment_id: UUID, wanted: Wanted) -> tuple[PaymentRow, OpenCheckout]:
    """The attempt that is open, or a new one; the payment's row is locked meanwhile, so that two tabs get the same."""
    async with services.db.transaction(actor) as conn:
        payment = await lock_payment(conn, actor.organization_id, payment_id)
        if payment is None or payment.gateway_account_id is None:
            raise NothingToPayError
        amount_cents = wanted.amount_of(payment)
        return payment, await begin_checkout(conn, payment, amount_cents)


async def begin_checkout(conn: Connection, payment: PaymentRow, amount_cents: int) -> OpenCheckout:
    """Of a payment whose row is locked."""
    for attempt in await queries.list_open(conn, payment.organization_id, payment.id):
        # One that the gateway never answered, and whose key it may have forgotten: nobody was ever sent there.
        if attempt.gateway_id is not None or attempt.created_at > clock.now() - RESEND_FOR:
            return attempt
        await queries.claim_end(conn, payment.organization_id, attempt.id, "FAILED", "never answered")
    return await queries.insert_checkout(conn, payment, uuid7(), amount_cents)


async def _ask(
    services: Services, actor: Actor, gateway: Gateway, payment: PaymentRow, attempt: OpenCheckout, wanted: Wanted
) -> Checkout | None:
    """What there is, or a new one; None: there was never one, and there is to be another attempt."""
    if attempt.gateway_id is not None:
        return await gateway.fetch_checkout(attempt.gateway_id)
    try:
        checkout = await gateway.create_checkout(
            attempt_id=attempt.id,
            payment_id=payment.id,
            mode=wanted.mode,
            amount_cents=attempt.amount_cents,
            currency=payment.currency,
            customer_id=await _customer_of(services, actor, gateway, payment, must_have=wanted.mode == "setup"),
            description=wanted.description,
            success_url=wanted.success_url(attempt.created_at),
            cancel_url=wanted.cancel_url(attempt.created_at),
        )
    except RefusedByGatewayError:
        async with services.db.transaction(actor) as conn:
            await queries.claim_end(conn, actor.organization_id, attempt.id, "FAILED", "refused")
        raise
    failpoints.reach("checkout.answered")
    async with services.db.transaction(actor) as conn:
        await queries.set_gateway_id(conn, actor.organization_id, attempt.id, checkout.id)
    return checkout


async def _customer_of(
    services: Services, actor: Actor, gateway: Gateway, payment: PaymentRow, *, must_have: bool
) -> str | None:
    """A card that is charged later belongs to a customer, who is made where there is none."""
    if payment.patient_id is None:
        return payment.customer_id
    async with services.db.reading(actor.organization_id) as conn:
        found = await find_customer(conn, payment)
    if found is None or found.customer_id is not None or not must_have:
        return found.customer_id if found else None
    # The same key for the same patient: however often it is asked, it makes one customer.
    key = uuid5(payment.patient_id, str(payment.gateway_account_id))
    customer_id = await gateway.create_customer(key=key, email=found.email, patient_id=payment.patient_id)
    async with services.db.transaction(actor) as conn:
        await save_customer(conn, payment, customer_id, None)
    return customer_id
