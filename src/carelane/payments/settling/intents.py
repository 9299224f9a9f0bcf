"""An intent of the gateway's, taken in: money that is held or taken."""

from uuid import UUID

import structlog
from msgspec.structs import replace

from carelane.events import Event
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.payments.gateways.protocol import Intent, IntentStatus
from carelane.payments.queries import PaymentRow
from carelane.payments.settling import posting, queries
from carelane.payments.settling.queries import AttemptRow, IntentRow, Standing
from carelane.payments.settling.refunds import new_refund
from carelane.payments.settling.saving import Taken, payment_event
from carelane.payments.states import NOT_OWED, OF_CARD, AttemptStatus, Failure, decline_of

# How far an intent has come. It never goes back from one rank to a lower; within the first it may go to and fro.
_RANK: dict[IntentStatus, int] = {
    "requires_payment_method": 0,
    "requires_confirmation": 0,
    "requires_action": 0,
    "processing": 0,
    "requires_capture": 1,
    "succeeded": 2,
    "canceled": 2,
}
_RELEASED: dict[IntentStatus, AttemptStatus] = {"canceled": "SUCCEEDED", "succeeded": "FAILED"}
# How events tell it, in the words of `Failure`: the gateway's code is for staff alone.
_FAILED_AS: dict[AttemptStatus, Failure] = {"FAILED": "DECLINED", "NEEDS_PATIENT": "NOT_CONFIRMED"}
AUTHENTICATION = "authentication_required"

log = structlog.get_logger()


async def take_intent(
    conn: Connection, actor: Actor, standing: Standing, seen: Intent, attempt_id: UUID | None
) -> Taken:
    payment = standing.payment
    known = next((one for one in standing.intents if one.gateway_id == seen.id), None)
    is_known = known is not None and known.gateway_account_id == payment.gateway_account_id
    if not is_known and not await _is_ours(conn, payment, seen):
        log.error("intent_of_another_payment", organization_id=str(payment.organization_id))
        return Taken()
    failure = _differs(payment, seen)
    if failure in {"MODE_DIFFERS", "CURRENCY_DIFFERS"}:
        # Nothing of it can be posted in these books: a person must look.
        return Taken(standing=replace(standing, payment=_left(payment, failure)))
    row = merged(payment, known, seen)
    await queries.save_intent(conn, row)
    spare_cents = await posting.post_intent(conn, actor, payment, known, row)
    if seen.captured_cents > row.captured_cents:
        failure = "AMOUNT_DIFFERS"
    standing = replace(standing, intents=[*(one for one in standing.intents if one is not known), row])
    standing, acts = await _take_attempts(conn, actor, standing, row, seen, attempt_id)
    payment = _with_card(standing.payment, seen)
    if spare_cents is not None and payment.case_id is None and not payment.captured_cents:
        payment = _judged(payment, is_spare=spare_cents == row.captured_cents)
        standing = await _give_back(conn, standing, row, spare_cents)
    has_dispute = bool(standing.disputes)
    return Taken(
        standing=replace(standing, payment=_left(payment, failure) if failure else payment),
        acts=acts,
        has_more_refunds=seen.refunded_cents != standing.given_cents(row.id),
        has_more_disputes=seen.is_disputed and not has_dispute,
    )


def _judged(payment: PaymentRow, *, is_spare: bool) -> PaymentRow:
    """Without a case, the first money itself says whether it is kept: what was called off is, if it is owed again."""
    if is_spare:
        return replace(payment, wanted="RETURN", decided_at=payment.decided_at or clock.now())
    if payment.wanted != "RETURN":
        return payment
    # What waits for no decision was wanted from the beginning.
    wanted, decided_at = (None, None) if payment.policy == "on_page" else ("TAKE", payment.decided_at)
    return replace(payment, wanted=wanted, decided_at=decided_at, canceled_at=None)


async def _give_back(conn: Connection, standing: Standing, row: IntentRow, spare_cents: int) -> Standing:
    """What paid nothing goes back by itself; it is written down with the money."""
    if not spare_cents:
        return standing
    refund = new_refund(standing.payment, row.id, spare_cents, NOT_OWED)
    await queries.save_refund(conn, refund)
    return standing.with_refund(refund)


