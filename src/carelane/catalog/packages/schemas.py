"""Packages of the billing dialect on the wire."""

import msgspec


class PackageTinyOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PackageTiny`: a package as lines of carts, quotes and charges show it. `price` is in cents."""

    id: str
    name: str
    description: str | None
    is_archived: bool
    price: int
    external_id: str | None
