"""Identifiers: UUIDv7 for records, short letters for people."""

import os
import time
from uuid import UUID

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHORT_LENGTH = 6
_SHORT_COUNT = len(_LETTERS) ** _SHORT_LENGTH
# Any number coprime to 26 makes n -> n * factor + offset a permutation: short ids never repeat and do not look counted.
_SHORT_FACTOR = 185_410_671
_SHORT_OFFSET = 97_654_321


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def short_id(prefix: str, number: int) -> str:
    """What staff say on the telephone, like `ADA-TOSXMB`: a different one for each number below 308,915,776."""
    if not 0 <= number < _SHORT_COUNT:
        raise ValueError(f"short ids are used up at {_SHORT_COUNT} cases")
    rest = (number * _SHORT_FACTOR + _SHORT_OFFSET) % _SHORT_COUNT
    letters = ""
    for _ in range(_SHORT_LENGTH):
        rest, letter = divmod(rest, len(_LETTERS))
        letters += _LETTERS[letter]
    return f"{prefix}-{letters}"


def parse_uuid(text: str) -> UUID | None:
    """The UUID that `text` spells in its usual 36 characters, or None."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
