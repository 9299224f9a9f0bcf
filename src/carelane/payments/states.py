"""The words of payments, and what a card's refusal means. No I/O.

    UNVERIFIED                                    only a reference is kept; no money moves
    UNCHECKED ──> WAITING ──approved──> DUE ──> DONE
                     │                 │ ^
                     │                 v │
                     │   NEEDS_PATIENT, NEEDS_CARD, NEEDS_STAFF
                     └──rejected, closed──> RELEASING ──> DONE

`stage` says where a payment stands here, `status` is the dialects' word for it; both follow from what is recorded of it
(`settling/judging.py`).
"""

from datetime import timedelta
from typing import Literal

# UNVERIFIED: only a reference is kept. UNCHECKED: the gateway was down at intake, the worker verifies. WAITING: for the
# decision, or for the patient on a page. DUE: the worker charges or captures. RELEASING: the worker gives everything back.
# NEEDS_PATIENT: the patient must confirm the same intent. NEEDS_CARD: another card is asked for. NEEDS_STAFF: a person decides.
Stage = Literal[
    "UNVERIFIED",
    "UNCHECKED",
    "WAITING",
    "DUE",
    "RELEASING",
    "NEEDS_PATIENT",
    "NEEDS_CARD",
    "NEEDS_STAFF",
    "DONE",
]
Status = Literal["UNPAID", "PAID", "CANCELED", "IN_DISPUTE", "LOST_DISPUTE", "REFUND", "ERROR"]
Method = Literal["GATEWAY", "CASH", "EXTERNAL", "CREDIT", "REFERENCE"]
Policy = Literal["charge_on_approval", "hold", "unverified", "on_page", "at_desk", "instalment"]
# Payments of a plan, and those that may be its first.
OF_PLANS: frozenset[Policy] = frozenset({"instalment", "at_desk"})
# What the decision asks for: that the money is taken, or that all of it goes back.
Wanted = Literal["TAKE", "RETURN"]
AttemptKind = Literal["HOLD", "CHARGE", "CAPTURE", "RELEASE", "REFUND", "CHECKOUT"]
AttemptStatus = Literal["SENT", "SUCCEEDED", "FAILED", "UNKNOWN", "NEEDS_PATIENT"]
RefundStatus = Literal["GRANTED", "SENDING", "SENT", "SUCCEEDED", "FAILED", "CANCELED"]
# HARD: this card never again. SOFT: later, perhaps. PATIENT: with the patient's confirmation.
Decline = Literal["HARD", "SOFT", "PATIENT"]
# Why a payment does not go on, in our words. What the gateway said stands beside it in `decline_code`.
Failure = Literal[
    "DECLINED",
    "NO_CARD",
    "NOT_CONFIRMED",
    # By the gateway, when it was asked later; whoever brought it may bring another.
    "REFERENCE_REFUSED",
    # From here on a person must look.
    "MODE_DIFFERS",
    "CURRENCY_DIFFERS",
    "AMOUNT_DIFFERS",
    "PAID_TWICE",
    "PARTLY_CAPTURED",
    "OUTCOME_UNKNOWN",
    "REFUSED",
    "REFUND_FAILED",
    "REFUNDED",
    "UNPAID_TOO_LONG",
    "NO_GATEWAY",
    "REFERENCE_USED",
    "MONEY_GONE",
    # At the desk, and once more by whoever has the gateway's dashboard: more than was ever taken.
    "RETURNED_TWICE",
    # It was paid elsewhere, which is not so after all; nobody expects that the card is charged now.
    "ELSEWHERE_CANCELED",
]

# The patient can move it, on the payment's page.
WITH_PATIENT: frozenset[Stage] = frozenset({"NEEDS_PATIENT", "NEEDS_CARD"})
# The worker does nothing more by itself: the patient or staff must act.
STOPPED: frozenset[Stage] = frozenset({"NEEDS_PATIENT", "NEEDS_CARD", "NEEDS_STAFF"})
# Nothing that is done again by itself makes these good.
LASTING: frozenset[str] = frozenset(
    {
        "MODE_DIFFERS",
        "CURRENCY_DIFFERS",
        "AMOUNT_DIFFERS",
        "PAID_TWICE",
        "PARTLY_CAPTURED",
        "REFUNDED",
        "MONEY_GONE",
        "RETURNED_TWICE",
    }
)
# A card is asked for, and none was declined.
NOT_TRIED: frozenset[str] = frozenset({"NO_CARD", "REFERENCE_REFUSED"})
# Tries of a saved card: to hold the amount until the decision, or to take it.
OF_CARD: frozenset[AttemptKind] = frozenset({"HOLD", "CHARGE"})
OPEN_ATTEMPT: frozenset[AttemptStatus] = frozenset({"SENT", "UNKNOWN"})

# Why the worker gives back what a card was charged, or was paid on a page, when less was owed than it brought.
NOT_OWED = "not_owed"

# The gateway has the refund: the money is on its way, and stands in the books as gone.
ACCEPTED: frozenset[RefundStatus] = frozenset({"SENT", "SUCCEEDED"})

# Between the first try and each of the three that follow a soft decline: five days between the first and the last.
RETRY_WAITS = (timedelta(days=1), timedelta(days=2), timedelta(days=2))
# Approved, and still unpaid: a person is asked.
LONGEST_UNPAID = timedelta(days=7)
# A gateway forgets keys after a day; what is older is never sent again.
RESEND_FOR = timedelta(hours=20)
# Sent so often under one key, and not there after each: the gateway keeps answering that key with its own error. A new try has a
# new one.
MOST_SENDS = 4
NOT_THERE = "not there, however often it was sent"
# A hold that nobody decided on by then is released, and the saved card is charged after the decision.
RELEASE_BEFORE = timedelta(hours=6)
# The case goes up in the queue (payment_intents.hold_ends_at is what it looks at).
HURRY_BEFORE = timedelta(hours=24)
# A capture that would arrive this close to the end is not tried.
CAPTURE_MARGIN = timedelta(minutes=2)

_PATIENT = frozenset(
    {"authentication_required", "authentication_not_handled", "offline_pin_required", "online_or_offline_pin_required"}
)
# The bank or the card network forbids to try again, or the card will never be good again.
_HARD = frozenset({
    "account_closed", "bank_account_closed", "card_not_supported", "currency_not_supported", "do_not_try_again",
    "expired_card", "fraudulent", "highest_risk_level", "incorrect_address", "incorrect_cvc", "incorrect_number",
    "incorrect_zip", "invalid_account", "invalid_cvc", "invalid_expiry_month", "invalid_expiry_year", "invalid_number",
    "lost_card", "merchant_blacklist", "new_account_information_available", "no_account", "not_permitted",
    "payment_method_not_available", "pickup_card", "previously_declined_do_not_retry", "restricted_card",
    "revocation_of_all_authorizations", "revocation_of_authorization", "security_violation", "stolen_card",
    "stop_payment_order", "testmode_decline", "transaction_not_allowed", "unsupported_card", "card_velocity_blocked",
})  # fmt: skip


def decline_of(code: str) -> Decline:
    """What a decline code of the gateway's asks for. One that nobody here knows is soft: few tries, then another card."""
    known = code.strip().lower()
    if known in _PATIENT:
        return "PATIENT"
    return "HARD" if known in _HARD else "SOFT"


def retry_wait(tries: int) -> timedelta | None:
    """How long after soft decline number `tries` (from 1) the card is tried again; None: never, another card is asked for."""
    return RETRY_WAITS[tries - 1] if 1 <= tries <= len(RETRY_WAITS) else None
