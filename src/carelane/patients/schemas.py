"""A patient on the wire (`user` of seed 000), and the rules its values must keep."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

import msgspec
import phonenumbers
from msgspec import Meta

from carelane.kit import clock
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.kit.us_addresses import is_state, zip_in_state

Name = Annotated[str, Meta(max_length=200)]
Line = Annotated[str, Meta(max_length=500)]


class GenderIn(StrEnum):
    """May be sent in any case; a field that was left empty says nothing."""

    MALE = "MALE"
    FEMALE = "FEMALE"
    OTHER = "OTHER"
    NOT_GIVEN = ""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        wanted = str(value).strip().upper()
        return next((member for member in cls if member.value == wanted), None)


_EMAIL = re.compile(r"[^\s\x00-\x1f\x7f@<>\"(),:;\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)
_NORTH_AMERICAN = re.compile(r"\+1\d{10}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class ShippingAddressIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    address_line1: Line | None = None
    address_line2: Line | None = None
    city: Name | None = None
    state: Name | None = None
    country: Name | None = None
    postal_code: Annotated[str, Meta(max_length=20)] | None = None


class VisitorIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The user of an abandoned cart: a name and an address to write to is all that may be known."""

    first_name: Name
    last_name: Name
    email: Annotated[str, Meta(max_length=320)]
    gender: GenderIn | None = None
    phone_number: Annotated[str, Meta(max_length=50)] | None = None
    dob: Annotated[str, Meta(max_length=50)] | None = None
    language_preferences: Annotated[list[Annotated[str, Meta(max_length=35)]], Meta(max_length=50)] | None = None
    shipping_address: ShippingAddressIn | None = None

    def __post_init__(self) -> None:
        """Blanks around an address were not meant, and a field that was left empty was not given."""
        msgspec.structs.force_setattr(self, "email", self.email.strip())
        for name in self._may_be_empty():
            if not (getattr(self, name) or "").strip():
                msgspec.structs.force_setattr(self, name, None)

    def _may_be_empty(self) -> tuple[str, ...]:
        return ("phone_number", "dob")


class PatientIn(VisitorIn, rename="camel", frozen=True, kw_only=True):
    """The user of a case a clinician will decide on."""

    phone_number: Annotated[str, Meta(max_length=50)]
    dob: Annotated[str, Meta(max_length=50)]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.phone_number.strip():
            raise ValueError("phoneNumber is required")

    def _may_be_empty(self) -> tuple[str, ...]:
        return ()


def broken_rules(user: VisitorIn) -> Iterator[FieldProblem]:
    """Values no profile accepts. The text says what would be accepted and never repeats the value."""
    if not user.first_name.strip():
        yield FieldProblem("user.firstName", "expected a name, not blank")
    if not user.last_name.strip():
        yield FieldProblem("user.lastName", "expected a name, not blank")
    if not is_email(user.email):
        yield FieldProblem("user.email", "expected an e-mail address such as name@example.com")
    if user.phone_number is not None and not is_e164(user.phone_number):
        yield FieldProblem("user.phoneNumber", "expected E.164: + and 2 to 15 digits, such as +12125550123")
    if user.dob is not None:
        born = parse_date(user.dob)
        if born is None:
            yield FieldProblem("user.dob", "expected a calendar date as YYYY-MM-DD")
        elif born > clock.now().date():
            yield FieldProblem("user.dob", "expected a date that is not in the future")


def doubts(user: VisitorIn) -> Iterator[FieldProblem]:
    """Well-formed values that cannot be right: kept as warnings in `compat`, refused in `strict`."""
    if user.phone_number is not None and not is_possible_number(user.phone_number):
        yield FieldProblem("user.phoneNumber", "expected a possible telephone number")
    address = user.shipping_address
    if address is None or (address.country or "US").upper() != "US":
        return
    state = (address.state or "").upper()
    if address.state and not is_state(state):
        yield FieldProblem("user.shippingAddress.state", "expected a US state code such as CA")
    elif address.state and address.postal_code and not zip_in_state(address.postal_code, state):
        yield FieldProblem("user.shippingAddress.postalCode", "expected a ZIP code that lies in the state")


def is_email(text: str) -> bool:
    """Whether `text` has the form of an e-mail address; whether it exists only a message can tell."""
    return len(text) <= 254 and ".." not in text and _EMAIL.fullmatch(text) is not None


def parse_date(text: str) -> date | None:
    """The calendar date that `text` spells as YYYY-MM-DD, or None."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def is_e164(text: str) -> bool:
    """Whether `text` has the form of an international telephone number: + and 2 to 15 digits."""
    return _E164.fullmatch(text) is not None


def is_possible_number(text: str) -> bool:
    """Whether an E.164 number has a length that its country gives out."""
    # Under +1 every number has ten digits; asking the library for so little takes fifty times as long.
    if text.startswith("+1"):
        return _NORTH_AMERICAN.fullmatch(text) is not None
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False
