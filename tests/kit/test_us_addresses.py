"""Which ZIP codes lie in which state."""

import pytest

from carelane.kit.us_addresses import is_state, zip_in_state


@pytest.mark.parametrize(
    ("postal_code", "state"),
    [("10001", "NY"), ("28105", "NC"), ("90210", "CA"), ("90210-1234", "CA"), ("00501", "NY"), ("99501", "AK"),
     ("20500", "DC"), ("05501", "MA"), ("73301", "TX"), ("88510", "TX"), ("00907", "PR"), ("96910", "GU"), ("09012", "AE")],
)  # fmt: skip
def test_a_zip_code_in_its_state(postal_code, state):
    assert zip_in_state(postal_code, state)


@pytest.mark.parametrize(
    ("postal_code", "state"),
    [("28105", "NY"), ("10001", "CA"), ("1000", "NY"), ("100011", "NY"), ("1000A", "NY"), ("", "NY"), ("10001", "ny"),
     ("10001", "ZZ"), ("10001-12", "NY"), ("\u0661\u0660\u0660\u0660\u0661", "NY"), ("10001\n", "NY")],
)  # fmt: skip
def test_a_zip_code_that_is_not(postal_code, state):
    assert not zip_in_state(postal_code, state)


def test_states():
    assert all(is_state(code) for code in ("NY", "DC", "PR", "AE"))
    assert not any(is_state(code) for code in ("", "ny", "New York", "ZZ", "CANADA"))
