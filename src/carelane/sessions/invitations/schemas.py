"""Invitations on the wire of the staff API."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.emails import is_email
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import Phi
from carelane.permissions import Role
from carelane.staff.schemas import is_npi

Status = Literal["OPEN", "ACCEPTED", "REVOKED", "EXPIRED"]

_Name = Annotated[str, Meta(min_length=1, max_length=200)]


class InvitationIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Who is to become a member. Of somebody who is one already and has no password, only `email` counts."""

    email: Annotated[str, Meta(max_length=254, examples=["ada.berg@harbor-health.example"])]
    first_name: Annotated[_Name, Meta(examples=["Ada"])]
    last_name: Annotated[_Name, Meta(examples=["Berg"])]
    role: Annotated[Role, Meta(examples=["CASEWORKER"])]
    title: _Name | None = None
    title_suffix: _Name | None = None
    npi: Annotated[str, Meta(max_length=10)] | None = None
    # Whether the assignment policy gives cases to this CASEWORKER, from now on.
    takes_cases: bool = False


class InvitationOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The link itself is in the mail alone."""

    id: UUID
    member_id: UUID
    email: str
    first_name: str
    last_name: str
    status: Status
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None


class InvitationsOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Newest first."""

    invitations: list[InvitationOut]


def broken_rules(body: InvitationIn) -> Iterator[FieldProblem]:
    if not is_email(body.email):
        yield FieldProblem("email", "expected an e-mail address")
    for field, text in (("firstName", body.first_name), ("lastName", body.last_name)):
        if not text.strip():
            yield FieldProblem(field, "expected a name")
    if body.npi is not None and not is_npi(body.npi):
        yield FieldProblem("npi", "expected the ten digits of an NPI, the last of which is its check digit")
