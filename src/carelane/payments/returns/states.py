"""What of a payment can be given back, and why not. No I/O."""

from uuid import UUID

import msgspec

from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError
from carelane.payments.refunds.states import grantable_cents
from carelane.payments.settling.planning import is_disputed
from carelane.payments.settling.queries import Standing


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What is left of a payment: `over_cents` in credit that it brought, and `lefts` by charge. `most_cents`: no more than that together,
    for the rest is promised."""

    over_cents: int
    lefts: list[tuple[UUID, int]]
    most_cents: int

    @property
    def cents(self) -> int:
        return min(self.over_cents + sum(left for _, left in self.lefts), self.most_cents)


def promised_aside(standing: Standing) -> int:
    """The most that can be given back at once."""
    payment = standing.payment
    if payment.method == "GATEWAY":
        return grantable_cents(standing)
    return payment.captured_cents - payment.refunded_cents - payment.disputed_cents


def refuse_unreturnable(standing: Standing) -> None:
    """Raises ConflictError."""
    payment = standing.payment
    if payment.method == "REFERENCE":
        raise ConflictError("only a reference is kept of the payment; whoever took the money gives it back")
    if payment.method == "EXTERNAL" and payment.case_id is not None:
        raise ConflictError(
            "the payment is one of a case that was made elsewhere; its storefront says when it went back"
        )
    if is_disputed(standing):
        raise ConflictError("the payment is disputed; what the bank took back is not refunded as well")


def refuse_amount(amount_cents: int, left_cents: int) -> None:
    """Raises ConflictError when nothing is left, InvalidRequestError when less is."""
    if left_cents <= 0:
        raise ConflictError(
            "nothing is left of the payment: all of it went back, is in dispute, was promised or was spent"
        )
    if amount_cents > left_cents:
        problem = f"expected 1 to {left_cents}, which is left of the payment"
        raise InvalidRequestError(problems=[FieldProblem("amount", problem)])
