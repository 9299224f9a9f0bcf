"""`staff` of an organization file."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from carelane.apply.people.availability import schemas as availability
from carelane.apply.people.availability.schemas import AvailabilityEntry
from carelane.apply.schemas import Entry, Line, Name, Secret
from carelane.kit import passwords
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.us_addresses import has_us_mail, is_state
from carelane.permissions import Role
from carelane.sessions import codes

# YAML reads digits without quotes as a whole number.
Number = Annotated[str, Meta(min_length=1, max_length=50)] | Annotated[int, Meta(ge=0)]
MAX_LICENSES = 100

_EMAIL = r"^[^@\s]+@[^@\s]+$"
_NPI = re.compile(r"\d{10}", re.ASCII)
_DEA = re.compile(r"[A-Z][A-Z9]\d{7}", re.ASCII)
_E164 = re.compile(r"\+[1-9]\d{1,14}", re.ASCII)


class LicenseEntry(Entry, frozen=True):
    """`expires_on` is the last day on which the license is valid."""

    state: str
    number: Number
    expires_on: date


class StaffEntry(Entry, frozen=True):
    """`password` and `totp_secret` are deprecated: who is given none is invited, and chooses."""

    email: Annotated[str, Meta(pattern=_EMAIL, max_length=254, description="a mail address")]
    first_name: Name
    last_name: Name
    role: Role
    id: UUID | None = None
    # What the billing dialect calls the member, unless that is the id.
    given_id: RecordName | None = None
    title: Name | None = None
    title_suffix: Name | None = None
    npi: Number | None = None
    dea: str | None = None
    phone_number: str | None = None
    address_line1: Line | None = None
    address_line2: Line | None = None
    city: Name | None = None
    state: Name | None = None
    postal_code: Number | None = None
    country: Name | None = None
    takes_cases: bool = True
    password: Secret | None = None
    totp_secret: Secret | None = None
    is_active: bool = True
    licenses: Annotated[list[LicenseEntry], Meta(max_length=MAX_LICENSES)] = []
    availability: AvailabilityEntry | None = None

    def __repr__(self) -> str:
        return "StaffEntry(***)"


def broken_rules(staff: list[StaffEntry]) -> Iterator[FieldProblem]:
    """The text says what would be accepted and never repeats a secret."""
    emails = [member.email.lower() for member in staff]
    ids = [member.id for member in staff]
    for index, member in enumerate(staff):
        place = f"staff[{index}]"
        if emails[index] in emails[:index]:
            yield FieldProblem(f"{place}.email", f"{member.email} stands in the file before")
        if member.id is not None and member.id in ids[:index]:
            yield FieldProblem(f"{place}.id", f"{member.id} stands in the file before")
        yield from _check_forms(place, member)
        yield from _check_secrets(place, member)
        yield from _check_licenses(place, member)
        if member.availability is not None:
            yield from availability.broken_rules(f"{place}.availability", member.availability)


def _check_forms(place: str, member: StaffEntry) -> Iterator[FieldProblem]:
    if member.npi is not None and not _NPI.fullmatch(str(member.npi)):
        yield FieldProblem(f"{place}.npi", "expected the ten digits of an NPI")
    if member.id is not None and member.given_id is not None:
        yield FieldProblem(
            f"{place}.givenId", "expected without id: a member with a name of its own has its id from that"
        )
    if member.dea is not None and not _DEA.fullmatch(member.dea):
        yield FieldProblem(f"{place}.dea", "expected a DEA number: two capital letters and seven digits")
    if member.phone_number is not None and not _E164.fullmatch(member.phone_number):
        yield FieldProblem(f"{place}.phoneNumber", "expected E.164: + and 2 to 15 digits, such as +12125550123")
    if member.state is not None and has_us_mail(member.country) and not is_state(member.state):
        yield FieldProblem(f"{place}.state", "expected a US state code such as CA")


def _check_secrets(place: str, member: StaffEntry) -> Iterator[FieldProblem]:
    if member.password is not None and len(member.password) < passwords.MIN_CHARACTERS:
        yield FieldProblem(f"{place}.password", f"expected at least {passwords.MIN_CHARACTERS} characters")
    if member.totp_secret is not None and not codes.is_secret(member.totp_secret):
        yield FieldProblem(
            f"{place}.totpSecret", f"expected base32 (A to Z, 2 to 7) of at least {codes.MIN_SECRET_BYTES} bytes"
        )


def _check_licenses(place: str, member: StaffEntry) -> Iterator[FieldProblem]:
    states = [held.state for held in member.licenses]
    for index, state in enumerate(states):
        if not is_state(state):
            yield FieldProblem(f"{place}.licenses[{index}].state", "expected a US state code such as CA")
        elif state in states[:index]:
            yield FieldProblem(f"{place}.licenses[{index}].state", f"there is a license in {state} already")
