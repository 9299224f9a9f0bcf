"""Identifiers: UUIDv7 for records, short letters for people."""

import os
import time
from datetime import datetime
from typing import Annotated
from uuid import UUID, uuid5

from msgspec import Meta

# How callers may name a record: anything that can be one step of a URL's path. In Python `$` fits before a last newline too.
RecordName = Annotated[str, Meta(min_length=1, max_length=128, pattern=r"^(?!\.{1,2}$)[^/\x00-\x1f\x7f]+$(?!\n)")]

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHORT_LENGTH = 6
_SHORT_COUNT = len(_LETTERS) ** _SHORT_LENGTH
# Any number coprime to 26 makes n -> n * factor + offset a permutation: short ids never repeat and do not look counted.
_SHORT_FACTOR = 185_410_671
_SHORT_OFFSET = 97_654_321


def uuid7() -> UUID:
    """A new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, 12 of their fraction (its method 3), then 62 random bits.

    What a process makes one after the other sorts so, within a millisecond too.
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    moment = milliseconds << 16 | 0x7 << 12 | (nanoseconds << 12) // 1_000_000
    return UUID(int=moment << 64 | 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2)


def least_id_at(moment: datetime) -> UUID:
    """No id that is made at that moment or later is below it."""
    return UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)


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


def record_id(organization_id: UUID, name: str) -> UUID:
    """The id of the record that callers of an organization call `name`, whether there is one or not.

    A UUID in its canonical spelling is the id itself. From any other name it is derived (RFC 9562, version 5), so that the
    same name is always the same record and no table of names is needed.
    """
    spelled = parse_uuid(name)
    return spelled if spelled is not None and str(spelled) == name else uuid5(organization_id, name)


def given_id(name: str | None) -> str | None:
    """What a record's row keeps of the name its caller chose: nothing when the name is the id."""
    spelled = parse_uuid(name) if name is not None else None
    return None if spelled is not None and str(spelled) == name else name
