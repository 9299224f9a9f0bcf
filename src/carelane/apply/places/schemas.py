"""`locations` and `taxes` of an organization file."""

import zoneinfo
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from carelane.apply.schemas import MAX_ITEMS, Entry, Line, Name
from carelane.kit.decimals import MAX_DECIMALS, MAX_PERCENTAGE, is_within, plain_decimal
from carelane.kit.errors import FieldProblem
from carelane.taxes.schemas import TaxScope

# YAML reads 8.25 as text, like every number that is not whole.
Percentage = Annotated[str, Meta(max_length=10)] | int


class LocationEntry(Entry, frozen=True):
    """Found again by `id`, else by its name. `timezone` is an IANA name."""

    name: Name
    id: UUID | None = None
    is_virtual: bool = False
    address_line1: Line | None = None
    address_line2: Line | None = None
    city: Name | None = None
    state: Name | None = None
    postal_code: Annotated[str, Meta(max_length=20)] | int | None = None
    country: Name | None = None
    timezone: str = "UTC"
    is_active: bool = True


class TaxEntry(Entry, frozen=True):
    """Found again by `id`, else by its name. `locations` names locations of the same file; none means everywhere."""

    name: Name
    percentage: Percentage
    id: UUID | None = None
    scope: TaxScope = "ALL"
    categories: Annotated[list[Name], Meta(max_length=100)] = []
    locations: Annotated[list[str], Meta(max_length=MAX_ITEMS)] = []
    is_active: bool = True


def broken_rules(locations: list[LocationEntry], taxes: list[TaxEntry]) -> Iterator[FieldProblem]:
    """The rules across fields of both sections."""
    known = {location.name for location in locations}
    for index, location in enumerate(locations):
        if location.timezone not in zoneinfo.available_timezones():
            yield FieldProblem(f"locations[{index}].timezone", "expected an IANA name such as America/New_York")
    for index, tax in enumerate(taxes):
        if read_percentage(tax.percentage) is None:
            expected = f"expected a percentage from 0 to 100 with at most {MAX_DECIMALS} decimals"
            yield FieldProblem(f"taxes[{index}].percentage", expected)
        if (tax.scope == "SPECIFIC_CATEGORIES") != bool(tax.categories):
            yield FieldProblem(
                f"taxes[{index}].categories", "expected with the scope SPECIFIC_CATEGORIES, and only then"
            )
        for place, named in enumerate(tax.locations):
            if named not in known:
                yield FieldProblem(
                    f"taxes[{index}].locations[{place}]", f"no location of this file has the name {named}"
                )


def read_percentage(sent: str | int) -> Decimal | None:
    """None for what is no percentage."""
    try:
        percentage = plain_decimal(str(sent))
    except ValueError:
        return None
    return percentage if is_within(percentage, MAX_PERCENTAGE) else None
