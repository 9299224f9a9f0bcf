"""A try to move money: the row is committed, then the gateway is called under its id, then the answer is settled."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import structlog
from msgspec.structs import replace

from carelane.kit import failpoints
from carelane.payments.gateways.errors import (
    DeclinedError,
    GatewayBusyError,
    GatewayError,
    OutcomeUnknownError,
    RefusedByGatewayError,
)
from carelane.payments.gateways.protocol import Gateway, Intent, Refund
from carelane.payments.moving.ending import end_attempt, refused
from carelane.payments.moving.task import Due, PaymentTask
from carelane.payments.settling.queries import AttemptRow, IntentRow, Standing
from carelane.payments.settling.settle import settle
from carelane.payments.states import OF_CARD

Call: TypeAlias = Callable[[Gateway], Awaitable[Intent | Refund]]

log = structlog.get_logger()


async def send_due(task: PaymentTask, due: Due) -> None:
    assert due.attempt is not None
    await send(task, await task.gateway(due), due.standing, due.attempt)


async def send(task: PaymentTask, gateway: Gateway, standing: Standing, attempt: AttemptRow) -> None:
    """Calls, and settles whatever comes of it. Nothing is raised but errors of ours."""
    point = attempt.kind.lower()
    failpoints.reach(f"{point}.begun")
    if not task.lease.is_held():
        # Whoever has the payment now finds the row, and looks.
        return
    try:
        seen = await _call(gateway, standing, attempt)
    except DeclinedError as error:
        await _declined(task, attempt, error)
    except RefusedByGatewayError as error:
        await refused(task, gateway, standing, attempt, error)
    except (GatewayBusyError, OutcomeUnknownError) as error:
        log.warning("payment_not_answered", **_named(attempt), error=type(error).__name__)
        await end_attempt(task, attempt.id, "UNKNOWN", failure=type(error).__name__)
    else:
        failpoints.reach(f"{point}.answered")
        await settle(task.services, task.actor, task.payment_id, seen, attempt.id)


async def _call(gateway: Gateway, standing: Standing, attempt: AttemptRow) -> Intent | Refund:
    payment = standing.payment
    if attempt.kind in OF_CARD:
        if attempt.customer_id is None or attempt.method_id is None:
            raise LookupError("the attempt names no card")
        return await gateway.charge_off_session(
            attempt_id=attempt.id,
            payment_id=payment.id,
            amount_cents=attempt.amount_cents,
            currency=attempt.currency,
            customer_id=attempt.customer_id,
            method_id=attempt.method_id,
            holds=attempt.kind == "HOLD",
        )
    intent = intent_of(standing, attempt)
    if attempt.kind == "CAPTURE":
        return await gateway.capture(
            attempt_id=attempt.id,
            intent_id=intent.gateway_id,
            amount_cents=attempt.amount_cents,
            currency=attempt.currency,
        )
    if attempt.kind == "RELEASE":
        return await gateway.release(attempt_id=attempt.id, intent_id=intent.gateway_id)
    granted = next((one for one in standing.refunds if one.id == attempt.refund_id), None)
    return await gateway.refund(
        attempt_id=attempt.id,
        intent_id=intent.gateway_id,
        amount_cents=attempt.amount_cents,
        currency=attempt.currency,
        reason=granted.reason if granted else None,
    )


def intent_of(standing: Standing, attempt: AttemptRow) -> IntentRow:
    """What it acts on. Raises LookupError."""
    found = next((one for one in standing.intents if one.id == attempt.intent_id), None)
    if found is None:
        raise LookupError("the attempt names no intent")
    return found


async def _declined(task: PaymentTask, attempt: AttemptRow, error: DeclinedError) -> None:
    """What the gateway made of it is settled like any intent; where it made nothing, the try has failed all the same."""
    if error.intent is not None:
        seen = error.intent
        seen = seen if seen.decline_code else replace(seen, decline_code=error.decline_code)
        failpoints.reach(f"{attempt.kind.lower()}.answered")
        try:
            await settle(task.services, task.actor, task.payment_id, seen, attempt.id)
        except GatewayError as second:
            log.warning("payment_not_answered", **_named(attempt), error=type(second).__name__)
    await end_attempt(task, attempt.id, "FAILED", code=error.decline_code)


def _named(attempt: AttemptRow) -> dict[str, str]:
    """Whose try it was, for the log."""
    ids = {"organization_id": str(attempt.organization_id), "payment_id": str(attempt.payment_id)}
    return ids | {"name": attempt.kind}
