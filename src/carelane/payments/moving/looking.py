"""Looking at the gateway before anything is done again: what became of a try, what an intent is now."""

from datetime import timedelta

from msgspec.structs import replace

from carelane.kit import clock
from carelane.payments.gateways.errors import GatewayBusyError, OutcomeUnknownError, RefusedByGatewayError
from carelane.payments.gateways.protocol import Gateway, Intent, Refund
from carelane.payments.moving.ending import end_attempt
from carelane.payments.moving.task import Due, PaymentTask
from carelane.payments.moving.trying import intent_of, send
from carelane.payments.settling import queries
from carelane.payments.settling.planning import UNFINISHED
from carelane.payments.settling.queries import AttemptRow, Standing
from carelane.payments.settling.saving import Taken
from carelane.payments.settling.settle import settle
from carelane.payments.states import MOST_SENDS, NOT_THERE, OF_CARD, OPEN_ATTEMPT, RESEND_FOR

# Clocks differ.
MARGIN = timedelta(minutes=10)
GIVEN_UP = "not wanted any more, and not there"


async def fetch(task: PaymentTask, due: Due) -> None:
    """What the intent is now."""
    intent = next(one for one in due.standing.intents if one.id == due.step.id)
    seen = await (await task.gateway(due)).fetch_intent(intent.gateway_id)
    if seen is None:
        raise LookupError("the gateway does not know the intent any more")
    await settle(task.services, task.actor, task.payment_id, seen)


async def look_up(task: PaymentTask, due: Due) -> None:
    """A try without an answer: what it did is settled. If it surely did nothing it goes again, under the same key."""
    attempt = next(one for one in due.standing.attempts if one.id == due.step.id)
    gateway = await task.gateway(due)
    try:
        seen = await _find(gateway, due.standing, attempt)
    except (GatewayBusyError, OutcomeUnknownError):
        await _look_later(task, attempt)
        return
    except RefusedByGatewayError as error:
        await end_attempt(task, attempt.id, "UNKNOWN", failure=error.code or "refused", left="OUTCOME_UNKNOWN")
        return
    if seen is not None:
        await settle(task.services, task.actor, task.payment_id, seen, attempt.id)
    if seen is None or _did_nothing(attempt, seen):
        await _send_again(task, gateway, attempt)
    else:
        await _look_later(task, attempt)


async def _find(gateway: Gateway, standing: Standing, attempt: AttemptRow) -> Intent | Refund | None:
    if attempt.kind == "REFUND":
        refunds = await gateway.list_refunds(intent_of(standing, attempt).gateway_id)
        return next((one for one in refunds if one.attempt_id == attempt.id), None)
    if attempt.kind in OF_CARD and attempt.gateway_id is None:
        return await gateway.find_intent(attempt.id, attempt.customer_id, attempt.created_at - MARGIN)
    return await gateway.fetch_intent(attempt.gateway_id or intent_of(standing, attempt).gateway_id)


def _did_nothing(attempt: AttemptRow, seen: Intent | Refund) -> bool:
    """An intent that was to be captured or released, and stands there as before."""
    return isinstance(seen, Intent) and attempt.kind in {"CAPTURE", "RELEASE"} and seen.status in UNFINISHED


async def _send_again(task: PaymentTask, gateway: Gateway, attempt: AttemptRow) -> None:
    """Not what is older than the gateway's memory of keys, not what nobody wants any more, and not for ever."""
    if clock.now() - attempt.created_at > RESEND_FOR:
        await end_attempt(task, attempt.id, "UNKNOWN", left="OUTCOME_UNKNOWN")
        return
    async with task.locked() as (conn, standing):
        current = next(one for one in standing.attempts if one.id == attempt.id)
        if current.status not in OPEN_ATTEMPT:
            return
        failure = None if is_wanted(standing, current) else GIVEN_UP
        failure = NOT_THERE if failure is None and current.sends >= MOST_SENDS else failure
        again = replace(current, status="SENT", sends=current.sends + 1, sent_at=clock.now(), failure=None)
        if failure is None:
            await queries.save_attempt(conn, again)
    if failure is None:
        await send(task, gateway, standing, again)
    else:
        await end_attempt(task, attempt.id, "FAILED", failure=failure)


def is_wanted(standing: Standing, attempt: AttemptRow) -> bool:
    if attempt.kind in {"CHARGE", "CAPTURE"}:
        return standing.payment.wanted == "TAKE"
    if attempt.kind == "HOLD":
        return standing.payment.wanted != "RETURN"
    return True


async def _look_later(task: PaymentTask, attempt: AttemptRow) -> None:
    """Each look makes the wait for the next one longer, as each sending does."""
    async with task.locked() as (conn, standing):
        current = next(one for one in standing.attempts if one.id == attempt.id)
        if current.status in OPEN_ATTEMPT:
            after = replace(current, sends=current.sends + 1, sent_at=clock.now())
            await queries.save_attempt(conn, after)
            await task.save(conn, standing.payment, Taken(standing=standing.with_attempt(after)))
