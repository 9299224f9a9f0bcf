"""From a priced cart or quote to the charge that is made of it. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Protocol
from uuid import UUID

import msgspec

from carelane.carts.lines import Catalogue, LineRow
from carelane.carts.pricing import gross_cents
from carelane.charges.actions import NewCharge, NewLine
from carelane.kit.ids import uuid7
from carelane.kit.money import decimal_string
from carelane.kit.phi import Phi


class Offer(Protocol):
    """What carts and quotes have in common once they are locked."""

    @property
    def patient_id(self) -> UUID: ...
    @property
    def creator_id(self) -> UUID | None: ...
    @property
    def currency(self) -> str: ...
    @property
    def discount_amount_cents(self) -> int: ...
    @property
    def discount_percentage(self) -> Decimal: ...
    @property
    def subtotal_cents(self) -> int: ...
    @property
    def discount_cents(self) -> int: ...
    @property
    def tax_cents(self) -> int: ...
    @property
    def total_cents(self) -> int: ...


class Conversion(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What the caller wants written on the charge."""

    description: str | None = None
    external_id: str | None = None
    location_id: UUID | None = None
    appointment_id: str | None = None


def new_charge(
    offer: Offer,
    lines: Sequence[LineRow],
    catalogue: Catalogue,
    conversion: Conversion,
    *,
    cart_id: UUID,
    quote_id: UUID | None = None,
    words: Mapping[UUID, str | None] | None = None,
) -> NewCharge:
    """The charge, with a new id, at the prices that stand. `catalogue` names what is sold; `words`, by line, go along."""
    return NewCharge(
        id=uuid7(),
        patient_id=offer.patient_id,
        cart_id=cart_id,
        quote_id=quote_id,
        creator_id=offer.creator_id,
        location_id=conversion.location_id,
        currency=offer.currency,
        discount_amount_cents=offer.discount_amount_cents,
        discount_percentage=offer.discount_percentage,
        subtotal_cents=offer.subtotal_cents,
        discount_cents=offer.discount_cents,
        tax_cents=offer.tax_cents,
        total_cents=offer.total_cents,
        description=conversion.description,
        external_id=conversion.external_id,
        appointment_id=conversion.appointment_id,
        lines=[_line(line, catalogue, (words or {}).get(line.id)) for line in lines],
    )


def _line(line: LineRow, catalogue: Catalogue, words: str | None) -> NewLine:
    """Charges count whole pieces: a fraction is sold as one piece, at what the fraction costs."""
    is_whole = line.quantity == line.quantity.to_integral_value()
    gross = gross_cents(line.quantity, line.unit_price_cents)
    fraction = (
        None
        if is_whole
        else f"{line.quantity.normalize():f} \N{MULTIPLICATION SIGN} {decimal_string(line.unit_price_cents)}"
    )
    return NewLine(
        product_id=line.product_id,
        bundle_id=line.bundle_id,
        name=catalogue.sold[line.product_id or line.bundle_id].shown.name,
        description="; ".join(text for text in (fraction, words) if text) or None,
        quantity=int(line.quantity) if is_whole else 1,
        unit_price_cents=line.unit_price_cents if is_whole else gross,
        discount_amount_cents=line.discount_amount_cents,
        discount_percentage=line.discount_percentage,
        tax_cents=line.tax_cents,
        total_cents=line.total_cents,
    )
