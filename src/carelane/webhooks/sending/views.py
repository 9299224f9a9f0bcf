"""What a receiver answered, as it is kept and shown. No I/O."""

import codecs
import unicodedata
from uuid import UUID

import msgspec

from carelane.kit.damage import DAMAGED, shown_as
from carelane.kit.db import Sealed
from carelane.kit.phi import DataKey, Phi

# The place that a sealed answer is bound to.
ANSWER = "webhook_attempts.answer_sealed"
MOST_CHARACTERS = 1_000
# As many as that takes at most, and one, so that it is known that there is more.
MOST_READ_BYTES = 4 * MOST_CHARACTERS + 1
# Other than letters, signs and spaces: what a terminal or a page would obey (control characters, directions of writing, line separators).
_OBEYED = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class KeptAnswer(Phi, msgspec.Struct, frozen=True):
    """How an answer begins. `is_cut`: there was more of it."""

    text: str
    is_cut: bool = False


def keep(said: bytes) -> KeptAnswer | None:
    """As the receiver sent it, but what is no text is U+FFFD. None: it said nothing."""
    if not said:
        return None
    # A character that the reading ended within is not a wrong one.
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(said, final=len(said) < MOST_READ_BYTES)
    text = text.replace("\r\n", "\n")
    return KeptAnswer("".join(map(_harmless, text[:MOST_CHARACTERS])), is_cut=len(text) > MOST_CHARACTERS)


def seal(key: DataKey, said: bytes, attempt_id: UUID) -> Sealed | None:
    """None: there is nothing to keep."""
    kept = keep(said)
    return Sealed(key.seal(msgspec.json.encode(kept), ANSWER, attempt_id)) if kept else None


def open_answer(key: DataKey, sealed: bytes | None, attempt_id: UUID) -> KeptAnswer | None:
    """One that does not open says so."""
    if sealed is None:
        return None
    return shown_as(key, sealed, ANSWER, attempt_id, KeptAnswer, KeptAnswer(DAMAGED))


def _harmless(character: str) -> str:
    if character in "\n\t":
        return character
    is_obeyed = unicodedata.category(character) in _OBEYED or character in _DIRECTIONS
    return "\N{REPLACEMENT CHARACTER}" if is_obeyed else character
