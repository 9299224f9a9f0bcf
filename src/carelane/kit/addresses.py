"""Which addresses are public: where a receiver of webhooks or a pharmacy may live.

Python's own tables know what is not globally reachable. They let pass what has a special purpose all the same, such as the
addresses at which clouds tell a machine its secrets, and what IPv6 never gave out. IANA's registries of special-purpose
addresses are the source (IPv4 and IPv6, as of 2026), beside what clouds document.
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SPECIAL_IPV4 = [
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # private use
        "100.64.0.0/10",  # behind carriers; Alibaba's metadata
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # Azure's platform
        "169.254.0.0/16",  # this link; most clouds' metadata
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  # documentation
        "192.31.196.0/24", "192.175.48.0/24",  # AS112
        "192.52.193.0/24",  # multicast relays
        "192.88.99.0/24",  # 6to4 relays
        "198.18.0.0/15",  # benchmarks
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; broadcast
    )
]  # fmt: skip
# All that IPv6 has given out to be reached from everywhere, and what has a special purpose in there.
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")
_SPECIAL_IPV6 = [
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32", "3fff::/20",  # documentation
        "2002::/16",  # 6to4: what is meant is the address inside
        "2620:4f:8000::/48",  # AS112
    )
]  # fmt: skip
# These end in an IPv4 address, which they may be turned into on the way: NAT64 (RFC 6052), and the old compatible ones,
# among which only :: and ::1 mean something else.
_ENDING_IN_IPV4 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
# So do those of ISATAP (RFC 5214), whatever they begin with.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def is_public(address: Address) -> bool:
    """Of an address that was given by `meant`."""
    if isinstance(address, ipaddress.IPv4Address):
        is_special = any(address in network for network in _SPECIAL_IPV4)
    else:
        is_special = address not in _GLOBAL_IPV6 or any(address in network for network in _SPECIAL_IPV6)
    return not is_special and address.is_global and not address.is_multicast


def meant(address: Address) -> Address:
    """The IPv4 address that is written inside an IPv6 address, if one is: that is where the connection ends."""
    if not isinstance(address, ipaddress.IPv6Address):
        return address
    is_isatap = (int(address) >> 32) & 0xFFFF_FFFF in _ISATAP
    if is_isatap or (int(address) > 1 and any(address in network for network in _ENDING_IN_IPV4)):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def read_networks(text: str) -> list[Network]:
    """`127.0.0.0/8, ::1` as networks. Raises ValueError that names the part."""
    return [ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()]


def is_in(text: str, networks: list[Network]) -> bool:
    """Whether this is an address, and in one of them."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks if network.version == address.version)
