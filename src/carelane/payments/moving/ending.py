"""Tries that end without an answer that could be settled."""

from uuid import UUID

from msgspec.structs import replace

from carelane.events import Event
from carelane.kit import clock
from carelane.payments.gateways.errors import GatewayError, RefusedByGatewayError
from carelane.payments.gateways.protocol import Gateway
from carelane.payments.moving.task import PaymentTask
from carelane.payments.queries import PaymentRow
from carelane.payments.settling import queries
from carelane.payments.settling.intents import card_after, failed_events
from carelane.payments.settling.queries import AttemptRow, RefundRow, Standing
from carelane.payments.settling.saving import Taken, payment_event
from carelane.payments.settling.settle import settle
from carelane.payments.states import OF_CARD, OPEN_ATTEMPT, AttemptStatus, Failure

# The gateway does not know the card or its owner any more: the same as a card that is closed.
_NO_CARD = frozenset({"resource_missing", "payment_method_unactivated", "payment_method_invalid_parameter"})
NOT_AVAILABLE = "payment_method_not_available"


async def end_attempt(
    task: PaymentTask,
    attempt_id: UUID,
    status: AttemptStatus,
    *,
    code: str | None = None,
    failure: str | None = None,
    left: Failure | None = None,
) -> None:
    """Writes down how it ended, if nobody has yet. `left`: a person must look, and why."""
    async with task.locked() as (conn, standing):
        before = next(one for one in standing.attempts if one.id == attempt_id)
        if before.status not in OPEN_ATTEMPT:
            return
        ended_at = clock.now() if status == "FAILED" else None
        after = replace(before, status=status, decline_code=code, failure=failure, settled_at=ended_at)
        await queries.save_attempt(conn, after)
        acts = failed_events(task.actor, standing.payment, after)
        moved = replace(standing.with_attempt(after), payment=_left(card_after(standing.payment, after), left))
        refund = next((one for one in standing.refunds if one.id == after.refund_id), None)
        if refund is not None and status == "FAILED" and left is not None:
            failed = replace(refund, status="FAILED", failure=failure, settled_at=clock.now())
            await queries.save_refund(conn, failed)
            acts.append(refund_failed(task, standing.payment, failed))
            moved = moved.with_refund(failed)
        await task.save(conn, standing.payment, Taken(standing=moved, acts=acts))


async def refused(
    task: PaymentTask, gateway: Gateway, standing: Standing, attempt: AttemptRow, error: RefusedByGatewayError
) -> None:
    """The gateway did not act, and will not. Mostly the object has moved on: then what it is now says all."""
    if attempt.kind in OF_CARD:
        code = NOT_AVAILABLE if error.code in _NO_CARD else None
        left: Failure | None = None if code else "REFUSED"
        await end_attempt(task, attempt.id, "FAILED", code=code, failure=error.code or "refused", left=left)
        return
    intent = next((one for one in standing.intents if one.id == attempt.intent_id), None)
    try:
        seen = await gateway.fetch_intent(intent.gateway_id) if intent else None
        if seen is not None:
            await settle(task.services, task.actor, task.payment_id, seen)
    except RefusedByGatewayError:
        pass
    except GatewayError:
        await end_attempt(task, attempt.id, "UNKNOWN", failure="refused, and then not answered")
        return
    await end_attempt(task, attempt.id, "FAILED", failure=error.code or "refused", left="REFUSED")


def refund_failed(task: PaymentTask, payment: PaymentRow, refund: RefundRow) -> Event:
    return payment_event(task.actor, payment, "REFUND_FAILED", target_id=refund.id, value_after=refund.failure)


def _left(payment: PaymentRow, left: Failure | None) -> PaymentRow:
    return replace(payment, stage="NEEDS_STAFF", failure=left) if left else payment
