"""Whether, and how much of, a payment can be refunded. No I/O."""

from carelane.kit.money import decimal_string
from carelane.payments.settling.planning import is_disputed, refundable_cents
from carelane.payments.settling.queries import Standing

_PROMISED = frozenset({"GRANTED", "SENDING"})


def grantable_cents(standing: Standing) -> int:
    """What was captured, less what went back, is in dispute, was granted or is being sent."""
    if standing.payment.method != "GATEWAY":
        return 0
    return max(refundable_cents(standing.payment) - _promised(standing, _PROMISED), 0)


def refusal(standing: Standing) -> str | None:
    """Why nothing of it can be granted; None: it can."""
    payment = standing.payment
    if payment.method != "GATEWAY":
        return f"the payment is {payment.method}: what a gateway did not take goes back the way it came"
    if is_disputed(standing):
        return "the payment is disputed; what the bank took back is not refunded as well"
    if grantable_cents(standing) <= 0:
        return "nothing is left: all that was captured went back, is in dispute or was granted already"
    return None


def sending_refusal(standing: Standing, amount_cents: int) -> str | None:
    """Why a granted refund cannot be sent; None: it can."""
    if is_disputed(standing):
        return "the payment is disputed; what the bank took back is not refunded as well"
    left = refundable_cents(standing.payment) - _promised(standing, frozenset({"SENDING"}))
    if amount_cents > left:
        most = decimal_string(max(left, 0), standing.payment.currency)
        return f"only {most} is left of what was captured; cancel it, and grant another"
    return None


def most_at_once(standing: Standing) -> int:
    """One refund takes from one capture: the most that is left of any."""
    lefts = [intent.captured_cents - intent.refunded_cents for intent in standing.intents]
    return min(grantable_cents(standing), max(lefts, default=0))


def _promised(standing: Standing, statuses: frozenset[str]) -> int:
    return sum(refund.amount_cents for refund in standing.refunds if refund.status in statuses)
