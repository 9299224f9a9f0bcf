"""What is next for a payment that was judged, and when. No I/O."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from carelane.payments.queries import PaymentRow
from carelane.payments.settling.queries import AttemptRow, IntentRow, Standing
from carelane.payments.states import (
    CAPTURE_MARGIN,
    LONGEST_UNPAID,
    NOT_THERE,
    OF_CARD,
    OPEN_ATTEMPT,
    RELEASE_BEFORE,
    retry_wait,
)

# CHECK: what intake could not verify.   LOOK_UP: what became of an attempt without an answer.   REFUND: send one.
# RETURN: make a refund of all that is left.   FETCH: what an intent looks like now.   JUDGE: time has passed, and that counts.
Act = Literal["CHECK", "LOOK_UP", "REFUND", "HOLD", "CAPTURE", "RELEASE", "CHARGE", "RETURN", "FETCH", "JUDGE"]

LONGEST_LOOK = timedelta(hours=1)
FETCH_AFTER = timedelta(minutes=10)
FEE_KNOWN_WITHIN = timedelta(days=1)
_MOST_DOUBLINGS = 12
# Of an intent that has come to nothing yet.
UNFINISHED = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"})


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done when; `id` is that of the attempt, the intent or the refund that it is about."""

    act: Act
    at: datetime
    id: UUID | None = None


def next_step(standing: Standing, now: datetime, retry: timedelta) -> Step | None:
    """What is ours to do next about a judged payment, if anything; not before `at`."""
    payment = standing.payment
    if payment.stage == "UNCHECKED":
        return Step(act="CHECK", at=now)
    if is_kept_only(payment):
        return None
    attempt = open_attempt(standing)
    if attempt is not None:
        is_left = payment.stage == "NEEDS_STAFF" and payment.failure == "OUTCOME_UNKNOWN"
        return None if is_left else Step(act="LOOK_UP", at=_look_at(standing, attempt, retry), id=attempt.id)
    sending = next((refund for refund in standing.refunds if refund.status == "SENDING"), None)
    if sending is not None:
        return Step(act="REFUND", at=now, id=sending.id)
    return min((*_steps(standing, now), *_fees(standing, now)), key=lambda step: step.at, default=None)


def open_attempt(standing: Standing) -> AttemptRow | None:
    """The one try whose outcome is not known; a page at the gateway's is nobody's try until it is paid."""
    return next(
        (one for one in standing.attempts if one.status in OPEN_ATTEMPT and one.kind != "CHECKOUT"),
        None,
    )


def held(standing: Standing) -> IntentRow | None:
    return next((intent for intent in standing.intents if intent.status == "requires_capture"), None)


def unfinished(standing: Standing) -> IntentRow | None:
    return next((intent for intent in standing.intents if intent.status in UNFINISHED), None)


def refundable_cents(payment: PaymentRow) -> int:
    return payment.captured_cents - payment.refunded_cents - payment.disputed_cents


def is_disputed(standing: Standing) -> bool:
    """While the bank has the money, nothing of it is refunded."""
    return any(dispute.status == "OPEN" for dispute in standing.disputes)


def taking_ends_at(payment: PaymentRow) -> datetime | None:
    """When a person is asked about an approved payment that is still unpaid."""
    if payment.decided_at is None:
        return None
    return max(payment.decided_at, payment.restarted_at or payment.decided_at) + LONGEST_UNPAID


def is_kept_only(payment: PaymentRow) -> bool:
    """No gateway is behind it, or nobody has asked the gateway yet."""
    return payment.method != "GATEWAY" or payment.stage in {"UNVERIFIED", "UNCHECKED"}


def processing(standing: Standing) -> IntentRow | None:
    return next((intent for intent in standing.intents if intent.status == "processing"), None)


