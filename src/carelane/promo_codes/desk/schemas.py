"""Promo codes on the wire of the staff API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.web.versions import Version

MAX_BUNDLES = 100
Text = Annotated[str, Meta(max_length=10_000)]
Line = Annotated[str, Meta(max_length=500)]
# With an offset: when a day begins depends on where.
Moment = Annotated[datetime, Meta(tz=True)]
Amount = Annotated[
    str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,6})?$(?!\n)", description="digits and a point, such as 12.5")
]


class PromoCodeIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A code as a whole. It takes off either a percentage or an amount; without bundles it is good for all."""

    code: Annotated[
        str, Meta(pattern=r"^[!-~]{1,100}$(?!\n)", description="1 to 100 letters, digits and signs without a space")
    ]
    label: Line | None = None
    description: Text | None = None
    discount_percentage: Amount | None = None
    discount_amount: Amount | None = None
    bundle_ids: Annotated[list[UUID], Meta(max_length=MAX_BUNDLES)] = []
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    max_uses: Annotated[int, Meta(ge=0, le=1_000_000_000)] | None = None
    is_visible: bool = False
    is_active: bool = True
    version: Version | None = None


class PromoCodeOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`used_count` is how often cases used it."""

    id: UUID
    code: str
    label: str | None
    description: str | None
    discount_percentage: str | None
    discount_amount: str | None
    currency: str
    bundle_ids: list[UUID]
    starts_at: datetime | None
    ends_at: datetime | None
    max_uses: int | None
    is_visible: bool
    is_active: bool
    used_count: int
    version: str


class PromoCodesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`total` counts all that fit."""

    promo_codes: list[PromoCodeOut]
    total: int
