"""Promo codes between their rows and the wire."""

import msgspec

from carelane.kit.money import decimal_string
from carelane.promo_codes.desk.queries import UsedCode
from carelane.promo_codes.desk.schemas import PromoCodeOut
from carelane.web.versions import version_of


def show_promo_code(row: UsedCode) -> PromoCodeOut:
    """Its version is that of what can be written: a use changes nothing of it."""
    members = msgspec.structs.asdict(row)
    cents, percentage = members.pop("discount_amount_cents"), members.pop("discount_percentage")
    return PromoCodeOut(
        **members,
        discount_amount=None if cents is None else decimal_string(cents, row.currency),
        discount_percentage=None if percentage is None else f"{percentage.normalize():f}",
        version=version_of(msgspec.structs.replace(row, used_count=0)),
    )