def _look_at(standing: Standing, attempt: AttemptRow, retry: timedelta) -> datetime:
    """As long again after each time that it was sent, and longer still after tries that came to nothing."""
    lost = sum(one.failure == NOT_THERE for one in standing.attempts)
    doubled: timedelta = retry * 2 ** min(max(attempt.sends - 1, 0) + 2 * lost, _MOST_DOUBLINGS)
    return (attempt.sent_at or attempt.created_at) + min(doubled, LONGEST_LOOK)


def _steps(standing: Standing, now: datetime) -> Iterator[Step]:
    """Those of the stage; of two that are due at once the first comes first."""
    payment = standing.payment
    if payment.stage == "WAITING" and payment.wanted is None and payment.policy != "on_page":
        for intent in standing.intents:
            if intent.status == "requires_capture" and intent.hold_ends_at is not None:
                yield Step(act="RELEASE", at=max(now, intent.hold_ends_at - RELEASE_BEFORE), id=intent.id)
        if payment.policy == "hold" and is_to_be_held(standing):
            yield _holding(standing, now)
    elif payment.stage == "DUE":
        yield _taking(standing, now)
    elif payment.stage == "RELEASING":
        yield from _returning(standing, now)
    ends_at = taking_ends_at(payment)
    if payment.stage in {"DUE", "NEEDS_PATIENT", "NEEDS_CARD"} and ends_at is not None:
        yield Step(act="JUDGE", at=max(now, ends_at))


def _fees(standing: Standing, now: datetime) -> Iterator[Step]:
    """What the gateway keeps of a capture may be known a little later; of some it is never known."""
    for intent in standing.intents:
        if intent.captured_cents and intent.fee_cents is None and now < intent.created_at + FEE_KNOWN_WITHIN:
            yield _fetching(intent, now)


def _taking(standing: Standing, now: datetime) -> Step:
    hold, under_way = held(standing), processing(standing)
    if hold is not None:
        is_in_time = hold.hold_ends_at is None or now < hold.hold_ends_at - CAPTURE_MARGIN
        return Step(act="CAPTURE", at=now, id=hold.id) if is_in_time else _fetching(hold, now)
    if under_way is not None:
        return _fetching(under_way, now)
    at = _charge_at(standing, now)
    # One that was declined could still be confirmed from an old page: it is canceled before the card is charged anew.
    left = unfinished(standing)
    return Step(act="RELEASE", at=at, id=left.id) if left else Step(act="CHARGE", at=at)


def is_to_be_held(standing: Standing) -> bool:
    """A saved card, of which nothing is held or taken."""
    payment = standing.payment
    has_card = payment.method_id is not None and payment.customer_id is not None
    is_idle = all(one.status not in {"requires_capture", "processing", "succeeded"} for one in standing.intents)
    return has_card and is_idle and payment.amount_cents > 0


def _holding(standing: Standing, now: datetime) -> Step:
    """As with a charge, what was declined is made an end of before the next card is tried."""
    left = unfinished(standing)
    return Step(act="RELEASE", at=now, id=left.id) if left else Step(act="HOLD", at=now)


def _returning(standing: Standing, now: datetime) -> Iterator[Step]:
    left, under_way = unfinished(standing), processing(standing)
    if left is not None:
        yield Step(act="RELEASE", at=now, id=left.id)
    elif under_way is not None:
        yield _fetching(under_way, now)
    elif refundable_cents(standing.payment) > 0 and not is_disputed(standing):
        yield Step(act="RETURN", at=now)


def _fetching(intent: IntentRow, now: datetime) -> Step:
    return Step(act="FETCH", at=max(now, intent.updated_at + FETCH_AFTER), id=intent.id)


def _charge_at(standing: Standing, now: datetime) -> datetime:
    """Now, or when a card that was declined for a while is tried again."""
    payment = standing.payment
    wait = retry_wait(payment.tries) if payment.decline_code is not None else None
    declined = [one.settled_at for one in standing.attempts if one.kind in OF_CARD and one.settled_at is not None]
    return max(now, max(declined) + wait) if wait is not None and declined else now
