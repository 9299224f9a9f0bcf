"""A patient's own profile on the wire."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec

from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.patients.profiles.schemas import ProfileIn, profile_problems


class OwnProfileIn(ProfileIn, rename="camel", frozen=True, kw_only=True):
    """At least one of these; whatever else is sent, `email` too, is passed over. Null removes what may be missing."""


class OwnProfileOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Null: not known."""

    id: UUID
    email: str | None
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    dob: datetime | None
    gender: str | None
    address: str | None
    address2: str | None
    city: str | None
    state: str | None
    country: str | None
    postal_code: str | None
    allergies: str | None
    health_conditions: str | None
    current_medications: str | None
    created_at: datetime


class ProfileDataOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    profile: OwnProfileOut


class ProfileAnswerOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    data: ProfileDataOut


def own_profile_problems(body: OwnProfileIn) -> Iterator[FieldProblem]:
    if body == OwnProfileIn():
        yield FieldProblem("body", f"expected at least one of {', '.join(_names())}")
    yield from profile_problems(body)


def _names() -> list[str]:
    return list(OwnProfileIn.__struct_encode_fields__)