def is_recorded(standing: Standing, seen: Intent, attempt_id: UUID | None) -> bool:
    """Whether taking it in would write nothing that is not there already."""
    payment = standing.payment
    known = next((one for one in standing.intents if one.gateway_id == seen.id), None)
    if known is None or known.gateway_account_id != payment.gateway_account_id or _differs(payment, seen):
        return False
    row, named = merged(payment, known, seen), {attempt_id, seen.attempt_id}
    about = (one for one in standing.attempts if one.id in named or one.intent_id == row.id)
    return (
        replace(row, updated_at=known.updated_at) == known
        and seen.captured_cents == row.captured_cents
        and seen.refunded_cents == standing.given_cents(row.id)
        and not (seen.is_disputed and not standing.disputes)
        and all(one.status in {"SUCCEEDED", "FAILED"} for one in about)
        and _with_card(payment, seen) == payment
    )


def merged(payment: PaymentRow, known: IntentRow | None, seen: Intent) -> IntentRow:
    """What is recorded of the intent with what was seen of it. What was captured once is not captured again."""
    now = clock.now()
    if known is None:
        assert payment.gateway_account_id is not None
        return IntentRow(
            organization_id=payment.organization_id,
            id=uuid7(),
            payment_id=payment.id,
            gateway_account_id=payment.gateway_account_id,
            gateway_id=seen.id,
            status=seen.status,
            amount_cents=seen.amount_cents,
            currency=seen.currency,
            capturable_cents=seen.capturable_cents,
            captured_cents=seen.captured_cents,
            refunded_cents=0,
            fee_cents=seen.fee_cents,
            hold_ends_at=seen.hold_ends_at,
            method_id=seen.method_id or seen.failed_method_id,
            created_at=seen.created_at,
            updated_at=now,
        )
    status = seen.status if _RANK[seen.status] >= _RANK[known.status] and _RANK[known.status] < 2 else known.status
    return replace(
        known,
        status=status,
        capturable_cents=seen.capturable_cents if status == "requires_capture" else 0,
        captured_cents=known.captured_cents or seen.captured_cents,
        fee_cents=known.fee_cents if known.fee_cents is not None else seen.fee_cents,
        hold_ends_at=seen.hold_ends_at or known.hold_ends_at,
        method_id=seen.method_id or seen.failed_method_id or known.method_id,
        updated_at=now,
    )


def attempt_after(attempt: AttemptRow, row: IntentRow, seen: Intent) -> AttemptRow:
    """What the intent says of a try to make it, to capture or to release it; unchanged if it says nothing yet."""
    made = replace(attempt, intent_id=row.id, gateway_id=attempt.gateway_id or row.gateway_id)
    if attempt.kind == "RELEASE":
        ended = _RELEASED.get(row.status)
        return _ended(made, ended) if ended else made
    if row.status == "succeeded":
        is_other = attempt.kind == "CAPTURE" and row.captured_cents != attempt.amount_cents
        return _ended(made, "FAILED", failure="somebody else captured it") if is_other else _ended(made, "SUCCEEDED")
    if row.status == "canceled":
        return _ended(made, "FAILED", failure="the gateway canceled it")
    if attempt.kind in {"CHECKOUT", "HOLD"} and row.status == "requires_capture":
        return _ended(made, "SUCCEEDED")
    return _charged(made, row, seen) if attempt.kind in OF_CARD else made


def _charged(attempt: AttemptRow, row: IntentRow, seen: Intent) -> AttemptRow:
    """A charge that has not come to its end at the gateway. Before the gateway has tried the card it says no code."""
    if row.status == "requires_action":
        return replace(attempt, status="NEEDS_PATIENT", decline_code=AUTHENTICATION, settled_at=clock.now())
    if row.status != "requires_payment_method" or seen.decline_code is None:
        return attempt
    kind = decline_of(seen.decline_code)
    if kind == "PATIENT" or (attempt.status == "NEEDS_PATIENT" and kind == "SOFT"):
        # With the patient there, the same intent can be confirmed once more.
        code = attempt.decline_code or seen.decline_code
        return replace(attempt, status="NEEDS_PATIENT", decline_code=code, settled_at=attempt.settled_at or clock.now())
    return _ended(attempt, "FAILED", code=seen.decline_code)


