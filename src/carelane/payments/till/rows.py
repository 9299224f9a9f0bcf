"""How what was handed over is spread over charges. No I/O."""

from collections.abc import Sequence

from carelane.charges.owed.queries import LockedCharge
from carelane.kit.errors import FieldProblem, InvalidRequestError

Shares = list[tuple[LockedCharge, int]]


def allocate(amount_cents: int, charges: Sequence[LockedCharge]) -> tuple[Shares, int]:
    """One charge after the other is paid, as far as it reaches; and what is left over."""
    shares, left = [], amount_cents
    for charge in charges:
        part = min(charge.outstanding_cents, left)
        if part:
            shares.append((charge, part))
            left -= part
    return shares, left


def refuse_over(field: FieldProblem, over_cents: int, asked_cents: int | None) -> None:
    """What is more than is owed becomes credit only where the caller says so, to the cent. Raises InvalidRequestError."""
    if over_cents == (asked_cents or 0):
        return
    if over_cents:
        hint = f"or credit_overpayment_amount={over_cents}, which makes credit of what is more than that"
        raise InvalidRequestError(problems=[FieldProblem(field.field, f"{field.problem}; {hint}", field.where)])
    problem = "expected 0 or nothing: no more is paid than is owed"
    raise InvalidRequestError(problems=[FieldProblem("credit_overpayment_amount", problem, "query")])
