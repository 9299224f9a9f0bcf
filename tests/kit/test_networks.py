"""Networks and the addresses in them."""

import pytest

from carelane.kit.addresses import is_in, read_networks


def test_networks_are_read_and_a_wrong_one_is_named():
    assert [str(network) for network in read_networks(" 10.1.2.3/16, ::1 ,")] == ["10.1.0.0/16", "::1/128"]
    with pytest.raises(ValueError, match="ten"):
        read_networks("10.0.0.0/8, ten")


@pytest.mark.parametrize(
    ("address", "is_inside"),
    [
        ("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("10.2.0.1", False), ("::1", True), ("::2", False), ("", False),
        ("a.example", False),
    ],
)  # fmt: skip
def test_an_address_is_in_a_network_however_it_is_written(address, is_inside):
    assert is_in(address, read_networks("10.1.0.0/16, ::1")) == is_inside
