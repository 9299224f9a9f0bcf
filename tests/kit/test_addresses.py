"""Which addresses are public, and what is meant by one that has another inside. With the neighbors at both ends."""

import ipaddress

import pytest

from carelane.kit.addresses import is_public, meant
from carelane.kit.http import Http, TargetRefusedError

# Each is of a special purpose, or leads to one that is.
REFUSED = [
    "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
    "127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.0",
    "172.31.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.9", "192.0.0.170", "192.0.0.192", "192.0.0.255", "192.0.2.1",
    "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::169.254.169.254", "100::1", "2001:db8::1", "3fff::1", "5f00::1", "ff02::1",
    # unique local, AWS's metadata among them; link-local; site-local
    "fc00::1", "fd00:ec2::254", "fdff:ffff::1", "fe80::1", "febf:ffff::1", "fec0::1", "feff:ffff::1",
    # IPv4-mapped, IPv4-translated
    "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:0:0", "::ffff:168.63.129.16",
    "::ffff:0:10.0.0.1", "::ffff:0:8.8.8.8", "::ffff:0:169.254.169.254",
    # NAT64: the well-known prefix, and the one for local use
    "64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::168.63.129.16",
    "64:ff9b:1::1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
    # 6to4, Teredo, ISATAP
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:a00:1::", "2002:a83f:8110::", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001::1", "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a9fe:a9fe",
]  # fmt: skip
PASSED = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1",
    "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.1", "172.15.255.255", "172.32.0.0", "191.255.255.255",
    "192.0.1.0", "192.0.3.0", "192.88.98.1", "192.88.100.1", "192.167.255.255", "192.169.0.0", "198.17.255.255",
    "198.20.0.0", "198.51.99.1", "203.0.112.1", "223.255.255.255",
    "2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888",
    "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1",
]  # fmt: skip


def leads_to_public(text: str) -> bool:
    return is_public(meant(ipaddress.ip_address(text)))


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_public_is_refused_also_inside_another(text):
    assert not leads_to_public(text)
    host = f"[{text}]" if ":" in text else text
    with pytest.raises(TargetRefusedError):
        Http().require_allowed(f"https://{host}:8443/hook")


@pytest.mark.parametrize("text", PASSED)
def test_their_neighbors_are_public(text):
    assert leads_to_public(text)


def test_a_zone_does_not_hide_an_address():
    for text in ("fe80::1%eth0", "fec0::1%1", "::1%lo"):
        assert not leads_to_public(text)


def test_what_is_allowed_is_allowed_for_what_is_meant():
    """Who allows 10.1.0.0/16 allows it however it is written, and nothing beside it."""
    http = Http("10.1.0.0/16")
    for host in ("10.1.2.3", "[::ffff:10.1.2.3]", "[64:ff9b::10.1.2.3]", "[2002:a01:203::]"):
        http.require_allowed(f"https://{host}/")
    for host in ("10.2.0.1", "[::ffff:10.2.0.1]", "[64:ff9b:1::10.1.2.3]", "[::ffff:0:10.1.2.3]"):
        with pytest.raises(TargetRefusedError):
            http.require_allowed(f"https://{host}/")
