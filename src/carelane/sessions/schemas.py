"""Signing in and out on the wire of the staff API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.passwords import MAX_CHARACTERS
from carelane.kit.phi import Phi
from carelane.permissions import Role

_PASSWORD = "correct horse battery staple"  # noqa: S105 - an example


class SignInIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`totp` is the code of the authenticator app; roles that see health information need it, or a recovery code."""

    tenant: Annotated[str, Meta(max_length=63, examples=["harbor-health"])]
    email: Annotated[str, Meta(max_length=254, examples=["ada.berg@harbor-health.example"])]
    password: Annotated[str, Meta(max_length=MAX_CHARACTERS, examples=[_PASSWORD])]
    totp: Annotated[str, Meta(max_length=10, examples=["123456"])] | None = None
    recovery_code: Annotated[str, Meta(max_length=40)] | None = None


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


class SessionsEndedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    sessions_ended: int


class OwnSessionOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`agent`: the browser and the system it was opened with, as they call themselves. `usedAt` is exact to a minute; null where nobody
    writes it down."""

    id: UUID
    agent: str | None
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime
    is_current: bool


class OwnSessionsOut(Phi, msgspec.Struct, frozen=True, kw_only=True):
    sessions: list[OwnSessionOut]
