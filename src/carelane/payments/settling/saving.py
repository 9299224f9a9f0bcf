"""Writing down where a payment stands after something was taken in, and telling of it once."""

from datetime import timedelta
from uuid import UUID

import msgspec
from msgspec.structs import replace

from carelane import events
from carelane.charges.plans.actions import fit_payment
from carelane.event_names import EventType
from carelane.events import Event
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import Phi
from carelane.payments.queries import PaymentRow, save_payment
from carelane.payments.settling.judging import judge
from carelane.payments.settling.posting import post_void
from carelane.payments.settling.queries import Standing
from carelane.payments.states import OF_PLANS, STOPPED

# What is told of an instalment besides.
_OF_PLAN: dict[EventType, EventType] = {
    "PAYMENT_COMPLETED": "PLANNED_PAYMENT_SUCCEEDED",
    "PAYMENT_FAILED": "PLANNED_PAYMENT_FAILED",
}


class Taken(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What became of an object that a gateway told of. `standing`: the payment with it; None: nothing was written yet.

    `needs_intent`: the gateway's intent that must be known first. `has_more_…`: the gateway knows more than is recorded.
    """

    standing: Standing | None = None
    acts: list[Event] = []
    needs_intent: str | None = None
    has_more_refunds: bool = False
    has_more_disputes: bool = False


async def save(conn: Connection, actor: Actor, before: PaymentRow, taken: Taken, retry: timedelta) -> PaymentRow:
    """Judges the payment anew, saves it, and records what there is to tell."""
    assert taken.standing is not None
    after = judge(taken.standing, clock.now(), retry)
    after = await _without_charge(conn, actor, after)
    await save_payment(conn, after)
    is_planned = after.policy == "instalment"
    if after.policy in OF_PLANS and (before.status, before.stage) != (after.status, after.stage):
        is_planned = await fit_payment(conn, actor, after.id, is_refused=_is_refused(after))
    acts = [*taken.acts, *_told(actor, before, after, taken.acts)]
    if is_planned:
        acts += [payment_event(actor, after, _OF_PLAN[act.type]) for act in acts if act.type in _OF_PLAN]
    if acts:
        await events.record(conn, *acts)
    return after


def _is_refused(payment: PaymentRow) -> bool:
    """By the card, while somebody waited at the desk."""
    return payment.policy == "at_desk" and payment.wanted == "RETURN" and not payment.captured_cents


async def _without_charge(conn: Connection, actor: Actor, payment: PaymentRow) -> PaymentRow:
    """A case's payment that came to nothing leaves nothing owed; should the case go on after all, it is charged anew."""
    if payment.case_id is None or payment.charge_id is None or payment.canceled_at is None or payment.captured_cents:
        return payment
    is_void = await post_void(conn, actor, payment, payment.charge_id)
    return replace(payment, charge_id=None) if is_void else payment


def payment_event(
    actor: Actor,
    payment: PaymentRow,
    type: EventType,  # noqa: A002 - as in events.new_event
    *,
    target_id: UUID | None = None,
    value_before: str | None = None,
    value_after: str | None = None,
) -> Event:
    return events.new_event(
        actor,
        type,
        payment.case_id,
        target_id=target_id or payment.id,
        is_test=payment.is_test,
        value_before=value_before,
        value_after=value_after,
    )


def _told(actor: Actor, before: PaymentRow, after: PaymentRow, told: list[Event]) -> list[Event]:
    acts = []
    if before.stage != after.stage:
        moved = payment_event(actor, after, "PAYMENT_UPDATED", value_before=before.stage, value_after=after.stage)
        acts.append(moved)
        is_told = any(act.type == "PAYMENT_FAILED" for act in told)
        if after.stage in STOPPED and not is_told:
            acts.append(payment_event(actor, after, "PAYMENT_FAILED", value_after=after.failure))
    if before.paid_at is None and after.paid_at is not None:
        acts.append(payment_event(actor, after, "PAYMENT_COMPLETED"))
    return acts
