"""Making a charge, as the last step of converting a cart or a quote."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from carelane import events
from carelane.charges.queries import DESCRIPTION, LINE_DESCRIPTION, Charge, ChargeLine, insert_charge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection, Sealed
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi


class NewLine(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What is sold: a product or a bundle, by its name of today. `total_cents` is gross less the line's own discount."""

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


class NewCharge(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A charge as conversion hands it over, priced. Its discount as asked for is `discount_amount_cents` and
    `discount_percentage`; `discount_cents` is what both came to: total = subtotal - discount + tax."""

    id: UUID
    patient_id: UUID
    cart_id: UUID
    quote_id: UUID | None = None
    creator_id: UUID | None = None
    location_id: UUID | None = None
    currency: str
    discount_amount_cents: int = 0
    discount_percentage: Decimal = Decimal(0)
    subtotal_cents: int
    discount_cents: int
    tax_cents: int
    total_cents: int
    description: str | None = None
    external_id: str | None = None
    # The caller's own name of an appointment.
    appointment_id: str | None = None
    lines: list[NewLine]


async def write_charge(conn: Connection, actor: Actor, data_key: DataKey, new: NewCharge) -> None:
    """Writes the charge, of which all is to be paid, and tells of it. Whoever calls holds the cart's lock."""
    charge = Charge(
        organization_id=actor.organization_id,
        description_sealed=_sealed(data_key, new.description, DESCRIPTION, new.id),
        **_same(new, "lines"),
    )
    lines = [_line(actor.organization_id, data_key, new, position) for position in range(len(new.lines))]
    await insert_charge(conn, charge, lines)
    told = events.new_event(actor, "CHARGE_CREATED", None, target_id=new.id, value_after=str(new.total_cents))
    await events.record(conn, told)


def _line(organization_id: UUID, data_key: DataKey, new: NewCharge, position: int) -> ChargeLine:
    line, line_id = new.lines[position], uuid7()
    return ChargeLine(
        organization_id=organization_id,
        id=line_id,
        charge_id=new.id,
        position=position,
        description_sealed=_sealed(data_key, line.description, LINE_DESCRIPTION, line_id),
        **_same(line),
    )


def _same(new: NewCharge | NewLine, *without: str) -> dict[str, Any]:
    """The members that are columns of the same name."""
    return {
        name: value
        for name, value in msgspec.structs.asdict(new).items()
        if name != "description" and name not in without
    }


def _sealed(data_key: DataKey, text: str | None, place: str, row_id: UUID) -> Sealed | None:
    return Sealed(data_key.seal(text.encode(), place, row_id)) if text is not None else None
