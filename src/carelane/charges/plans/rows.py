"""What of an amount is for which instalment. No I/O."""

from collections.abc import Sequence


def spread(cents: int, each_cents: int, count: int) -> list[int]:
    """Over so many instalments of `each_cents`; what the last takes is the rest, and those that nothing is left for take nothing."""
    amounts = []
    for number in range(count):
        part = cents if number == count - 1 else min(each_cents, cents)
        amounts.append(part)
        cents -= part
    return amounts


def fill(cents: int, most: Sequence[int]) -> list[int]:
    """Over instalments of at most so much each, the first first. What is more than all of them is in none."""
    amounts = []
    for each in most:
        amounts.append(min(each, cents))
        cents -= amounts[-1]
    return amounts
