"""Telephone numbers: what was typed, and the one form (E.164) they are compared, called and written to in."""

import re

import phonenumbers

# Numbers without a country code are of here.
HOME_REGION = "US"
LEAST_DIGITS, MOST_DIGITS = 7, 15

_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
# Under +1 neither the area nor the exchange begins with 0 or 1.
_NORTH_AMERICAN = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}", re.ASCII)
_NOT_DIGITS = re.compile(r"[^0-9]")


def is_e164(text: str) -> bool:
    """Whether `text` has the form of an international telephone number: + and 2 to 15 digits."""
    return _E164.fullmatch(text) is not None


def is_possible_number(text: str) -> bool:
    """Whether an E.164 number is one that its country may have given out."""
    # Asking the library for so little takes fifty times as long.
    if text.startswith("+1"):
        return _NORTH_AMERICAN.fullmatch(text) is not None
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def to_e164(text: str | None) -> str | None:
    """The number in E.164, without its extension. None: nobody can be called by what was typed.

    What is in E.164 already stays, possible or not: whoever wrote it so meant it so.
    """
    if not text or is_e164(text):
        return text or None
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        return None
    is_whole = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not is_whole:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def digits_of(text: str) -> str:
    return _NOT_DIGITS.sub("", text)
