"""Taxes on the wire, and which of them are raised on what is sold."""

from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName

TaxScope = Literal["ALL", "PRODUCTS_ONLY", "SERVICES_ONLY", "MEMBERSHIPS_ONLY", "SPECIFIC_CATEGORIES"]

# All of an organization's taxes are looked through for every cart.
MAX_TAXES = 200
MAX_LOCATIONS = 500
MAX_CATEGORIES = 100

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
LocationIds = Annotated[list[RecordName], Meta(max_length=MAX_LOCATIONS)]
Percentage = Annotated[float, Meta(ge=0, le=100)]
CategoryNames = Annotated[list[Name], Meta(max_length=MAX_CATEGORIES)]


class TaxIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TaxCreate`. Without locations the tax is raised everywhere."""

    name: Name
    percentage: Percentage
    location_ids: LocationIds | None = None
    scope: TaxScope = "ALL"
    category_names: CategoryNames | None = None


class TaxPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TaxUpdate`. What is absent or null stays; an empty list of locations means everywhere."""

    name: Name | None = None
    percentage: Percentage | None = None
    location_ids: LocationIds | None = None
    scope: TaxScope | None = None
    category_names: CategoryNames | None = None


class TaxOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TaxSummary`, and `TaxDetail` alike. No location means everywhere."""

    id: str
    name: str
    percentage: float
    location_ids: list[str] | None
    scope: TaxScope
    category_names: list[str] | None


def broken_rules(body: TaxIn | TaxPatch) -> Iterator[FieldProblem]:
    """What is wrong with the values by themselves."""
    if isinstance(body, TaxIn):
        yield from missing_categories(body.scope, body.category_names)


def missing_categories(scope: TaxScope | None, category_names: list[str] | None) -> Iterator[FieldProblem]:
    """A tax on some categories must say on which."""
    if scope == "SPECIFIC_CATEGORIES" and not category_names:
        yield FieldProblem("categoryNames", "expected at least one category with the scope SPECIFIC_CATEGORIES")


# The kinds of items that a scope means. Packages are taxed as one thing: by ALL, or by their category.
_KINDS: dict[TaxScope, frozenset[str]] = {
    "PRODUCTS_ONLY": frozenset({"ITEM", "PRODUCT", "MEDICATION"}),
    "SERVICES_ONLY": frozenset({"SERVICE"}),
    "MEMBERSHIPS_ONLY": frozenset({"MEMBERSHIP"}),
}


class Tax(msgspec.Struct, frozen=True, kw_only=True):
    """A tax that is raised at the place in question. `percentage` from 0 to 100."""

    id: UUID
    percentage: Decimal
    scope: TaxScope
    category_names: list[str]


class Sold(msgspec.Struct, frozen=True, kw_only=True):
    """What a line sells, as far as taxes ask: an item's type, or PACKAGE; its category; the taxes it is exempt from."""

    type: str
    category: str | None
    exempted_tax_ids: Collection[UUID] = ()


def applicable(taxes: Iterable[Tax], sold: Sold) -> list[Tax]:
    """The taxes of the place that are raised on what is sold, by id."""
    return sorted((tax for tax in taxes if _applies(tax, sold)), key=lambda tax: tax.id)


def _applies(tax: Tax, sold: Sold) -> bool:
    if tax.id in sold.exempted_tax_ids:
        return False
    if tax.scope == "ALL":
        return True
    if tax.scope == "SPECIFIC_CATEGORIES":
        return sold.category is not None and sold.category in tax.category_names
    return sold.type in _KINDS[tax.scope]
