"""Giving money back: what staff granted and sent, and what a decision gives back. Never more than is left."""

from uuid import UUID

from msgspec.structs import replace

from carelane.kit import clock
from carelane.kit.db import Connection
from carelane.payments.moving.ending import refund_failed
from carelane.payments.moving.task import Due, PaymentTask, attempt_of
from carelane.payments.moving.trying import send as send_attempt
from carelane.payments.settling import queries
from carelane.payments.settling.planning import is_disputed, refundable_cents
from carelane.payments.settling.posting import credit_left
from carelane.payments.settling.queries import IntentRow, RefundRow, Standing
from carelane.payments.settling.refunds import new_refund
from carelane.payments.settling.saving import Taken
from carelane.payments.settling.settle import settle
from carelane.payments.states import ACCEPTED, NOT_OWED

DISPUTED = "the payment is disputed"
TOO_MUCH = "more than is left of what was captured"
GONE = "more than is left of what was not owed"


async def grant_all(task: PaymentTask, _due: Due) -> None:
    """A decision gives back all that is left: a refund for each intent that money was taken with."""
    async with task.locked() as (conn, standing):
        payment, made = standing.payment, list(standing.refunds)
        left = refundable_cents(payment)
        for intent in standing.intents:
            cents = min(left, left_of(standing, intent))
            if cents > 0:
                refund = new_refund(payment, intent.id, cents)
                await queries.save_refund(conn, refund)
                made.append(refund)
                left -= cents
        await task.save(conn, payment, Taken(standing=replace(standing, refunds=made)))


def left_of(standing: Standing, intent: IntentRow) -> int:
    """What can be given back of the intent."""
    taken = ACCEPTED | {"SENDING"}
    gone = (one.amount_cents for one in standing.refunds if one.intent_id == intent.id and one.status in taken)
    return intent.captured_cents - sum(gone)


async def send(task: PaymentTask, due: Due) -> None:
    """What is left is read just before, so that a refund made in the gateway's dashboard counts."""
    async with task.locked() as (conn, standing):
        chosen = await _choose(task, conn, standing, due.step.id)
    if chosen is None:
        return
    gateway = await task.gateway(due)
    seen = await gateway.fetch_intent(chosen.gateway_id)
    if seen is not None:
        await settle(task.services, task.actor, task.payment_id, seen)
    async with task.locked() as (conn, standing):
        chosen = await _choose(task, conn, standing, due.step.id)
        if chosen is None or not task.is_next(standing, due.step):
            return
        refund = next(one for one in standing.refunds if one.id == due.step.id)
        attempt = attempt_of(standing.payment, "REFUND", intent_id=chosen.id, refund=refund)
        await queries.insert_attempt(conn, attempt)
    await send_attempt(task, gateway, standing.with_attempt(attempt), attempt)


async def _choose(task: PaymentTask, conn: Connection, standing: Standing, refund_id: UUID | None) -> IntentRow | None:
    """The intent that the refund is taken from, written into it; None: it cannot be, and that is written down."""
    refund = next((one for one in standing.refunds if one.id == refund_id and one.status == "SENDING"), None)
    if refund is None:
        return None
    failure = _failure(standing, refund) or await _given_before(conn, standing, refund)
    if failure is not None:
        failed = replace(refund, status="FAILED", failure=failure, settled_at=clock.now())
        await queries.save_refund(conn, failed)
        acts = [refund_failed(task, standing.payment, failed)]
        await task.save(conn, standing.payment, Taken(standing=standing.with_refund(failed), acts=acts))
        return None
    intent = source_of(standing, refund)
    if intent is not None and refund.intent_id != intent.id:
        await queries.save_refund(conn, replace(refund, intent_id=intent.id))
    return intent


def _failure(standing: Standing, refund: RefundRow) -> str | None:
    if is_disputed(standing):
        return DISPUTED
    if refund.amount_cents > refundable_cents(standing.payment) or source_of(standing, refund) is None:
        return TOO_MUCH
    return None


async def _given_before(conn: Connection, standing: Standing, refund: RefundRow) -> str | None:
    """Somebody gave what was not owed back in the gateway's dashboard, before the worker came to it."""
    if refund.reason != NOT_OWED or await credit_left(conn, standing) >= refund.amount_cents:
        return None
    return GONE


def source_of(standing: Standing, refund: RefundRow) -> IntentRow | None:
    """Of several, the last that has as much left: what was taken twice is given back of the second."""
    others = replace(standing, refunds=[one for one in standing.refunds if one.id != refund.id])
    candidates = [one for one in standing.intents if refund.intent_id in {None, one.id}]
    fitting = [one for one in candidates if left_of(others, one) >= refund.amount_cents]
    return fitting[-1] if fitting else None
