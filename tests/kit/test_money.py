"""Money is exact in the currency's own unit, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carelane.kit.decimals import plain_decimal, rounded_decimal
from carelane.kit.money import MAX_CENTS, MINOR_DIGITS, decimal_string, is_currency, read_amount, to_cents

CENTS = st.integers(0, MAX_CENTS)
CURRENCIES = st.sampled_from(["JPY", "USD", "KWD"])
# What Python reads as a number, and nobody should write.
NO_AMOUNTS = ["1_5.9", "1_0", "\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT FIVE}.9", "٣", "1e2", "1E2", "NaN", "sNaN", "Infinity", "-Infinity", "inf", " 5", "5 ", "5\n", "+5", "-5", "-0",
              "5.", ".5", "0x10", "1,50", "$5", "", "1.2.3", "\u00a05"]  # fmt: skip


@given(CENTS, CURRENCIES)
def test_an_amount_survives_the_way_to_text_and_back(cents, currency):
    assert read_amount(decimal_string(cents, currency), currency) == cents
    assert to_cents(Decimal(decimal_string(cents, currency)), currency) == cents


@given(CENTS, CURRENCIES, st.integers(1, 25))
def test_zeros_at_the_end_change_nothing(cents, currency, zeros):
    text = decimal_string(cents, currency)
    assert read_amount(f"{text if '.' in text else text + '.'}{'0' * zeros}", currency) == cents


@given(st.decimals(allow_nan=True, allow_infinity=True), CURRENCIES)
def test_an_amount_is_exact_or_refused(amount, currency):
    try:
        cents = to_cents(amount, currency)
    except ValueError:
        return
    # Compared as fractions of integers: decimal arithmetic would round.
    assert amount.as_integer_ratio() == Decimal(decimal_string(cents, currency)).as_integer_ratio()
    assert 0 <= cents <= MAX_CENTS


@given(CENTS, CURRENCIES, st.integers(1, 20), st.integers(1, 9))
def test_one_digit_beyond_the_unit_is_refused(cents, currency, place, digit):
    text = decimal_string(cents, currency)
    with pytest.raises(ValueError, match="expected"):
        read_amount(f"{text if '.' in text else text + '.'}{'0' * (place - 1)}{digit}", currency)


@given(CENTS, CURRENCIES)
def test_a_double_is_the_amount_it_was_written_for(cents, currency):
    assert read_amount(float(decimal_string(cents, currency)), currency) == cents


@pytest.mark.parametrize(
    ("sent", "currency", "cents"),
    [
        (109.99000000000001, "USD", 10_999),
        (0.1 + 0.2, "USD", 30),
        (1.1 * 3, "USD", 330),
        (1.234, "KWD", 1_234),
        ("1.234", "KWD", 1_234),
        (1005, "JPY", 1_005),
        ("1005.00", "JPY", 1_005),
        (1005.0000000000001, "JPY", 1_005),
        (0, "USD", 0),
        (-0.0, "USD", 0),
    ],
)
def test_what_is_read(sent, currency, cents):
    assert read_amount(sent, currency) == cents


@pytest.mark.parametrize(
    ("sent", "currency"),
    [
        (1.234, "USD"),
        ("109.99000000000001", "USD"),
        (109.9900001, "USD"),
        (1.2345, "KWD"),
        (1005.5, "JPY"),
        ("1005.5", "JPY"),
        (-1, "USD"),
        (-0.01, "USD"),
        (0.001, "USD"),
        (MAX_CENTS, "USD"),
        (MAX_CENTS + 1, "JPY"),
        (float("nan"), "USD"),
        (float("inf"), "USD"),
    ],
)
def test_what_is_not_exact_is_refused(sent, currency):
    with pytest.raises(ValueError, match="expected"):
        read_amount(sent, currency)


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_only_python_reads_is_no_amount(text):
    with pytest.raises(ValueError, match="in digits"):
        read_amount(text, "USD")
    with pytest.raises(ValueError, match="in digits"):
        plain_decimal(text)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-Infinity", "-0.01", "1e10", "1e999999", "1e-999999999"])
def test_decimals_that_are_no_amounts_are_refused(text):
    with pytest.raises(ValueError, match="expected"):
        to_cents(Decimal(text), "USD")


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (0, "USD", "0.00"), (7, "USD", "0.07"), (9999, "USD", "99.99"), (-5, "USD", "-0.05"), (-15900, "USD", "-159.00"),
        (0, "JPY", "0"), (1023, "JPY", "1023"), (-5, "JPY", "-5"), (0, "KWD", "0.000"), (1234, "KWD", "1.234"), (-5, "KWD", "-0.005"),
        (9999, "ANG", "99.99"),
    ],
)  # fmt: skip
def test_all_decimals_of_the_currency_always(cents, currency, text):
    assert decimal_string(cents, currency) == text


def test_currencies():
    assert is_currency("USD")
    assert not is_currency("usd")
    assert not is_currency("")
    assert (MINOR_DIGITS["JPY"], MINOR_DIGITS["KWD"], MINOR_DIGITS["EUR"]) == (0, 3, 2)
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)


def test_currencies_that_came_and_went():
    """ISO 4217 amendments since 2018: what replaced what, and what the euro replaced."""
    assert all(map(is_currency, ["XCG", "XAD", "VED", "VES", "SLE", "ZWG", "MRU", "STN"]))
    assert not any(
        map(is_currency, ["ANG", "SLL", "ZWL", "HRK", "BGN", "CUC", "VEF", "MRO", "STD", "XXX", "XTS", "XAU"])
    )


@pytest.mark.parametrize(
    ("number", "rounded"),
    [(33.333333333333336, "33.333333"), (66.66666666666667, "66.666667"), (0.0000005, "0.000001"), (2.0, "2.0"), (99.9999999, "100")],
)  # fmt: skip
def test_long_fractions_are_rounded(number, rounded):
    assert rounded_decimal(number) == Decimal(rounded)
