"""The clinic's people on the wire, and the check digits of the numbers that prescribers in the United States are known by."""

import re
from datetime import date, datetime
from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.permissions import BILLING_WRITE, OF_ROLE, Role

_NPI = re.compile(r"\d{10}", re.ASCII)
_DEA = re.compile(r"[A-Z][A-Z9]\d{7}", re.ASCII)
# What goes before an NPI when its check digit is computed: health, the United States.
_NPI_PREFIX = "80840"


class BasicUserOut(Phi, msgspec.Struct, rename="camel", frozen=True):
    """The dialect's "Basic User": staff or a patient, by name."""

    id: UUID
    first_name: str
    last_name: str


class LicenseOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`expiresOn` is the last day on which the licence is good."""

    state: str
    number: str
    expires_on: date


class MemberOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A member of staff. `lockedUntil`: nobody can sign in as this member before that."""

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
    is_active: bool
    locked_until: datetime | None
    licenses: list[LicenseOut]


class MemberAnswerOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    member: MemberOut


class MembersOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    members: list[MemberOut]


def creator_problems(role: Role) -> list[FieldProblem]:
    """Whether a member of this role may stand as the creator of a cart or a quote."""
    if BILLING_WRITE in OF_ROLE[role]:
        return []
    roles = ", ".join(name for name, permissions in OF_ROLE.items() if BILLING_WRITE in permissions)
    return [FieldProblem("creatorId", f"expected a member of staff who is one of {roles}")]


def is_npi(text: str) -> bool:
    """Whether `text` is ten digits that end with the right check digit (Luhn, with the prefix 80840)."""
    if not _NPI.fullmatch(text):
        return False
    digits = [int(digit) for digit in reversed(_NPI_PREFIX + text)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def is_dea(text: str) -> bool:
    """Whether `text` is two letters and seven digits that end with the right check digit."""
    if not _DEA.fullmatch(text):
        return False
    digits = [int(digit) for digit in text[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]
