"""A refund of the gateway's, taken in: ours, or one that was made in the gateway's own dashboard."""

from uuid import UUID

from msgspec.structs import replace

from carelane.events import Event
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.payments.gateways import protocol
from carelane.payments.gateways.protocol import Refund
from carelane.payments.queries import PaymentRow
from carelane.payments.settling import posting, queries
from carelane.payments.settling.queries import IntentRow, RefundRow, Standing
from carelane.payments.settling.saving import Taken, payment_event
from carelane.payments.states import ACCEPTED, RefundStatus

_MEANS: dict[protocol.RefundStatus, RefundStatus] = {
    "pending": "SENT",
    "requires_action": "SENT",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "canceled": "CANCELED",
}
# It never goes back. A bank may give back the money of one that had gone through.
_RANK: dict[RefundStatus, int] = {"GRANTED": 0, "SENDING": 1, "SENT": 2, "SUCCEEDED": 3, "FAILED": 4, "CANCELED": 4}


async def take_refund(
    conn: Connection, actor: Actor, standing: Standing, seen: Refund, attempt_id: UUID | None
) -> Taken:
    payment = standing.payment
    intent = next((one for one in standing.intents if one.gateway_id == seen.intent_id), None)
    known = _known(standing, seen, attempt_id)
    if intent is None or _is_too_much(standing, intent, seen, known):
        # The capture is not recorded yet.
        return Taken(needs_intent=seen.intent_id) if seen.intent_id else Taken()
    if seen.currency != payment.currency:
        return Taken(
            standing=replace(standing, payment=replace(payment, stage="NEEDS_STAFF", failure="CURRENCY_DIFFERS"))
        )
    if known is not None and known.amount_cents != seen.amount_cents:
        return Taken(
            standing=replace(standing, payment=replace(payment, stage="NEEDS_STAFF", failure="AMOUNT_DIFFERS"))
        )
    before = known or _from_dashboard(payment, seen)
    after = _merged(before, intent, seen)
    standing = await _take_attempt(conn, standing, after, attempt_id or seen.attempt_id)
    if known is not None and after == known:
        return Taken(standing=standing)
    await queries.save_refund(conn, after)
    if after.status in ACCEPTED and before.status not in ACCEPTED:
        await posting.post_refund(conn, actor, standing, intent, after)
    elif before.status in ACCEPTED and after.status not in ACCEPTED:
        await posting.post_refund_failed(conn, actor, payment, after)
    standing = replace(standing.with_refund(after), payment=_payment_after(payment, before, after))
    standing = await _sum_up(conn, standing, intent)
    return Taken(standing=standing, acts=_told(actor, payment, before, after))


def new_refund(payment: PaymentRow, intent_id: UUID | None, cents: int, reason: str | None = None) -> RefundRow:
    """One that nobody grants: it is sent by the worker."""
    return RefundRow(
        organization_id=payment.organization_id,
        id=uuid7(),
        payment_id=payment.id,
        intent_id=intent_id,
        amount_cents=cents,
        currency=payment.currency,
        reason=reason,
        status="SENDING",
        gateway_id=None,
        failure=None,
        granted_by_staff_id=None,
        granted_at=clock.now(),
        sent_at=None,
        settled_at=None,
    )


def _known(standing: Standing, seen: Refund, attempt_id: UUID | None) -> RefundRow | None:
    named = {attempt_id, seen.attempt_id} - {None}
    ours = {attempt.refund_id for attempt in standing.attempts if attempt.id in named and attempt.kind == "REFUND"}
    by_id = next((one for one in standing.refunds if one.gateway_id == seen.id), None)
    return by_id or next((one for one in standing.refunds if one.id in ours and one.gateway_id is None), None)


def _is_too_much(standing: Standing, intent: IntentRow, seen: Refund, known: RefundRow | None) -> bool:
    if _MEANS[seen.status] not in ACCEPTED:
        return False
    others = [
        one for one in standing.refunds if one.intent_id == intent.id and one.status in ACCEPTED and one is not known
    ]
    return sum(one.amount_cents for one in others) + seen.amount_cents > intent.captured_cents


def _from_dashboard(payment: PaymentRow, seen: Refund) -> RefundRow:
    at = {"granted_at": seen.created_at, "sent_at": seen.created_at}
    return replace(new_refund(payment, None, seen.amount_cents), currency=seen.currency, **at)


def _merged(before: RefundRow, intent: IntentRow, seen: Refund) -> RefundRow:
    said = _MEANS[seen.status]
    status = said if _RANK[said] > _RANK[before.status] else before.status
    is_ended = status in {"SUCCEEDED", "FAILED", "CANCELED"}
    return replace(
        before,
        intent_id=intent.id,
        gateway_id=seen.id,
        status=status,
        failure=seen.failure if status in {"FAILED", "CANCELED"} else None,
        sent_at=before.sent_at or seen.created_at,
        settled_at=before.settled_at if status == before.status or not is_ended else clock.now(),
    )


async def _take_attempt(conn: Connection, standing: Standing, refund: RefundRow, attempt_id: UUID | None) -> Standing:
    for one in standing.attempts:
        is_about = one.id == attempt_id or one.refund_id == refund.id
        if one.kind == "REFUND" and is_about and one.status not in {"SUCCEEDED", "FAILED"}:
            status = "FAILED" if refund.status in {"FAILED", "CANCELED"} else "SUCCEEDED"
            after = replace(
                one, status=status, gateway_id=refund.gateway_id, failure=refund.failure, settled_at=clock.now()
            )
            await queries.save_attempt(conn, after)
            standing = standing.with_attempt(after)
    return standing


async def _sum_up(conn: Connection, standing: Standing, intent: IntentRow) -> Standing:
    after = replace(intent, refunded_cents=standing.given_cents(intent.id))
    await queries.save_intent(conn, after)
    return replace(standing, intents=[after if one.id == after.id else one for one in standing.intents])


def _payment_after(payment: PaymentRow, before: RefundRow, after: RefundRow) -> PaymentRow:
    """Money that a decision gives back and that does not arrive is a person's to give back."""
    is_failed = after.status in {"FAILED", "CANCELED"} and before.status != after.status
    if is_failed and payment.wanted == "RETURN":
        return replace(payment, stage="NEEDS_STAFF", failure="REFUND_FAILED")
    return payment


def _told(actor: Actor, payment: PaymentRow, before: RefundRow, after: RefundRow) -> list[Event]:
    acts = []
    if after.status in ACCEPTED and before.status not in ACCEPTED:
        acts.append(payment_event(actor, payment, "REFUND_CREATED", target_id=after.id))
    if after.status == "SUCCEEDED" and before.status != "SUCCEEDED":
        cents = str(after.amount_cents)
        acts.append(payment_event(actor, payment, "REFUND_COMPLETED", target_id=after.id, value_after=cents))
    if after.status in {"FAILED", "CANCELED"} and before.status not in {"FAILED", "CANCELED"}:
        acts.append(payment_event(actor, payment, "REFUND_FAILED", target_id=after.id, value_after=after.failure))
    return acts
