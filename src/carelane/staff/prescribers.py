"""The check digits of the numbers by which prescribers in the United States are known."""

import re

_NPI = re.compile(r"\d{10}", re.ASCII)
_DEA = re.compile(r"[A-Z][A-Z9]\d{7}", re.ASCII)
# What stands before an NPI when its check digit is computed: the United States, health.
_NPI_PREFIX = "80840"


def is_npi(text: str) -> bool:
    """Whether `text` is ten digits that end with the right check digit (Luhn, with the prefix 80840)."""
    if not _NPI.fullmatch(text):
        return False
    digits = [int(digit) for digit in reversed(_NPI_PREFIX + text)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def is_dea(text: str) -> bool:
    """Whether `text` is two letters and seven digits that end with the right check digit."""
    if not _DEA.fullmatch(text):
        return False
    digits = [int(digit) for digit in text[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]
