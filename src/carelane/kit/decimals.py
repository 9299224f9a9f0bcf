"""Quantities and percentages: decimals with few digits. Numbers that are longer are rounded, texts are taken exactly or refused."""

import re
from decimal import ROUND_HALF_UP, Decimal

MAX_DECIMALS = 6
MAX_PERCENTAGE = 100
_FINEST = Decimal(1).scaleb(-MAX_DECIMALS)
# Python's own reading takes underscores, blanks, exponents, signs, digits of any script and words such as NaN.
_PLAIN = re.compile(r"[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)


def plain_decimal(text: str) -> Decimal:
    """`15`, `15.90`: digits and a point. Raises ValueError for whatever else Python would read as a number."""
    if _PLAIN.fullmatch(text) is None:
        raise ValueError("expected a number in digits such as 99.99")
    return Decimal(text)


def is_within(value: Decimal, most: int) -> bool:
    """Whether `value` lies from 0 to `most` (below a billion) and has at most MAX_DECIMALS decimals that are not zero."""
    if not value.is_finite() or not 0 <= value <= most:
        return False
    # Comparing is exact, however many digits were sent.
    return value.quantize(_FINEST) == value


def decimal_of(number: float) -> Decimal:
    """A JSON number as it was written: its shortest spelling, which up to 15 digits is the caller's own; `-0.0` is 0."""
    return Decimal(repr(number + 0.0))


def rounded_decimal(number: float) -> Decimal:
    """A quantity or percentage of JSON with at most MAX_DECIMALS decimals: a third of 100 is sent as 33.333333333333336."""
    exact = decimal_of(number)
    return exact.quantize(_FINEST, ROUND_HALF_UP) if number % 1 else exact
