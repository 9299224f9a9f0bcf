"""A patient on the wire (`user` of seed 000), and the rules its values must keep."""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from carelane.kit import clock
from carelane.kit.emails import is_email
from carelane.kit.errors import FieldProblem
from carelane.kit.names import is_visible
from carelane.kit.phi import Phi
from carelane.kit.phones import is_e164, is_possible_number
from carelane.kit.us_addresses import has_us_mail, is_state, zip_in_state

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


# Nobody has become older than 122.
MAX_AGE_YEARS = 130

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
    if not is_visible(user.first_name):
        yield FieldProblem("user.firstName", "expected a name that can be read")
    if not is_visible(user.last_name):
        yield FieldProblem("user.lastName", "expected a name that can be read")
    if user.phone_number is not None and not is_possible_number(user.phone_number):
        yield FieldProblem("user.phoneNumber", "expected a possible telephone number")
    born = parse_date(user.dob) if user.dob is not None else None
    if born is not None and not is_birth_date(born):
        yield FieldProblem("user.dob", f"expected a date at most {MAX_AGE_YEARS} years ago")
    address = user.shipping_address
    if address is not None and has_us_mail(address.country):
        yield from us_doubts(address.state, address.postal_code, "user.shippingAddress.", "postalCode")


def us_doubts(state: str | None, postal_code: str | None, prefix: str, postal_field: str) -> Iterator[FieldProblem]:
    """What cannot be right about an address in the United States."""
    code = (state or "").strip().upper()
    if code and not is_state(code):
        yield FieldProblem(f"{prefix}state", "expected a US state code such as CA")
    elif code and postal_code and not zip_in_state(postal_code.strip(), code):
        yield FieldProblem(f"{prefix}{postal_field}", "expected a ZIP code that lies in the state")


def parse_date(text: str) -> date | None:
    """The calendar date that `text` spells as YYYY-MM-DD, or None."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def is_birth_date(born: date) -> bool:
    """Whether somebody born on that day can be alive."""
    return born.year >= clock.now().year - MAX_AGE_YEARS
