"""Is it the patient? What the page asks for, and whether the answer is right. Pure.

Asked for are the last name and the date of birth; where no date is known, the last four digits of the phone number; of what
is not known, nothing. Who knows neither date nor number is not asked: the clinic's people can be.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date

import msgspec

from carelane.kit.phi import Phi

PHONE_DIGITS = 4


class Known(Phi, msgspec.Struct, frozen=True):
    """What we know of the patient, as it is compared. Empty: not known."""

    last_name: str
    birth: date | None
    phone_digits: str

    @property
    def asks_birth(self) -> bool:
        return self.birth is not None

    @property
    def asks_name(self) -> bool:
        return self.last_name != ""

    @property
    def can_be_asked(self) -> bool:
        return self.birth is not None or self.phone_digits != ""


class UnreadableError(Exception):
    """The form was not filled in so that it could be right; that is no try."""


def known_of(last_name: str | None, birth: date | None, phone_number: str | None) -> Known:
    return Known(plain_name(last_name or ""), birth, _last_digits(phone_number or ""))


def is_right(known: Known, form: Mapping[str, str]) -> bool:
    """Raises UnreadableError, whose text is for the reader."""
    is_same = _birth_of(form) == known.birth if known.asks_birth else _digits_of(form) == known.phone_digits
    if not known.asks_name:
        return is_same
    name = plain_name(form.get("last_name", ""))
    if not name:
        raise UnreadableError("Enter your last name.")
    return name == known.last_name and is_same


def plain_name(name: str) -> str:
    """`De la Peña-Ruiz` and `de la pena ruiz` are the same name."""
    split = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in split if letter.isalnum())


def _birth_of(form: Mapping[str, str]) -> date:
    try:
        year, month, day = (int(form.get(name, "").strip()) for name in ("year", "month", "day"))
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise UnreadableError("Enter your date of birth as numbers, the year with four digits.") from None


def _digits_of(form: Mapping[str, str]) -> str:
    digits = form.get("phone_digits", "").strip()
    if len(digits) != PHONE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise UnreadableError("Enter the last four digits of your phone number.")
    return digits


def _last_digits(phone_number: str) -> str:
    digits = "".join(letter for letter in phone_number if letter.isascii() and letter.isdigit())
    return digits[-PHONE_DIGITS:] if len(digits) >= PHONE_DIGITS else ""
