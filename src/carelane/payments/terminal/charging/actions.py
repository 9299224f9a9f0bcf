"""Charging a kept card for what was written down. No transaction is open while the gateway is called."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TypeAlias
from uuid import UUID, uuid4

import msgspec

from carelane import events
from carelane.charges.owed.queries import lock_charge
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.claims import Lease, now_seconds
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import uuid7
from carelane.payments.moving.jobs import take_step
from carelane.payments.moving.queries import DuePayment
from carelane.payments.moving.task import PaymentTask
from carelane.payments.saved.access import lock_method
from carelane.payments.saved.queries import MethodRow, find_person
from carelane.payments.settling.planning import open_attempt
from carelane.payments.settling.queries import Standing, find_standing
from carelane.payments.shares.queries import NewShare, find_under_way, insert_shares
from carelane.payments.terminal import queries
from carelane.payments.terminal.access import lock_config
from carelane.payments.terminal.queries import ChargeRow, ConfigRow, NewCardPayment, Share
from carelane.payments.terminal.rows import refuse_stale, require_payable
from carelane.payments.terminal.schemas import ChargeCardIn, ChargedOut, ChargedStatus
from carelane.payments.till.queries import lock_gateways
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

# How long somebody who came at the same time as another waits for what the gateway answers the other.
_LOOKS = 40
_LOOK_SECONDS = 0.25
# Where the answer is written down after the call.
_MARGIN_SECONDS = 10.0


class _UnchargedError(Exception):
    """The card must be charged first; the transaction is undone."""


class _Begun(msgspec.Struct, frozen=True):
    """The payment; `lease`: ours to make, or None: somebody else's."""

    payment_id: UUID
    lease: Lease[DuePayment] | None


# Plans stand above: agrees on the config's plan of these charges, which are locked, with this card; the payment is its first.
Agree: TypeAlias = Callable[[Connection, Actor, ConfigRow, MethodRow, list[ChargeRow], UUID], Awaitable[None]]


@requires(BILLING_WRITE)
async def charge_card(
    services: Services,
    actor: Actor,
    method_ref: str,
    body: ChargeCardIn,
    request_key: RequestKey | None,
    agree: Agree,
) -> ChargedOut:
    """However often it is asked for one config, the card is charged once.

    Raises RecordNotFoundError, ConflictError when it cannot be paid by this card, or not any more, and what `agree` and `run_once`
    raise.
    """
    charged: ChargedOut | None = None

    async def act(_: Connection) -> ChargedOut:
        if charged is None:
            raise _UnchargedError
        return charged

    try:
        return await run_once(services, actor, request_key, act)
    except _UnchargedError:
        charged = await _charge(services, actor, method_ref, body.payin_config_id, agree)
    if charged.status == "PROCESSING":
        # Whoever asks again is told what became of it.
        return charged
    return await run_once(services, actor, request_key, act)


async def _charge(services: Services, actor: Actor, method_ref: str, config_ref: str, agree: Agree) -> ChargedOut:
    begun = await _begin(services, actor, method_ref, config_ref, agree)
    if begun.lease is not None:
        await take_step(PaymentTask(services=services, lease=begun.lease))
        return _show(await _find(services, actor, begun.payment_id))
    for _ in range(_LOOKS):
        standing = await _find(services, actor, begun.payment_id)
        attempt = open_attempt(standing)
        shown = _show(standing)
        if shown.status != "PROCESSING" or (attempt is not None and attempt.status == "UNKNOWN"):
            return shown
        await asyncio.sleep(_LOOK_SECONDS)
    return shown


