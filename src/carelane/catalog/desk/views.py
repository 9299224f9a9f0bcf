"""From rows of the catalog to the shape of the staff API."""

import msgspec

from carelane.catalog.desk.queries import SoldProduct
from carelane.catalog.desk.schemas import OfferedBundleOut, PartOut, SoldProductOut
from carelane.catalog.queries import FullBundle
from carelane.kit.money import decimal_string
from carelane.web.versions import version_of


def show_product(row: SoldProduct) -> SoldProductOut:
    members = msgspec.structs.asdict(row)
    price = decimal_string(members.pop("price_cents"), row.currency)
    return SoldProductOut(**members, price=price, version=version_of(row))


def show_bundle(row: FullBundle) -> OfferedBundleOut:
    members = msgspec.structs.asdict(row)
    price = decimal_string(members.pop("price_cents"), row.currency)
    discount = decimal_string(members.pop("initial_discount_cents"), row.currency)
    return OfferedBundleOut(**members, price=price, initial_discount=discount, version=version_of(row))


def picked(parts: list[PartOut], ids: list[str]) -> list[PartOut]:
    """What can be picked: what was picked before, then what is offered."""
    chosen = [one for one in parts if str(one.id) in ids]
    return [*chosen, *(one for one in parts if one.is_active and str(one.id) not in ids)]
