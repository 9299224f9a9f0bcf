"""What staff can do about a payment, by where it stands. No I/O."""

from datetime import datetime

from msgspec.structs import replace

from carelane.payments.queries import PaymentRow
from carelane.payments.settling.planning import open_attempt, refundable_cents
from carelane.payments.settling.queries import Standing
from carelane.payments.states import LASTING, STOPPED, decline_of


def retry_refusal(standing: Standing) -> str | None:
    """Why it cannot be tried again now; None: it can."""
    payment = standing.payment
    if payment.method != "GATEWAY" or payment.stage == "UNVERIFIED":
        return "no gateway has anything to do with it"
    if payment.stage == "NEEDS_PATIENT":
        return "the patient must confirm it with their bank; nobody else can"
    if payment.stage in {"WAITING", "DONE"}:
        return f"the payment is {payment.stage}; there is nothing to try again"
    if payment.stage == "NEEDS_STAFF" and payment.failure in LASTING:
        return f"the payment is NEEDS_STAFF for {payment.failure}, which stays so however often it is tried"
    if payment.wanted != "RETURN" and payment.stage != "UNCHECKED" and open_attempt(standing) is None:
        return _card_refusal(payment)
    return None


def _card_refusal(payment: PaymentRow) -> str | None:
    if payment.failure == "REFUND_FAILED":
        return "what was not owed did not go back by itself; grant and send a refund"
    if payment.method_id is None:
        return "there is no card to try; the patient must give one"
    if payment.decline_code is not None and decline_of(payment.decline_code) == "HARD":
        return f"the card was declined for good ({payment.decline_code}); the patient must give another"
    return None


def tried_again(payment: PaymentRow, now: datetime) -> PaymentRow:
    """As if nothing had been tried yet; what it then needs, `judge` says."""
    if payment.stage == "UNCHECKED":
        return replace(payment, next_step_at=now)
    return replace(
        payment,
        stage="RELEASING" if payment.wanted == "RETURN" else "WAITING",
        failure=None,
        decline_code=None,
        tries=0,
        restarted_at=now,
    )


def resolve_refusal(standing: Standing, outcome: str) -> str | None:
    """Why it cannot be said to have ended so; None: it can."""
    payment = standing.payment
    if outcome == "LOOK_UP":
        is_open = payment.stage == "NEEDS_STAFF" and open_attempt(standing) is not None
        return (
            None
            if is_open
            else "nothing of it is unknown; only a payment with a try without an answer can be looked up"
        )
    if payment.stage not in STOPPED and not (payment.stage == "UNVERIFIED" and outcome == "PAID_ELSEWHERE"):
        return (
            f"the payment is {payment.stage}; only one that needs staff, a card or the patient can be ended by a person"
        )
    if outcome == "PAID_ELSEWHERE" and payment.case_id is None:
        return "the payment belongs to a charge, not to a case; give it up and settle the charge instead"
    if outcome == "PAID_ELSEWHERE" and not payment.amount_cents:
        return "nothing is to be paid"
    if refundable_cents(payment) > 0:
        return "the gateway has taken money for it; grant and send a refund first"
    return None


def given_up(payment: PaymentRow, now: datetime) -> PaymentRow:
    """Whatever turns up later goes back."""
    return replace(payment, wanted="RETURN", decided_at=now, stage="RELEASING", failure=None)