def _ended(
    attempt: AttemptRow, status: AttemptStatus, *, code: str | None = None, failure: str | None = None
) -> AttemptRow:
    if attempt.status in {"SUCCEEDED", "FAILED"}:
        return attempt
    return replace(attempt, status=status, decline_code=code, failure=failure, settled_at=clock.now())


async def _take_attempts(
    conn: Connection, actor: Actor, standing: Standing, row: IntentRow, seen: Intent, attempt_id: UUID | None
) -> tuple[Standing, list[Event]]:
    """Every try that this intent is about."""
    acts: list[Event] = []
    named = {attempt_id, seen.attempt_id}
    for before in standing.attempts:
        is_about = before.id in named or before.intent_id == row.id
        if before.kind == "REFUND" or before.status in {"SUCCEEDED", "FAILED"} or not is_about:
            continue
        after = attempt_after(before, row, seen)
        if after != before:
            await queries.save_attempt(conn, after)
            standing = standing.with_attempt(after)
        if after.status != before.status:
            standing = replace(standing, payment=card_after(standing.payment, after))
            acts += failed_events(actor, standing.payment, after)
    return standing, acts


def card_after(payment: PaymentRow, attempt: AttemptRow) -> PaymentRow:
    """What a charge's end says of the card; nothing of one that the patient gave since."""
    if attempt.kind not in OF_CARD or attempt.method_id not in {None, payment.method_id}:
        return payment
    if attempt.status == "SUCCEEDED":
        return replace(payment, decline_code=None)
    if attempt.decline_code is None:
        return payment
    is_soft = attempt.status == "FAILED" and decline_of(attempt.decline_code) == "SOFT"
    return replace(payment, decline_code=attempt.decline_code, tries=payment.tries + is_soft)


def failed_events(actor: Actor, payment: PaymentRow, attempt: AttemptRow) -> list[Event]:
    """That a card was declined. An attempt that was only called off is not reported; nor is why: events go to storefronts, and whoever
    holds a card that was reported stolen must not learn that from us."""
    if attempt.kind not in OF_CARD or attempt.decline_code is None or attempt.status not in {"FAILED", "NEEDS_PATIENT"}:
        return []
    return [payment_event(actor, payment, "PAYMENT_FAILED", value_after=_FAILED_AS[attempt.status])]


async def _is_ours(conn: Connection, payment: PaymentRow, seen: Intent) -> bool:
    """Not one that belongs to another payment, whoever says so."""
    if payment.gateway_account_id is None:
        return False
    owner = await queries.find_owner(conn, payment.organization_id, payment.gateway_account_id, seen.id)
    # What is recorded counts for more than metadata, which anybody can edit in the gateway's dashboard.
    return (owner or seen.payment_id or payment.id) == payment.id


def _differs(payment: PaymentRow, seen: Intent) -> Failure | None:
    if seen.is_test != payment.is_test:
        return "MODE_DIFFERS"
    if seen.currency != payment.currency:
        return "CURRENCY_DIFFERS"
    is_open = not seen.captured_cents and seen.status != "canceled"
    return "AMOUNT_DIFFERS" if is_open and seen.amount_cents != payment.amount_cents else None


def _left(payment: PaymentRow, failure: Failure) -> PaymentRow:
    return replace(payment, stage="NEEDS_STAFF", failure=failure)


def _with_card(payment: PaymentRow, seen: Intent) -> PaymentRow:
    """The card of a storefront's own intent can be charged later, if its hold comes to nothing."""
    if payment.method_id is not None or seen.method_id is None:
        return payment
    return replace(payment, method_id=seen.method_id, customer_id=payment.customer_id or seen.customer_id)
