"""Locations on the wire of the staff API."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.locations.schemas import USUAL_TIMEZONE, Line, Name, Word
from carelane.web.versions import Version


class PlaceIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A location as a whole. What only the billing dialect knows of one stays."""

    name: Name
    is_virtual: bool = False
    address_line1: Line | None = None
    address_line2: Line | None = None
    city: Word | None = None
    state: Word | None = None
    postal_code: Annotated[str, Meta(max_length=20)] | None = None
    country: Word | None = None
    # An IANA name, such as America/New_York.
    timezone: Annotated[str, Meta(max_length=64)] = USUAL_TIMEZONE
    is_active: bool = True
    version: Version | None = None


class PlaceOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    is_virtual: bool
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None
    timezone: str
    is_active: bool
    version: str


class PlacesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`total` counts all that fit."""

    locations: list[PlaceOut]
    total: int
