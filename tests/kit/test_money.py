"""Money is exact, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.kit.money import MAX_CENTS, MINOR_DIGITS, decimal_string, is_currency, to_cents

CENTS = st.integers(0, MAX_CENTS)


@given(CENTS)
def test_cents_survive_the_way_to_text_and_back(cents):
    assert to_cents(Decimal(decimal_string(cents))) == cents


@given(CENTS, st.integers(0, 40))
def test_zeros_at_the_end_change_nothing(cents, zeros):
    assert to_cents(Decimal(decimal_string(cents) + "0" * zeros)) == cents


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_an_amount_is_exact_or_refused(amount):
    try:
        cents = to_cents(amount)
    except ValueError:
        return
    # Compared as fractions of integers: decimal arithmetic would round.
    assert amount.as_integer_ratio() == Decimal(decimal_string(cents)).as_integer_ratio()
    assert 0 <= cents <= MAX_CENTS


@pytest.mark.parametrize("text", ["0E+999999999", "0E-999999999", "0." + "0" * 1_000_000, "-0"])
def test_zero_is_zero_however_it_is_spelt(text):
    assert to_cents(Decimal(text)) == 0


@given(CENTS, st.integers(3, 60), st.integers(1, 9))
def test_one_digit_beyond_the_cents_is_refused(cents, place, digit):
    amount = Decimal(f"{decimal_string(cents)}{'0' * (place - 3)}{digit}")
    with pytest.raises(ValueError, match=r"decimals|expected an amount"):
        to_cents(amount)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1e10", "1e999999", "1e-999999999"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match="expected"):
        to_cents(Decimal(text))


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "0.00"), (7, "0.07"), (9999, "99.99"), (-5, "-0.05"), (-15900, "-159.00")]
)
def test_two_decimals_always(cents, text):
    assert decimal_string(cents) == text


def test_currencies():
    assert is_currency("USD")
    assert not is_currency("usd")
    assert not is_currency("")
    assert (MINOR_DIGITS["JPY"], MINOR_DIGITS["KWD"], MINOR_DIGITS["EUR"]) == (0, 3, 2)
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)
