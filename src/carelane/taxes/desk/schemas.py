"""Taxes on the wire of the staff API."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.taxes.schemas import MAX_LOCATIONS, CategoryNames, Name, TaxScope
from carelane.web.versions import Version


class RaisedTaxIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A tax as a whole. Without locations it is raised everywhere; one that is not active is raised nowhere."""

    name: Name
    percentage: Annotated[
        str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,6})?$(?!\n)", description="a percentage such as 8.25")
    ]
    scope: TaxScope = "ALL"
    category_names: CategoryNames = []
    location_ids: Annotated[list[UUID], Meta(max_length=MAX_LOCATIONS)] = []
    is_active: bool = True
    version: Version | None = None


class RaisedTaxOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    percentage: str
    scope: TaxScope
    category_names: list[str]
    location_ids: list[UUID]
    is_active: bool
    version: str


class RaisedTaxesOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`total` counts all that fit."""

    taxes: list[RaisedTaxOut]
    total: int
