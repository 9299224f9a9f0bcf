"""Which taxes are raised on what is sold. No I/O."""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

TaxScope = Literal["ALL", "PRODUCTS_ONLY", "SERVICES_ONLY", "MEMBERSHIPS_ONLY", "SPECIFIC_CATEGORIES"]

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
