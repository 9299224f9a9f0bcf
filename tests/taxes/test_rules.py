"""Which taxes are raised on what: scopes, categories and exemptions, as docs/design/pricing.md has them."""

from decimal import Decimal
from uuid import UUID

import pytest

from carelane.taxes.schemas import Sold, Tax, applicable

FIRST, SECOND = UUID(int=1), UUID(int=2)
ITEM_TYPES = ("ITEM", "PRODUCT", "MEDICATION", "SERVICE", "PACKAGE", "MEMBERSHIP")


def tax(scope, *categories, tax_id=FIRST):
    return Tax(id=tax_id, percentage=Decimal("8.25"), scope=scope, category_names=list(categories))


def taxed(scope):
    return {kind for kind in ITEM_TYPES if applicable([tax(scope)], Sold(type=kind, category=None))}


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        ("ALL", set(ITEM_TYPES)),
        ("PRODUCTS_ONLY", {"ITEM", "PRODUCT", "MEDICATION"}),
        ("SERVICES_ONLY", {"SERVICE"}),
        ("MEMBERSHIPS_ONLY", {"MEMBERSHIP"}),
        ("SPECIFIC_CATEGORIES", set()),
    ],
)
def test_a_scope_means_these_kinds_of_things(scope, kinds):
    assert taxed(scope) == kinds


@pytest.mark.parametrize(
    ("category", "is_taxed"), [("Lasers", True), ("Peels", True), ("lasers", False), ("", False), (None, False)]
)
def test_categories_are_meant_by_their_exact_names(category, is_taxed):
    sold = Sold(type="SERVICE", category=category)
    assert bool(applicable([tax("SPECIFIC_CATEGORIES", "Lasers", "Peels")], sold)) == is_taxed


def test_names_of_categories_mean_nothing_under_another_scope():
    assert applicable([tax("PRODUCTS_ONLY", "Lasers")], Sold(type="SERVICE", category="Lasers")) == []
    assert applicable([tax("PRODUCTS_ONLY", "Lasers")], Sold(type="ITEM", category="Peels")) != []


@pytest.mark.parametrize("scope", ["ALL", "PRODUCTS_ONLY", "SPECIFIC_CATEGORIES"])
def test_an_exempted_item_escapes_that_tax_and_no_other(scope):
    both = [tax(scope, "Lasers"), tax("ALL", tax_id=SECOND)]
    sold = Sold(type="PRODUCT", category="Lasers", exempted_tax_ids=frozenset({FIRST}))
    assert applicable(both, sold) == [both[1]]


def test_taxes_come_by_id_in_whatever_order_they_were_found():
    both = [tax("ALL", tax_id=SECOND), tax("ALL")]
    sold = Sold(type="ITEM", category=None)
    assert applicable(both, sold) == applicable(both[::-1], sold) == both[::-1]
