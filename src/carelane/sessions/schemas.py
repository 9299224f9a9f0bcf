"""Signing in and the clinic's people on the wire of the staff API."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.permissions import Role
from carelane.sessions.passwords import MAX_CHARACTERS
from carelane.staff.queries import Member

_PASSWORD = "correct horse battery staple"  # noqa: S105 - an example


class SignInIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`totp` is the code of the authenticator app; roles that see health information need it."""

    tenant: Annotated[str, Meta(max_length=63, examples=["harbor-health"])]
    email: Annotated[str, Meta(max_length=254, examples=["ada.berg@harbor-health.example"])]
    password: Annotated[str, Meta(max_length=MAX_CHARACTERS, examples=[_PASSWORD])]
    totp: Annotated[str, Meta(max_length=10, examples=["123456"])] | None = None


class SignedInMemberOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    role: Role


class SessionOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`token` goes into `Authorization: Bearer`; a browser may use the cookie that came with it."""

    token: str
    expires_at: datetime
    member: SignedInMemberOut


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


class SessionsEndedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    sessions_ended: int


def member_out(member: Member, now: datetime) -> MemberOut:
    locked_until = member.unlocks_at if member.unlocks_at and member.unlocks_at > now else None
    shown = {name: getattr(member, name) for name in MemberOut.__struct_fields__ if hasattr(member, name)}
    licenses = [
        LicenseOut(state=held.state, number=held.number, expires_on=held.expires_on) for held in member.licenses
    ]
    own = {"is_active": not member.is_deactivated, "locked_until": locked_until, "licenses": licenses}
    return MemberOut(**(shown | own))
