"""Writing a charge: the last step of converting a cart or a quote, of a case's payment, and of a sale without any of these."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from carelane import events
from carelane.charges.queries import (
    COMMENT,
    DESCRIPTION,
    DISCOUNT_REASON,
    LINE_DESCRIPTION,
    META,
    Charge,
    ChargeLine,
    insert_charge,
)
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.ids import uuid7
from carelane.kit.money import decimal_string
from carelane.kit.phi import DataKey, Phi
from carelane.ledger import entries
from carelane.ledger.actions import post_new
from carelane.ledger.entries import Sold
from carelane.ledger.schemas import Books, Entry
from carelane.pricing.arithmetic import gross_cents
from carelane.pricing.lines import Catalog, Chargeable, LineRow

# Members that are sealed, or rows of their own.
_OTHERWISE = frozenset({"description", "comment", "meta", "discount_reason", "lines"})


class NewLine(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What is sold: a product or a bundle, by its current name, or something by a name alone. `total_cents` is gross minus the line's own discount."""

    product_id: UUID | None = None
    bundle_id: UUID | None = None
    name: str
    description: str | None = None
    quantity: int
    unit_price_cents: int
    discount_amount_cents: int = 0
    discount_percentage: Decimal = Decimal(0)
    tax_cents: int
    total_cents: int
    # The member of staff who sold it, and why it is cheaper.
    sold_by_id: UUID | None = None
    discount_reason: str | None = None


class NewCharge(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge to be written, priced. `discount_amount_cents` and `discount_percentage` are its discount as asked for,
    `discount_cents` is what they came to together: total = subtotal - discount + tax."""

    id: UUID
    patient_id: UUID
    # The id its caller gave it, unless that is `id`.
    given_id: str | None = None
    # What it was made of: a cart, perhaps through a quote, or a case's payment; nothing of a sale.
    cart_id: UUID | None = None
    case_id: UUID | None = None
    quote_id: UUID | None = None
    creator_id: UUID | None = None
    location_id: UUID | None = None
    currency: str
    # Without: whether the organization has a gateway for test money only.
    is_test: bool | None = None
    discount_amount_cents: int = 0
    discount_percentage: Decimal = Decimal(0)
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    description: str | None = None
    external_id: str | None = None
    # The caller's own id of an appointment.
    appointment_id: str | None = None
    comment: str | None = None
    # JSON that its caller keeps with it.
    meta: str | None = None
    external_created_at: datetime | None = None
    lines: list[NewLine]

    @property
    def ref(self) -> str:
        """The id that callers know it by."""
        return self.given_id or str(self.id)


class ChargeDetails(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What the caller wants written on a charge."""

    description: str | None = None
    external_id: str | None = None
    location_id: UUID | None = None
    appointment_id: str | None = None


def charge_of(
    source: Chargeable,
    lines: Sequence[LineRow],
    catalog: Catalog,
    details: ChargeDetails,
    *,
    cart_id: UUID,
    quote_id: UUID | None = None,
    texts: Mapping[UUID, str | None] | None = None,
) -> NewCharge:
    """The charge, with a new id, at the prices of its source. `catalog` has the names of what is sold, `texts` go with lines."""
    return NewCharge(
        id=uuid7(),
        patient_id=source.patient_id,
        cart_id=cart_id,
        quote_id=quote_id,
        creator_id=source.creator_id,
        location_id=details.location_id,
        currency=source.currency,
        discount_amount_cents=source.discount_amount_cents,
        discount_percentage=source.discount_percentage,
        subtotal_cents=source.subtotal_cents,
        discount_cents=source.discount_cents,
        tax_cents=source.tax_cents,
        total_cents=source.total_cents,
        description=details.description,
        external_id=details.external_id,
        appointment_id=details.appointment_id,
        lines=[_line_of(line, catalog, source.currency, (texts or {}).get(line.id)) for line in lines],
    )


def _line_of(line: LineRow, catalog: Catalog, currency: str, text: str | None) -> NewLine:
    """Charges count whole pieces: a fraction is sold as one piece, for what the fraction costs."""
    is_whole = line.quantity == line.quantity.to_integral_value()
    gross = gross_cents(line.quantity, line.unit_price_cents)
    fraction = (
        None
        if is_whole
        else f"{line.quantity.normalize():f} \N{MULTIPLICATION SIGN} {decimal_string(line.unit_price_cents, currency)}"
    )
    return NewLine(
        product_id=line.product_id,
        bundle_id=line.bundle_id,
        name=catalog.sold[line.sold_id].shown.name,
        description="; ".join(part for part in (fraction, text) if part) or None,
        quantity=int(line.quantity) if is_whole else 1,
        unit_price_cents=line.unit_price_cents if is_whole else gross,
        discount_amount_cents=line.discount_amount_cents,
        discount_percentage=line.discount_percentage,
        tax_cents=line.tax_cents,
        total_cents=line.total_cents,
    )


async def write_charge(conn: Connection, actor: Actor, data_key: DataKey, new: NewCharge) -> None:
    """Writes the charge, nothing of it paid, what it posts, and its event. The caller holds the row that it is made of."""
    charge = Charge(
        organization_id=actor.organization_id,
        description_sealed=_sealed(data_key, new.description, DESCRIPTION, new.id),
        comment_sealed=_sealed(data_key, new.comment, COMMENT, new.id),
        meta_sealed=_sealed(data_key, new.meta, META, new.id),
        **_same_columns(new),
    )
    lines = [_line_row(actor.organization_id, data_key, new, position) for position in range(len(new.lines))]
    await insert_charge(conn, charge, lines)
    await post_new(conn, actor.organization_id, _entry_of(new))
    event = events.new_event(
        actor, "CHARGE_CREATED", None, target_id=new.id, is_test=new.is_test or False, value_after=str(new.total_cents)
    )
    await events.record(conn, event)


def _entry_of(new: NewCharge) -> Entry:
    sold = [Sold(line.product_id or line.bundle_id, line.quantity * line.unit_price_cents) for line in new.lines]
    return entries.charge(
        new.id,
        Books(new.currency, new.is_test),
        patient_id=new.patient_id,
        lines=sold,
        tax_cents=new.tax_cents,
        total_cents=new.total_cents,
        location_id=new.location_id,
    )


def _line_row(organization_id: UUID, data_key: DataKey, new: NewCharge, position: int) -> ChargeLine:
    line, line_id = new.lines[position], uuid7()
    return ChargeLine(
        organization_id=organization_id,
        id=line_id,
        charge_id=new.id,
        position=position,
        description_sealed=_sealed(data_key, line.description, LINE_DESCRIPTION, line_id),
        discount_reason_sealed=_sealed(data_key, line.discount_reason, DISCOUNT_REASON, line_id),
        **_same_columns(line),
    )


def _same_columns(new: NewCharge | NewLine) -> dict[str, Any]:
    """The members that are stored as they are, in columns of the same name."""
    return {name: value for name, value in msgspec.structs.asdict(new).items() if name not in _OTHERWISE}


def _sealed(data_key: DataKey, text: str | None, place: str, row_id: UUID) -> Sealed | None:
    return Sealed(data_key.seal(text.encode(), place, row_id)) if text is not None else None
