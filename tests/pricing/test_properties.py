"""What holds for every cart, whatever is in it; and that pricing agrees with the second calculation in reckoning.py."""

import random
from collections import Counter
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext

from hypothesis import example, given, settings
from hypothesis import strategies as st

from carelane.pricing.arithmetic import Line, price
from tests.pricing import reckoning
from tests.pricing.baskets import amounts, baskets, lines, percentages

NONE = Decimal(0)
THIRDS = [Line(quantity=Decimal(1), unit_price_cents=100)] * 3
discounts = st.tuples(st.just(0) | amounts, st.just(NONE) | percentages)
many = settings(max_examples=200, deadline=None)


def whole(priced):
    return priced.subtotal_cents, priced.discount_cents, priced.tax_cents, priced.total_cents


def parts(line):
    return line.gross_cents, line.discount_cents, line.total_cents, line.shared_discount_cents, line.taxes_cents


@many
@given(baskets, discounts)
@example(THIRDS, (1, NONE))
@example(THIRDS, (0, Decimal("33.5")))
def test_it_agrees_with_the_reckoning_in_fractions(basket, discount):
    priced = price(basket, *discount)
    assert (whole(priced), [parts(line) for line in priced.lines]) == reckoning.reckon(basket, *discount)


@many
@given(baskets, discounts)
def test_sums_agree_at_every_level(basket, discount):
    priced = price(basket, *discount)
    assert all(line.gross_cents - line.discount_cents == line.total_cents for line in priced.lines)
    assert all(line.tax_cents == sum(line.taxes_cents) for line in priced.lines)
    assert priced.subtotal_cents == sum(line.total_cents for line in priced.lines)
    assert priced.tax_cents == sum(line.tax_cents for line in priced.lines)
    assert priced.total_cents == priced.subtotal_cents - priced.discount_cents + priced.tax_cents
    assert priced.total_cents == sum(
        line.total_cents - line.shared_discount_cents + line.tax_cents for line in priced.lines
    )


@many
@given(baskets, discounts)
@example(THIRDS, (100, NONE))
def test_no_cent_of_the_discount_appears_or_vanishes(basket, discount):
    priced = price(basket, *discount)
    assert sum(line.shared_discount_cents for line in priced.lines) == priced.discount_cents


@many
@given(baskets, discounts)
def test_a_share_is_the_fair_one_rounded_up_or_down_and_never_more_than_the_line(basket, discount):
    priced = price(basket, *discount)
    for asked, line in zip(basket, priced.lines, strict=True):
        assert 0 <= line.shared_discount_cents <= line.total_cents
        assert abs(line.shared_discount_cents - reckoning.fair_share(asked, basket, priced.discount_cents)) < 1


@many
@given(baskets, discounts, st.randoms(use_true_random=False))
@example(THIRDS, (1, NONE), random.Random(1))
def test_the_order_of_the_lines_never_matters(basket, discount, shuffler):
    moved = basket[:]
    shuffler.shuffle(moved)
    before, after = price(basket, *discount), price(moved, *discount)
    assert whole(before) == whole(after)
    assert results(basket, before) == results(moved, after)


def results(basket, priced):
    """What each line came to, by what it asks for: of lines that ask for the very same, how often which result."""
    return Counter((asked, parts(line)) for asked, line in zip(basket, priced.lines, strict=True))


@many
@given(baskets, discounts)
def test_pricing_again_changes_nothing(basket, discount):
    assert price(basket, *discount) == price(basket, *discount)


@many
@given(baskets, discounts)
def test_nothing_is_ever_negative_and_no_discount_exceeds_what_it_is_of(basket, discount):
    priced = price(basket, *discount)
    assert min((*whole(priced), *(amount for line in priced.lines for amount in parts(line)[:4])), default=0) >= 0
    assert priced.discount_cents <= priced.subtotal_cents
    assert all(line.discount_cents <= line.gross_cents for line in priced.lines)


@many
@given(lines, st.integers(0, 5))
def test_equal_lines_differ_by_a_cent_of_the_discount_at_most(line, discount_cents):
    priced = price([line] * 4, discount_cents, NONE)
    given_shares = [each.shared_discount_cents for each in priced.lines]
    assert max(given_shares) - min(given_shares) <= 1


@many
@given(baskets, discounts)
def test_what_others_set_for_decimals_changes_nothing(basket, discount):
    """The context of a thread belongs to whoever runs in it."""
    usual = price(basket, *discount)
    with localcontext(Context(prec=6, rounding=ROUND_HALF_EVEN)):
        assert price(basket, *discount) == usual
