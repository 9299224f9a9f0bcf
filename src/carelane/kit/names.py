"""Names in the one form they are compared and searched in. What was typed is kept beside it."""

import re
import unicodedata

# Typed for one another in names such as O'Brien and Keli'i: quotation marks, primes, accents, and the letters of Hawaiian,
# Arabic and Maya names.
_APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u2018\u2019\u201b\u2032\u2035\u055a\ua78b\ua78c\uff07\uff40"
# Letters that show nothing: fillers of Korean, the empty braille cell.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
_DROPPED = str.maketrans("", "", _APOSTROPHES + _BLANK_LETTERS)
# Accents of European letters; the vowel signs of other scripts are not among them.
_ACCENTS = re.compile("[\u0300-\u036f]")


def fold_name(text: str) -> str:
    """`O'Brien`, `O\u2019BRIEN` and `O'Brien` with an invisible character in it are the same name; so are `José` and `jose`.

    The database's `fold_name` does the same to rows of before, as far as it can.
    """
    if text.isascii():
        folded = text.lower().translate(_DROPPED)
    else:
        bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text.translate(_DROPPED)).casefold()).translate(_DROPPED)
        folded = unicodedata.normalize("NFC", "".join(letter for letter in bare if _is_kept(letter)))
    return " ".join(folded.split())


def is_visible(text: str) -> bool:
    """Whether there is anything to read in it."""
    return any(unicodedata.category(letter)[0] in "LNPS" and letter not in _BLANK_LETTERS for letter in text)


def _is_kept(letter: str) -> bool:
    """Invisible characters are dropped; what divides words is not one."""
    return letter.isspace() or unicodedata.category(letter)[0] != "C"
