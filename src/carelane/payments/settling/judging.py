"""Where a payment stands: from all that is recorded of it, and the time. No I/O.

The same facts give the same judgement, whoever asks and however they became known; nothing is remembered but the facts.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from carelane.payments.queries import PaymentRow
from carelane.payments.settling.planning import (
    held,
    is_kept_only,
    next_step,
    open_attempt,
    processing,
    refundable_cents,
    taking_ends_at,
    unfinished,
)
from carelane.payments.settling.queries import Standing
from carelane.payments.states import (
    ACCEPTED,
    LASTING,
    NOT_OWED,
    OF_CARD,
    Policy,
    Stage,
    Status,
    decline_of,
    retry_wait,
)

_NOT_OURS = frozenset({"MODE_DIFFERS", "CURRENCY_DIFFERS", "AMOUNT_DIFFERS"})


def judge(standing: Standing, now: datetime, retry: timedelta) -> PaymentRow:
    """The payment with everything that follows from what is recorded. `retry`: how long an answer is waited for, at first."""
    payment = replace(_summed(standing), policy=_policy(standing))
    if _is_refused_at_desk(replace(standing, payment=payment)):
        payment = replace(payment, wanted="RETURN")
    stage, failure = _stage(replace(standing, payment=payment), now)
    payment = replace(payment, stage=stage, failure=failure)
    is_ended = payment.wanted == "RETURN" and stage == "DONE"
    payment = replace(payment, canceled_at=(payment.canceled_at or now) if is_ended else payment.canceled_at)
    payment = replace(payment, status=_status(replace(standing, payment=payment)))
    if payment.status == "PAID" and payment.paid_at is None:
        payment = replace(payment, paid_at=now)
    if payment.stage == "UNCHECKED":
        # Whoever verifies plans that.
        return payment
    step = next_step(replace(standing, payment=payment), now, retry)
    return replace(payment, next_step_at=step.at if step else None)


def _is_refused_at_desk(standing: Standing) -> bool:
    """A card that was to be charged while somebody waited, and was not: nothing is tried again when they are gone."""
    payment = standing.payment
    if payment.policy != "at_desk" or payment.wanted != "TAKE" or payment.captured_cents:
        return False
    is_open = open_attempt(standing) is not None or processing(standing) is not None
    return not is_open and any(
        one.kind == "CHARGE" and one.status in {"FAILED", "NEEDS_PATIENT"} for one in standing.attempts
    )


def _summed(standing: Standing) -> PaymentRow:
    return replace(
        standing.payment,
        captured_cents=_captured(standing),
        refunded_cents=min(_given(standing), _captured(standing)),
        disputed_cents=sum(one.amount_cents for one in standing.disputes if one.status != "WON"),
    )


def _captured(standing: Standing) -> int:
    return sum(intent.captured_cents for intent in standing.intents)


def _given(standing: Standing) -> int:
    """At the desk and by the gateway."""
    return sum(one.amount_cents for one in standing.refunds if one.status in ACCEPTED)


def _is_returned_twice(standing: Standing) -> bool:
    """The gateway does not know what the desk gave back of a card's payment, and gave that back once more."""
    return _given(standing) > _captured(standing)


def _policy(standing: Standing) -> Policy:
    """Where a hold ended unused, the saved card is charged instead; one that was declined never was."""
    tries = {one.intent_id for one in standing.attempts if one.kind == "HOLD" and one.status != "SUCCEEDED"}
    holds = [intent for intent in standing.intents if intent.id not in tries]
    is_gone = bool(holds) and all(intent.status == "canceled" for intent in holds)
    policy = standing.payment.policy
    return "charge_on_approval" if policy == "hold" and is_gone else policy


def _status(standing: Standing) -> Status:
    payment = standing.payment
    if is_kept_only(payment):
        return payment.status
    disputes = {dispute.status for dispute in standing.disputes}
    if "OPEN" in disputes:
        return "IN_DISPUTE"
    if "LOST" in disputes:
        return "LOST_DISPUTE"
    if payment.captured_cents and payment.refunded_cents >= payment.captured_cents:
        return "REFUND"
    return "PAID" if _is_paid(payment) else _status_unpaid(payment)


def _status_unpaid(payment: PaymentRow) -> Status:
    if payment.canceled_at is not None:
        return "CANCELED"
    return "ERROR" if payment.stage == "NEEDS_STAFF" and payment.failure in _NOT_OURS else "UNPAID"


def _is_paid(payment: PaymentRow) -> bool:
    """Nothing to pay is paid by the approval."""
    return payment.captured_cents >= payment.amount_cents and (payment.amount_cents > 0 or payment.wanted == "TAKE")


def _stage(standing: Standing, now: datetime) -> tuple[Stage, str | None]:
    payment = standing.payment
    kept = payment.captured_cents - payment.refunded_cents
    if is_kept_only(payment):
        return payment.stage, payment.failure
    if payment.wanted == "RETURN":
        return _while_returning(standing)
    if _is_lasting(standing, kept):
        return payment.stage, payment.failure
    if (twice := _twice(standing, kept)) is not None:
        return "NEEDS_STAFF", twice
    if _is_paid(payment):
        return "WAITING" if payment.wanted is None and payment.policy != "on_page" else "DONE", None
    return _while_unpaid(standing, now)


def _twice(standing: Standing, kept: int) -> str | None:
    """What was done once more than it should have been, and not undone."""
    if _is_returned_twice(standing):
        return "RETURNED_TWICE"
    if kept > standing.payment.amount_cents:
        return "PAID_TWICE"
    return "REFUND_FAILED" if _is_kept_unowed(standing) else None


