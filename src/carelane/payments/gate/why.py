"""What an order waits for, while it waits for money. No I/O."""

from carelane.payments.gate.queries import PaymentWait
from carelane.payments.states import NOT_TRIED

# What a payment waits for, by its stage (payments/states.py).
_WAITS: dict[str, str] = {
    "UNVERIFIED": "no gateway confirms it, and nobody said that it was made elsewhere",
    "UNCHECKED": "the gateway was out of reach when the case came; it is looked up again",
    "WAITING": "the patient has not confirmed it yet, or nobody has decided on the case",
    "DUE": "the card is being charged",
    "RELEASING": "it is being given back",
    "NEEDS_PATIENT": "the patient must confirm it with their bank",
    "NEEDS_CARD": "the patient must give another card",
    "NEEDS_STAFF": "a person must say how it ended",
    "DONE": "it has ended",
}
# Where it has ended, but not paid.
_ENDED: dict[str, str] = {
    "CANCELED": "it was ended before anything was paid",
    "REFUND": "all that was paid was given back",
}


def payment_waits_for(wait: PaymentWait) -> str:
    """One sentence without health information."""
    words = _WAITS.get(wait.stage, "it has not been made")
    if wait.stage == "NEEDS_CARD" and wait.failure in NOT_TRIED:
        words = "the patient must give a card; none was charged"
    if wait.stage == "DONE":
        words = _ENDED.get(wait.status, words)
    if wait.stage == "NEEDS_STAFF" and wait.failure is not None:
        words = f"{words} ({wait.failure})"
    return f"the payment of the case, which is {wait.status}: {words}"
