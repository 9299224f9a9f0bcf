"""What may be said of a profile, and the rules its values must keep."""

import re
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit import clock
from carelane.kit.errors import FieldProblem
from carelane.kit.names import is_visible
from carelane.kit.phi import Phi
from carelane.kit.phones import is_e164, to_e164
from carelane.kit.texts import is_blank
from carelane.kit.us_addresses import has_us_mail, is_po_box, is_state
from carelane.patients.schemas import MAX_AGE_YEARS, GenderIn, Line, Name, is_birth_date, parse_date

Phone = Annotated[str, Meta(max_length=50)]
Day = Annotated[str, Meta(max_length=50, description="YYYY-MM-DD")]
PostalCode = Annotated[str, Meta(max_length=20)]
HealthText = Annotated[str, Meta(max_length=10_000)]
Language = Annotated[str, Meta(min_length=1, max_length=35)]
Languages = Annotated[list[Language], Meta(max_length=50)]

_TWO_LETTERS = re.compile(r"[A-Za-z]{2}", re.ASCII)
_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)


class ProfileIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is left out stays as it is; null removes it."""

    first_name: Name | UnsetType = UNSET
    last_name: Name | UnsetType = UNSET
    dob: Day | UnsetType = UNSET
    gender: GenderIn | UnsetType = UNSET
    phone_number: Phone | UnsetType = UNSET
    address: Line | UnsetType | None = UNSET
    address2: Line | UnsetType | None = UNSET
    city: Name | UnsetType | None = UNSET
    state: Name | UnsetType = UNSET
    country: Name | UnsetType = UNSET
    postal_code: PostalCode | UnsetType | None = UNSET
    allergies: HealthText | UnsetType | None = UNSET
    health_conditions: HealthText | UnsetType | None = UNSET
    current_medications: HealthText | UnsetType | None = UNSET
    language_preferences: Languages | UnsetType = UNSET


def profile_problems(profile: ProfileIn, prefix: str = "") -> Iterator[FieldProblem]:
    """Values no profile accepts; the texts never repeat a value."""
    yield from _person_problems(profile, prefix)
    yield from _address_problems(profile, prefix)
    if profile.phone_number is not UNSET and to_e164(profile.phone_number.strip()) is None:
        yield FieldProblem(f"{prefix}phoneNumber", "expected a telephone number, such as +12125550123")
    languages = profile.language_preferences
    if languages is not UNSET and len({language.strip().upper() for language in languages}) < len(languages):
        yield FieldProblem(f"{prefix}languagePreferences", "expected each language once")


def storefront_problems(profile: ProfileIn, prefix: str) -> Iterator[FieldProblem]:
    """What is asked of a storefront beyond that."""
    if profile.phone_number is not UNSET and not is_e164(profile.phone_number.strip()):
        yield FieldProblem(f"{prefix}phoneNumber", "expected E.164: + and 2 to 15 digits, such as +12125550123")
    country = None if profile.country is UNSET else profile.country
    code = profile.postal_code
    if isinstance(code, str) and has_us_mail(country) and not _ZIP.fullmatch(code.strip()):
        yield FieldProblem(f"{prefix}postalCode", "expected a ZIP code: 12345 or 12345-6789")


def _person_problems(profile: ProfileIn, prefix: str) -> Iterator[FieldProblem]:
    for name, value in (("firstName", profile.first_name), ("lastName", profile.last_name)):
        if value is not UNSET and not is_visible(value):
            yield FieldProblem(f"{prefix}{name}", "expected a name that can be read")
    if profile.gender is GenderIn.NOT_GIVEN:
        yield FieldProblem(f"{prefix}gender", "expected MALE, FEMALE or OTHER")
    if profile.dob is not UNSET:
        born = parse_date(profile.dob)
        if born is None:
            yield FieldProblem(f"{prefix}dob", "expected a calendar date as YYYY-MM-DD")
        elif born > clock.now().date() or not is_birth_date(born):
            yield FieldProblem(f"{prefix}dob", f"expected a date of the last {MAX_AGE_YEARS} years")


def _address_problems(profile: ProfileIn, prefix: str) -> Iterator[FieldProblem]:
    for name, line in (("address", profile.address), ("address2", profile.address2)):
        if isinstance(line, str) and is_po_box(line):
            yield FieldProblem(f"{prefix}{name}", "expected a street address, not a PO box")
    for name, value in (("state", profile.state), ("country", profile.country)):
        if value is not UNSET and not _TWO_LETTERS.fullmatch(value.strip()):
            yield FieldProblem(f"{prefix}{name}", "expected two letters")
    is_in_us = profile.country is not UNSET and has_us_mail(profile.country)
    if is_in_us and profile.state is not UNSET and not is_state(profile.state.strip().upper()):
        yield FieldProblem(f"{prefix}state", "expected a US state code such as CA")


def is_said(text: str | UnsetType | None) -> bool:
    """Whether there is anything to read in it."""
    return isinstance(text, str) and not is_blank(text)
