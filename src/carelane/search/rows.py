"""From what was typed to the tokens that it may be, or be the beginning of. No I/O.

`Marisol Ten`       n:marisol ten, n:ten marisol
`marisol.ten`       n:marisol ten, n:ten marisol, m:marisol.ten
`(503) 555-01`      t:50355501, i:50355501
`ADA-TOSXMB`        n:ada tosxmb, n:tosxmb ada, m:ada-tosxmb, i:adatosxmb
"""

import re
import unicodedata
from uuid import UUID

import msgspec

from carelane.kit.emails import mailbox_of
from carelane.kit.ids import parse_uuid
from carelane.kit.names import fold_name
from carelane.kit.phi import Phi
from carelane.kit.phones import digits_of, to_e164
from carelane.search.schemas import KINDS, Kind

# As `search_names` of migration 0027.
_BETWEEN_WORDS = re.compile('[ .,;:/_()"\u00b7\u2010-\u2015-]+')
# What is pasted may hold line ends and tabs; no token holds any, and PostgreSQL takes no NUL.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_NOT_CODE = re.compile("[^a-z0-9]")
_PHONE = re.compile(r"[+(0-9][0-9 ().+/-]*", re.ASCII)
_NAME_CHARACTERS = 100
_PHONE_DIGITS = 20
_EMAIL_CHARACTERS = 320
# Shorter ones are the beginnings of too many.
_LEAST_DIGITS = 3
_LEAST_CODE = 3


class Wanted(Phi, msgspec.Struct, frozen=True):
    """What to look for. `record_id`: what was typed is itself an id of ours. `code`: it may be one that people copy."""

    kinds: list[Kind]
    beginnings: list[str]
    words: list[str]
    record_id: UUID | None
    code: str | None


def read_query(text: str, kinds: frozenset[Kind]) -> Wanted:
    """`kinds`: those that may be found. A beginning is looked for once for each kind that can have it."""
    typed = _CONTROL.sub(" ", unicodedata.normalize("NFC", text)).strip()
    record_id = parse_uuid(typed)
    code = _NOT_CODE.sub("", typed.lower())[:_NAME_CHARACTERS]
    has_code = len(code) >= _LEAST_CODE and typed.isascii() and "@" not in typed
    words = [] if record_id or "@" in typed else _words(typed)
    wanted: list[tuple[Kind, str]] = []
    if "patient" in kinds and record_id is None:
        wanted.extend(("patient", token) for token in _of_person(typed, words))
    if has_code and record_id is None:
        wanted.extend((kind, f"i:{code}") for kind in KINDS if kind in kinds)
    return Wanted(
        kinds=[kind for kind, _ in wanted],
        beginnings=[token for _, token in wanted],
        words=[f"n:{word}" for word in words] if "patient" in kinds and len(words) > 1 else [],
        record_id=record_id,
        code=f"i:{code}" if has_code else None,
    )


def _of_person(typed: str, words: list[str]) -> list[str]:
    # As it was typed, and from each of the other words on: both of `michael smith` begin many names, `smith michael` few.
    names = (" ".join(words[first:] + words[:first]) for first in range(len(words)))
    tokens = [f"n:{name[:_NAME_CHARACTERS]}" for name in dict.fromkeys(names)]
    if typed and not any(letter.isspace() for letter in typed):
        tokens.append(f"m:{mailbox_of(typed)[:_EMAIL_CHARACTERS]}")
    if _PHONE.fullmatch(typed):
        numbers = {digits_of(typed), digits_of(to_e164(typed) or "")}
        tokens += [f"t:{number[:_PHONE_DIGITS]}" for number in sorted(numbers) if len(number) >= _LEAST_DIGITS]
    return tokens


def _words(typed: str) -> list[str]:
    return _BETWEEN_WORDS.sub(" ", fold_name(typed)).split()[:8]
