"""The form in which a patient enters a card. No I/O."""

import re
from collections.abc import Mapping

import msgspec

from carelane.kit import clock
from carelane.payments.gateways.simulator.cards import is_valid_number
from carelane.payments.gateways.simulator.methods import CardData

_EXPIRY = re.compile(r"\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*")
_CVC = re.compile(r"\d{3,4}")
_CENTURY = 2_000


class Field(msgspec.Struct, kw_only=True):
    name: str
    label: str
    autocomplete: str
    type: str = "text"
    hint: str = ""
    is_number: bool = True
    is_short: bool = True
    value: str = ""
    problem: str = ""

    @property
    def describedby(self) -> str:
        parts = [f"{self.name}-{part}" for part in ("hint", "problem") if getattr(self, part)]
        return " ".join(parts)


def fields(*, asks_email: bool, typed: Mapping[str, str] | None = None) -> list[Field]:
    """With what was typed, but for the code, and what is wrong with it."""
    wanted = [
        Field(
            name="number",
            label="Card number",
            autocomplete="cc-number",
            is_short=False,
            hint="Such as 4242 4242 4242 4242",
        ),
        Field(name="expiry", label="Expiration", autocomplete="cc-exp", hint="MM / YY"),
        Field(name="cvc", label="Security code", autocomplete="cc-csc", hint="3 or 4 digits"),
    ]
    if asks_email:
        email = Field(name="email", label="Email", autocomplete="email", type="email", is_number=False, is_short=False)
        wanted.insert(0, email)
    for field in wanted if typed is not None else []:
        given = (typed or {}).get(field.name, "").strip()
        field.value = "" if field.name == "cvc" else given
        field.problem = _problem(field.name, given)
    return wanted


def card_data(typed: Mapping[str, str]) -> CardData:
    """Of a form without a problem."""
    month, year = _expiry(typed["expiry"]) or (12, _CENTURY)
    return CardData(number=_digits(typed["number"]), exp_month=month, exp_year=year, cvc=typed["cvc"].strip())


def _problem(name: str, given: str) -> str:
    match name:
        case "number":
            return "" if is_valid_number(_digits(given)) else "Your card number is incorrect."
        case "expiry":
            return _expiry_problem(given)
        case "cvc":
            return "" if _CVC.fullmatch(given) else "Your card's security code is incomplete."
        case _:
            return "" if re.fullmatch(r"[^@\s]+@[^@\s]+", given) else "Your email is incomplete."


def _expiry_problem(given: str) -> str:
    found = _expiry(given)
    if found is None:
        return "Your card's expiration date is incomplete."
    today = clock.now()
    return "Your card's expiration date is in the past." if (found[1], found[0]) < (today.year, today.month) else ""


def _expiry(given: str) -> tuple[int, int] | None:
    """The month and the year."""
    found = _EXPIRY.fullmatch(given)
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    return int(found[1]), int(found[2]) % _CENTURY + _CENTURY


def _digits(number: str) -> str:
    return re.sub(r"[\s-]", "", number)
