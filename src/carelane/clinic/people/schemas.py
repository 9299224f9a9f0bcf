"""A member as administrators change one, on the wire, and the rules."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from carelane.kit.emails import MAX_ADDRESS_CHARACTERS
from carelane.kit.errors import FieldProblem
from carelane.kit.passwords import MAX_CHARACTERS
from carelane.kit.phi import Phi
from carelane.kit.us_addresses import has_us_mail, is_state
from carelane.permissions import Role
from carelane.staff.queries import Member
from carelane.staff.schemas import is_dea, is_npi
from carelane.web.versions import Version

MAX_LICENSES = 100

Line = Annotated[str, Meta(max_length=500, pattern=r"\S")]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Phone = Annotated[
    str, Meta(pattern=r"^\+[1-9][0-9]{1,14}$", description="E.164: + and 2 to 15 digits, such as +12125550123")
]


class MemberLicenseIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`expiresOn` is the last day on which the license is good."""

    state: Annotated[str, Meta(max_length=2)]
    number: Annotated[str, Meta(min_length=1, max_length=50, pattern=r"\S")]
    expires_on: date


class MemberAddressIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a prescriber practises."""

    address_line1: Line | None = None
    address_line2: Line | None = None
    city: Name | None = None
    state: Name | None = None
    postal_code: Annotated[str, Meta(min_length=1, max_length=50, pattern=r"\S")] | None = None
    country: Name | None = None


class MemberSettingsIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As a whole: licenses that are left out are no more. `address` left out stays; the e-mail address is changed on its own."""

    first_name: Name
    last_name: Name
    role: Role
    title: Name | None = None
    title_suffix: Name | None = None
    npi: Annotated[str, Meta(max_length=10)] | None = None
    dea: Annotated[str, Meta(max_length=9)] | None = None
    phone_number: Phone | None = None
    takes_cases: bool = False
    address: MemberAddressIn | UnsetType = UNSET
    licenses: Annotated[list[MemberLicenseIn], Meta(max_length=MAX_LICENSES)] = []
    version: Version | None = None


class MemberEmailIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the member signs in with, and gets mail at, from now on. `password` is that of who changes it."""

    email: Annotated[str, Meta(max_length=MAX_ADDRESS_CHARACTERS)]
    password: Annotated[str, Meta(max_length=MAX_CHARACTERS, examples=["correct horse battery staple"])]
    version: Version | None = None


class MemberSettingsOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    email: str
    first_name: str
    last_name: str
    role: Role
    title: str | None
    title_suffix: str | None
    npi: str | None
    dea: str | None
    phone_number: str | None
    takes_cases: bool
    address: MemberAddressIn
    is_active: bool
    licenses: list[MemberLicenseIn]
    version: str


class DeactivatedOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`unassignedCases`: how many are nobody's now, and open."""

    member: MemberSettingsOut
    unassigned_cases: int


class RolePermissionOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Something that can be done, and which roles may."""

    permission: str
    meaning: str
    roles: list[Role]


class RolesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    roles: list[Role]
    permissions: list[RolePermissionOut]


def broken_rules(body: MemberSettingsIn, before: Member) -> Iterator[FieldProblem]:
    """Numbers that were there before are taken as they are: a file is not asked for their check digits."""
    if body.npi is not None and body.npi != before.npi and not is_npi(body.npi):
        yield FieldProblem("npi", "expected the ten digits of an NPI, the last of which is its check digit")
    if body.dea is not None and body.dea != before.dea and not is_dea(body.dea):
        yield FieldProblem(
            "dea", "expected a DEA number: two capital letters and seven digits, the last its check digit"
        )
    said = body.address
    if said is not UNSET and said.state is not None and has_us_mail(said.country) and not is_state(said.state):
        yield FieldProblem("address.state", "expected a US state code such as CA")
    states = [held.state.upper() for held in body.licenses]
    for index, state in enumerate(states):
        if not is_state(state):
            yield FieldProblem(f"licenses[{index}].state", "expected a US state code such as CA")
        elif state in states[:index]:
            yield FieldProblem(f"licenses[{index}].state", f"there is a license in {state} already")
