"""Amounts worked out by hand."""

from decimal import Decimal
from uuid import UUID

import pytest

from carelane.kit.money import MAX_CENTS
from carelane.pricing.arithmetic import Line, TaxRate, gross_cents, price

NONE = Decimal(0)
STATE, CITY = UUID(int=1), UUID(int=2)


def line(price_cents, quantity="1", *, off="0", off_cents=0, taxes=(), sold=0):
    return Line(
        sold_id=UUID(int=sold),
        quantity=Decimal(quantity),
        unit_price_cents=price_cents,
        discount_amount_cents=off_cents,
        discount_percentage=Decimal(off),
        taxes=tuple(TaxRate(Decimal(percentage), tax_id) for percentage, tax_id in taxes),
    )


def shares(priced):
    return [each.shared_discount_cents for each in priced.lines]


def test_an_empty_cart_comes_to_nothing_whatever_its_discount():
    priced = price([], 500, Decimal(10))
    assert (priced.subtotal_cents, priced.discount_cents, priced.tax_cents, priced.total_cents) == (0, 0, 0, 0)


def test_a_cart_with_everything():
    """2 x 159.00 at 10 % off; 99.99 at 5.00 off; 10.00 off the whole and 5 %; 8.25 % tax on the first."""
    priced = price([line(15900, "2", off="10", taxes=[("8.25", STATE)]), line(9999, off_cents=500)], 1000, Decimal(5))
    first, second = priced.lines
    assert (first.gross_cents, first.discount_cents, first.total_cents) == (31800, 3180, 28620)
    assert (second.gross_cents, second.discount_cents, second.total_cents) == (9999, 500, 9499)
    assert priced.subtotal_cents == 38119
    # 5 % is 19.0595, half-up 19.06.
    assert priced.discount_cents == 1906 + 1000
    # 29.06 x 286.20 / 381.19 is 21.8184, and 7.2416 for the other: 21.81 and 7.24 leave a cent, the first lost more.
    assert shares(priced) == [2182, 724]
    # 8.25 % of 286.20 - 21.82 = 264.38 is 21.81135.
    assert (first.tax_cents, second.tax_cents, priced.tax_cents) == (2181, 0, 2181)
    assert priced.total_cents == 38119 - 2906 + 2181


@pytest.mark.parametrize(
    ("quantity", "unit_price_cents", "expected"),
    [
        ("0.5", 1, 1),
        ("1.5", 1, 2),
        ("2.5", 1, 3),
        ("0.499999", 1, 0),
        ("0.500001", 1, 1),
        ("1.5", 333, 500),
        ("0.000001", 500_000, 1),
        ("0.000001", 499_999, 0),
        ("0", MAX_CENTS, 0),
        ("1E+3", 5, 5000),
        ("-0.0", 100, 0),
        ("1000000", MAX_CENTS, 9_999_999_999_000_000),
        # 999999.999999 x 99999999.99 is 99999999989900.00000001 in money.
        ("999999.999999", MAX_CENTS, 9_999_999_998_990_000),
        # The half stands behind sixteen digits.
        ("999999.5", MAX_CENTS, 9_999_994_999_000_001),
    ],
)
def test_gross_is_half_up_and_exact(quantity, unit_price_cents, expected):
    assert gross_cents(Decimal(quantity), unit_price_cents) == expected


@pytest.mark.parametrize(
    ("percentage", "expected"),
    [("50", 1), ("49.999999", 0), ("50.000001", 1), ("100", 1), ("0", 0)],
)
def test_half_a_cent_of_percent_is_a_cent(percentage, expected):
    assert price([line(1, off=percentage)], 0, NONE).lines[0].discount_cents == expected
    assert price([line(1)], 0, Decimal(percentage)).discount_cents == expected
    assert price([line(1, taxes=[(percentage, STATE)])], 0, NONE).tax_cents == expected


def test_percent_and_amount_are_both_taken_of_the_same_and_never_more_than_there_is():
    assert price([line(1000, off="10", off_cents=50)], 0, NONE).lines[0].discount_cents == 150
    assert price([line(1000, off="10", off_cents=901)], 0, NONE).lines[0].discount_cents == 1000
    assert price([line(1000)], 50, Decimal(10)).discount_cents == 150
    assert price([line(1000)], 901, Decimal(10)).discount_cents == 1000


def test_the_percent_of_the_whole_is_of_what_the_lines_left():
    assert price([line(1000, off="50")], 0, Decimal(50)).total_cents == 250


def test_a_line_that_is_given_away_bears_nothing():
    priced = price([line(1000, off="100"), line(1000)], 300, NONE)
    assert shares(priced) == [0, 300]


def test_the_odd_cent_goes_to_the_line_that_lost_most_by_rounding_down():
    """1.00 over 3.33 and 6.67: 33.3 and 66.7 cents."""
    assert shares(price([line(333), line(667)], 100, NONE)) == [33, 67]
    assert shares(price([line(667), line(333)], 100, NONE)) == [67, 33]


@pytest.mark.parametrize(
    ("other", "wants_the_cent"),
    [
        (line(50, "2"), line(100)),
        (line(100), line(100, "1.000001")),
        (line(200, off_cents=100), line(200, off="50")),
        (line(100), line(100, taxes=[("1", STATE)])),
        (line(100, taxes=[("1", STATE)]), line(100, taxes=[("2", STATE)])),
        (line(100), line(100, sold=1)),
    ],
)
def test_among_equals_what_is_asked_for_decides_in_either_order(other, wants_the_cent):
    """Both come to 1.00, and one cent cannot be halved."""
    assert shares(price([other, wants_the_cent], 1, NONE)) == [0, 1]
    assert shares(price([wants_the_cent, other], 1, NONE)) == [1, 0]


def test_three_equal_lines_share_two_cents_as_well_as_they_can():
    assert sorted(shares(price([line(100)] * 3, 2, NONE))) == [0, 1, 1]


def test_each_tax_is_rounded_by_itself():
    """Twice 0.5 cents are two cents, where 1 % at once would be one."""
    priced = price([line(100, taxes=[("0.5", STATE), ("0.5", CITY)])], 0, NONE)
    assert priced.lines[0].taxes_cents == (1, 1)
    assert priced.tax_cents == 2


def test_each_line_is_taxed_by_itself():
    assert price([line(100, taxes=[("0.5", STATE)])] * 2, 0, NONE).tax_cents == 2


def test_tax_is_on_what_both_discounts_left():
    priced = price([line(10000, off="50", taxes=[("10", STATE)])], 1000, NONE)
    assert priced.tax_cents == 400


def test_all_given_away_costs_no_tax():
    priced = price([line(10000, taxes=[("10", STATE)])], 0, Decimal(100))
    assert (priced.discount_cents, priced.tax_cents, priced.total_cents) == (10000, 0, 0)


def test_a_hundred_lines_of_the_most_there_is_stay_exact():
    priced = price([line(MAX_CENTS, "999999.999999", taxes=[("99.999999", STATE)])] * 100, 1, Decimal("33.333333"))
    assert priced.subtotal_cents == 100 * 9_999_999_998_990_000
    assert sum(shares(priced)) == priced.discount_cents
