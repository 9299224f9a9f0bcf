"""Drugs on the wire of the staff API."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.pharmacies.queries import Schedule
from carelane.web.versions import Version

Ndc = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4,6}(-?[0-9]{3,4})(-?[0-9]{1,2})$(?!\n)",
        description="a National Drug Code such as 0169-4525-14",
    ),
]


class DrugIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A drug as a whole. `code` is what storefronts send as `drugId`; the name says the strength, as a pharmacy reads it."""

    code: Annotated[str, Meta(pattern=r"^\S{1,100}$(?!\n)", description="1 to 100 characters without a space")]
    name: Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
    ndc: Ndc | None = None
    schedule: Schedule | None = None
    product_id: UUID | None = None
    is_active: bool = True
    version: Version | None = None


class DrugOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    code: str
    name: str
    ndc: str | None
    schedule: Schedule | None
    product_id: UUID | None
    is_active: bool
    version: str


class DrugsOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`total` counts all that fit."""

    drugs: list[DrugOut]
    total: int
