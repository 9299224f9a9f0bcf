"""Quantities and percentages: decimals with few digits, taken as they are sent or refused."""

from decimal import Decimal

from carelane.kit.errors import FieldProblem

MAX_DECIMALS = 6
MAX_PERCENTAGE = 100
_FINEST = Decimal(1).scaleb(-MAX_DECIMALS)


def is_within(value: Decimal, most: int) -> bool:
    """Whether `value` lies from 0 to `most` (below a billion) and has at most MAX_DECIMALS decimals that are not zero."""
    if not value.is_finite() or not 0 <= value <= most:
        return False
    # Comparing is exact, however many digits were sent.
    return value.quantize(_FINEST) == value


def expected_within(most: int) -> str:
    """What `is_within` accepts, in words."""
    return f"expected a number from 0 to {most:,} with at most {MAX_DECIMALS} decimals"


def decimal_of(number: float) -> Decimal:
    """A JSON number as it was written: its shortest spelling, which up to 15 digits is the caller's own; `-0.0` is 0."""
    return Decimal(repr(number + 0.0))


def decimals_problem(number: float, field: str) -> list[FieldProblem]:
    if number % 1 == 0:
        return []
    exponent = decimal_of(number).normalize().as_tuple().exponent
    is_fine = isinstance(exponent, int) and -exponent <= MAX_DECIMALS
    return [] if is_fine else [FieldProblem(field, f"expected at most {MAX_DECIMALS} decimals")]