def _is_kept_unowed(standing: Standing) -> bool:
    """What was not owed did not go back by itself, and neither did anybody give it back since nor the bank take it."""
    own = [one for one in standing.refunds if one.reason == NOT_OWED]
    is_failed = any(one.status in {"FAILED", "CANCELED"} for one in own)
    gone = sum(one.amount_cents for one in standing.refunds if one.status in ACCEPTED or one.status == "SENDING")
    return is_failed and gone + standing.payment.disputed_cents < sum(one.amount_cents for one in own)


def _is_lasting(standing: Standing, kept: int) -> bool:
    """What only a person ends; but what was taken twice is over when it was given back once, and what went back twice when one of
    the two came to nothing."""
    payment = standing.payment
    is_over = (payment.failure == "PAID_TWICE" and kept <= payment.amount_cents) or (
        payment.failure == "RETURNED_TWICE" and not _is_returned_twice(standing)
    )
    return payment.stage == "NEEDS_STAFF" and payment.failure in LASTING and not is_over


def _while_unpaid(standing: Standing, now: datetime) -> tuple[Stage, str | None]:
    payment = standing.payment
    if payment.captured_cents and held(standing) is None:
        return "NEEDS_STAFF", "PARTLY_CAPTURED"
    if payment.stage == "NEEDS_STAFF":
        return payment.stage, payment.failure
    if payment.policy == "on_page":
        return "WAITING", payment.failure
    return _while_approved(standing, now) if payment.wanted == "TAKE" else _while_undecided(standing)


def _while_returning(standing: Standing) -> tuple[Stage, str | None]:
    payment = standing.payment
    is_done = (
        open_attempt(standing) is None
        and all(intent.status in {"canceled", "succeeded"} for intent in standing.intents)
        and refundable_cents(payment) <= 0
        and all(refund.status not in {"SENDING", "SENT"} for refund in standing.refunds)
    )
    untold = payment.failure if _is_untold(standing) else "RETURNED_TWICE" if _is_returned_twice(standing) else None
    if is_done:
        return ("NEEDS_STAFF", untold) if untold else ("DONE", None)
    if payment.stage == "NEEDS_STAFF" and payment.failure not in LASTING:
        return payment.stage, payment.failure
    # What is ours goes back; what nobody can tell is kept in mind meanwhile, and stays with a person.
    return "RELEASING", untold


def _is_untold(standing: Standing) -> bool:
    """Whether there is money at the gateway that is not in the books. An open hold of another amount is: it can be released."""
    payment = standing.payment
    is_hold = any(one.amount_cents != payment.amount_cents and not one.captured_cents for one in standing.intents)
    return payment.failure in _NOT_OURS and not (payment.failure == "AMOUNT_DIFFERS" and is_hold)


def _while_undecided(standing: Standing) -> tuple[Stage, str | None]:
    """A hold that is gone leaves the saved card, or nothing: then another is asked for before anybody decides."""
    payment, intents = standing.payment, standing.intents
    if payment.policy == "hold" and open_attempt(standing) is None and held(standing) is None:
        # Of the card that was to hold the amount.
        if payment.decline_code is not None and decline_of(payment.decline_code) == "PATIENT" and unfinished(standing):
            return "NEEDS_PATIENT", "NOT_CONFIRMED"
        if payment.decline_code is not None:
            return "NEEDS_CARD", "DECLINED"
    is_gone = bool(intents) and all(intent.status == "canceled" for intent in intents)
    if is_gone and not _has_card(payment):
        return "NEEDS_CARD", "NO_CARD"
    # What intake let pass while the gateway was away, and the gateway refused since.
    if payment.failure == "REFERENCE_REFUSED" and not _has_card(payment):
        return "NEEDS_CARD", "REFERENCE_REFUSED"
    return "WAITING", None


def _while_approved(standing: Standing, now: datetime) -> tuple[Stage, str | None]:
    payment = standing.payment
    if open_attempt(standing) is not None:
        return "DUE", payment.failure
    if held(standing) is not None or processing(standing) is not None:
        return "DUE", None
    ends_at = taking_ends_at(payment)
    if ends_at is not None and now >= ends_at:
        return "NEEDS_STAFF", "UNPAID_TOO_LONG"
    if payment.decline_code is not None:
        return _after_decline(standing)
    if _is_to_be_confirmed(standing):
        return "NEEDS_PATIENT", "NOT_CONFIRMED"
    return ("DUE", None) if _has_card(payment) else ("NEEDS_CARD", "NO_CARD")


def _is_to_be_confirmed(standing: Standing) -> bool:
    """Not with a card that we tried before the patient gave another: late news of its intent does not stop the new one."""
    card = standing.payment.method_id
    former = {one.intent_id for one in standing.attempts if one.kind in OF_CARD and one.method_id not in {None, card}}
    return any(
        intent.status in {"requires_action", "requires_confirmation"} and intent.id not in former
        for intent in standing.intents
    )


def _after_decline(standing: Standing) -> tuple[Stage, str | None]:
    """What nobody can confirm any more, because its intent has ended, needs another card."""
    payment = standing.payment
    kind = decline_of(payment.decline_code or "")
    if kind == "PATIENT" and unfinished(standing) is not None:
        return "NEEDS_PATIENT", "NOT_CONFIRMED"
    may_try = kind == "SOFT" and retry_wait(payment.tries) is not None and _has_card(payment)
    return "DUE" if may_try else "NEEDS_CARD", "DECLINED"


def _has_card(payment: PaymentRow) -> bool:
    return payment.method_id is not None and payment.customer_id is not None