async def _begin(services: Services, actor: Actor, method_ref: str, config_ref: str, agree: Agree) -> _Begun:
    """The config's payment, or a new one. Payments are locked before charges, as everywhere; charges in the order of their ids."""
    organization_id = actor.organization_id
    async with services.db.transaction(actor) as conn:
        config = await lock_config(conn, actor, config_ref)
        if config.payment_id is not None:
            return _Begun(config.payment_id, None)
        refuse_stale(config, clock.now())
        parts, charge_ids = config.parts, sorted(config.charge_ids)
        for charge_id in charge_ids:
            await lock_gateways(conn, organization_id, charge_id)
        method = await lock_method(conn, actor, method_ref)
        for charge_id in charge_ids:
            await lock_charge(conn, organization_id, charge_id)
        charges = await _require_still_payable(conn, actor, config)
        await _require_own_card(conn, actor, method, charges[0], config)
        seconds = services.settings.gateway_timeout_seconds + _MARGIN_SECONDS
        payment = _payment(actor, config, parts, charges[0], method, seconds)
        await queries.insert_payment(conn, payment)
        if len(parts) > 1:
            await insert_shares(conn, [_share(payment, part) for part in parts])
        await queries.set_payment(conn, organization_id, config.id, payment.id)
        if config.plan is not None:
            await agree(conn, actor, config, method, charges, payment.id)
        told = events.new_event(actor, "PAYMENT_ADDED", None, target_id=payment.id, is_test=payment.is_test)
        await events.record(conn, told)
    due = DuePayment(organization_id, payment.id, False)
    return _Begun(payment.id, Lease(due, payment.claim_id, now_seconds() + seconds))


async def _require_still_payable(conn: Connection, actor: Actor, config: ConfigRow) -> list[ChargeRow]:
    """As the charges are now that they are locked."""
    ids = config.charge_ids
    found = await queries.list_charges(conn, actor.organization_id, ids)
    charges = require_payable([(one, str(one)) for one in ids], found)
    if await find_under_way(conn, actor.organization_id, ids):
        raise ConflictError("a payment of the charge is being taken at this moment; ask again when it has ended")
    for part in config.parts:
        outstanding = found[part.charge_id].outstanding_cents
        if part.amount_cents > outstanding:
            raise ConflictError(
                f"of the charge {part.charge_id} only {outstanding} is outstanding by now; make a new payin config"
            )
    return charges


async def _require_own_card(
    conn: Connection, actor: Actor, method: MethodRow, charge: ChargeRow, config: ConfigRow
) -> None:
    owner = await find_person(conn, actor.organization_id, method.patient_id)
    if owner is None or owner.id != charge.patient_id:
        raise RecordNotFoundError(f"no payment method {method.id} of this patient here")
    if method.is_test != charge.is_test or method.gateway_account_id != config.gateway_account_id:
        raise ConflictError(
            "the card is kept with another gateway account than the one that takes money for this charge"
        )


def _payment(
    actor: Actor, config: ConfigRow, parts: Sequence[Share], charge: ChargeRow, method: MethodRow, seconds: float
) -> NewCardPayment:
    return NewCardPayment(
        organization_id=actor.organization_id,
        id=uuid7(),
        charge_id=parts[0].charge_id if len(parts) == 1 else None,
        patient_id=charge.patient_id,
        amount_cents=sum(part.amount_cents for part in parts),
        currency=charge.currency,
        is_test=charge.is_test,
        gateway_account_id=method.gateway_account_id,
        customer_id=method.customer_id,
        method_id=method.method_id,
        # As each that a plan takes.
        medium="PAYMENT_PLAN" if config.plan is not None else config.medium,
        location_id=config.location_id,
        creator_id=config.creator_id,
        brand=method.brand,
        last4=method.last4,
        claim_id=uuid4(),
        next_step_at=clock.now() + timedelta(seconds=seconds),
    )


def _share(payment: NewCardPayment, part: Share) -> NewShare:
    return NewShare(
        organization_id=payment.organization_id,
        id=uuid7(),
        payment_id=payment.id,
        charge_id=part.charge_id,
        amount_cents=part.amount_cents,
    )


async def _find(services: Services, actor: Actor, payment_id: UUID) -> Standing:
    async with services.db.reading(actor.organization_id) as conn:
        standing = await find_standing(conn, actor.organization_id, payment_id)
    if standing is None:
        raise RecordNotFoundError("the payment is not there any more")
    return standing


def _show(standing: Standing) -> ChargedOut:
    """What the card gave for what was not owed any more goes back: that is neither paid nor refused."""
    payment = standing.payment
    status: ChargedStatus = "SUCCEEDED" if payment.captured_cents else "PROCESSING"
    if payment.wanted == "RETURN":
        status = "CANCELED" if payment.captured_cents else "FAILED"
    return ChargedOut(payin_id=str(payment.id), amount=payment.amount_cents, status=status)
