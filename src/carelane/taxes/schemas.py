"""Taxes on the wire."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.decimals import MAX_PERCENTAGE, expected_within, is_within
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.taxes.rules import TaxScope

# All of an organization's taxes are looked through for every cart.
MAX_TAXES = 200
MAX_LOCATIONS = 500
MAX_CATEGORIES = 100

Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"\S")]
LocationIds = Annotated[list[RecordName], Meta(max_length=MAX_LOCATIONS)]
CategoryNames = Annotated[list[Name], Meta(max_length=MAX_CATEGORIES)]


class TaxIn(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TaxCreate`. Without locations the tax is raised everywhere."""

    name: Name
    percentage: Decimal
    location_ids: LocationIds | None = None
    scope: TaxScope = "ALL"
    category_names: CategoryNames | None = None


class TaxPatch(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`TaxUpdate`. What is absent or null stays; an empty list of locations means everywhere."""

    name: Name | None = None
    percentage: Decimal | None = None
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
    if body.percentage is not None and not is_within(body.percentage, MAX_PERCENTAGE):
        yield FieldProblem("percentage", expected_within(MAX_PERCENTAGE))
    if isinstance(body, TaxIn):
        yield from missing_categories(body.scope, body.category_names)


def missing_categories(scope: TaxScope | None, category_names: list[str] | None) -> Iterator[FieldProblem]:
    """A tax on some categories must say on which."""
    if scope == "SPECIFIC_CATEGORIES" and not category_names:
        yield FieldProblem("categoryNames", "expected at least one category with the scope SPECIFIC_CATEGORIES")
