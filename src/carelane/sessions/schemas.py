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


class SessionsEndedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    sessions_ended: int
