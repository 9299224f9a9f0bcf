"""Pharmacies on the wire, and their rules."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.pharmacies.actions import SIMULATORS
from carelane.pharmacies.queries import AdapterName
from carelane.web.versions import Version

PharmacyCode = Annotated[str, Meta(pattern=r"^\S{1,100}$", description="1 to 100 characters without a space")]
PharmacyName = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
PharmacyUrl = Annotated[
    str, Meta(pattern=r"^https?://\S+$", max_length=2_000, description="a URL that begins with http:// or https://")
]


class PharmacySettingsIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As a whole. `code` is what storefronts send as `pharmacyId`; `url` is where orders go, and not for the simulators."""

    code: PharmacyCode
    name: PharmacyName
    adapter: AdapterName
    url: PharmacyUrl | None = None
    is_active: bool = True
    version: Version | None = None


class PharmacySettingsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`callbackPath` is where the pharmacy calls us, after this server's address."""

    id: UUID
    code: str
    name: str
    adapter: AdapterName
    url: str | None
    is_active: bool
    callback_path: str
    created_at: datetime
    version: str


class PharmacySecretOut(PharmacySettingsOut, rename="camel", frozen=True, kw_only=True):
    """`secret` is shown this once; null where none was made: the simulator has its usual one, and a change lets it be."""

    secret: str | None

    def __repr__(self) -> str:
        return "PharmacySecretOut(***)"


class PharmaciesSettingsOut(msgspec.Struct, rename="camel", frozen=True):
    pharmacies: list[PharmacySettingsOut]


def broken_rules(body: PharmacySettingsIn) -> Iterator[FieldProblem]:
    """As those of the organization file."""
    if body.url is None and body.adapter not in SIMULATORS:
        yield FieldProblem("url", f"a pharmacy with the adapter {body.adapter} needs a URL")
    if body.url is not None and body.adapter in SIMULATORS:
        yield FieldProblem("url", "the simulator is where CARELANE_PHARMACY_SIMULATOR_URL says; expected no URL")
