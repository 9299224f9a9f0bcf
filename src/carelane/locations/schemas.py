"""Locations on the wire."""

import zoneinfo
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName

MAX_PUBLIC = 1_000
USUAL_TIMEZONE = "UTC"
MAX_PHOTO_BYTES = 1_000_000
_PHOTO_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF8", "image/gif"),
)

LocationSort = Literal["name", "city", "state", "country", "timezone", "created_date", "updated_date"]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
Line = Annotated[str, Meta(max_length=500)]
Word = Annotated[str, Meta(max_length=200)]
Link = Annotated[str, Meta(max_length=2_000)]

# Steps of the paths beside `/admin/locations/{location_id}`: a location of such a name could not be asked for.
RESERVED_NAMES = frozenset({"list", "public"})
KNOWN_TIMEZONES = zoneinfo.available_timezones()


class LocationIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What of a `LocationDetail` callers may set. Absent and null both leave a member as it is."""

    id: RecordName | None = None
    # Required of a location that is not there yet.
    name: Name | None = None
    is_virtual: bool | None = None
    address_line_one: Line | None = None
    address_line_two: Line | None = None
    city: Word | None = None
    state: Word | None = None
    zip_code: Annotated[str, Meta(max_length=20)] | None = None
    country: Word | None = None
    # An IANA name, such as America/New_York.
    timezone: Annotated[str, Meta(max_length=64)] | None = None
    external_id: Word | None = None
    description: Annotated[str, Meta(max_length=5_000)] | None = None
    phone_number: Annotated[str, Meta(max_length=50)] | None = None
    photo_url: Link | None = None
    review_link: Link | None = None
    dosespot_clinic_id: Word | None = None
    spakinect_location_id: Word | None = None
    # A file in a form, base64 in JSON. It becomes what `photoUrl` leads to.
    photo: Annotated[bytes, Meta(max_length=MAX_PHOTO_BYTES)] | None = None
    latitude: Annotated[float, Meta(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Meta(ge=-180, le=180)] | None = None


class LocationOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`LocationDetail`. Ids at partners are kept as they are said; `dosespot_clinic_key` is a secret of a service that is not
    connected here, and always null."""

    id: str
    is_virtual: bool
    name: str
    address_line_one: str | None
    address_line_two: str | None
    city: str | None
    state: str | None
    zip_code: str | None
    country: str | None
    timezone: str
    created_date: datetime | None
    spakinect_location_id: str | None
    dosespot_clinic_id: str | None
    dosespot_clinic_key: str | None = None
    external_id: str | None
    description: str | None
    phone_number: str | None
    photo_url: str | None
    review_link: str | None
    updated_date: datetime | None
    latitude: float | None
    longitude: float | None
    is_archived: bool


class LocationPageOut(msgspec.Struct, frozen=True, kw_only=True):
    """`total` counts all that the filters let through."""

    data: list[LocationOut]
    total: int


class PublicLocationOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PublicLocation`: what patients may see."""

    id: str
    name: str
    address_line_one: str | None
    address_line_two: str | None
    city: str | None
    state: str | None
    zip_code: str | None
    country: str | None
    timezone: str


class LocationFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Texts are looked for anywhere in the name and city, the state is compared whole; case counts in none of them."""

    location_id: UUID | None
    name: str | None
    city: str | None
    state: str | None
    is_virtual: bool | None
    sort_by: LocationSort
    is_descending: bool


def broken_rules(body: LocationIn) -> Iterator[FieldProblem]:
    """What is wrong with the values by themselves."""
    if body.id in RESERVED_NAMES:
        yield FieldProblem("id", f"expected another name; {body.id} is the name of a route")
    if body.timezone is not None and body.timezone not in KNOWN_TIMEZONES:
        yield FieldProblem("timezone", "expected an IANA name such as America/New_York")
    if body.photo is not None and media_type_of(body.photo) is None:
        yield FieldProblem("photo", "expected an image: JPEG, PNG, WebP or GIF")
    for field, url in (("photoUrl", body.photo_url), ("reviewLink", body.review_link)):
        if url is not None and not url.startswith(("https://", "http://")):
            yield FieldProblem(field, "expected an address that begins with https://")


def media_type_of(photo: bytes) -> str | None:
    """By how it begins; None for what is no image."""
    if photo[:4] == b"RIFF" and photo[8:12] == b"WEBP":
        return "image/webp"
    return next((media_type for signature, media_type in _PHOTO_SIGNATURES if photo.startswith(signature)), None)
