"""Check digits of NPI and DEA numbers, on numbers that the issuers themselves print as examples and on broken ones."""

import pytest

from carelane.staff.schemas import is_dea, is_npi


@pytest.mark.parametrize("text", ["1234567893", "1245319599"])
def test_a_right_npi(text):
    assert is_npi(text)


@pytest.mark.parametrize(
    "text",
    ["1234567890", "1234567839", "1245319598", "123456789", "12345678931", "123456789a", ""],
)
def test_a_wrong_npi(text):
    assert not is_npi(text)


def test_every_change_of_one_digit_of_an_npi_is_noticed():
    right = "1234567893"
    for place in range(10):
        for digit in "0123456789":
            changed = right[:place] + digit + right[place + 1 :]
            assert is_npi(changed) == (changed == right)


@pytest.mark.parametrize("text", ["AB1234563", "F91234563", "BS8765438"])
def test_a_right_dea(text):
    assert is_dea(text)


@pytest.mark.parametrize("text", ["AB1234567", "ab1234563", "AB123456", "AB12345633", "1B1234563", "", "AB 123456"])
def test_a_wrong_dea(text):
    assert not is_dea(text)
