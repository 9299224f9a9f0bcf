"""Charges of a clinic, with the cart that each was made of."""

from typing import Any
from uuid import UUID

from carelane.charges.actions import NewCharge, NewLine, write_charge
from carelane.kit.auth import system_actor
from carelane.kit.ids import uuid7
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.rows import insert_row


def line(name: str = "Tablets", price: int = 15900, **values: Any) -> NewLine:
    usual = {"quantity": 1, "unit_price_cents": price, "tax_cents": 0, "total_cents": price}
    return NewLine(name=name, **(usual | values))


async def make_charge(services: Services, clinic: Clinic, *lines: NewLine, **values: Any) -> UUID:
    """A charge of the clinic's patient over the lines; by default of the clinic's item."""
    organization_id = UUID(clinic.organization_id)
    lines = lines or (line(product_id=UUID(clinic.item_id)),)
    subtotal = sum(one.total_cents for one in lines)
    tax = sum(one.tax_cents for one in lines)
    discount = values.pop("discount_cents", 0)
    sums = {"subtotal_cents": subtotal, "discount_cents": discount, "tax_cents": tax}
    sums["total_cents"] = subtotal - discount + tax
    patient_id = values.pop("patient_id", UUID(clinic.patient_id))
    cart_id = await insert_row(services, organization_id, "carts", patient_id=patient_id, currency="USD", **sums)
    new = NewCharge(
        id=uuid7(), patient_id=patient_id, cart_id=cart_id, lines=list(lines), **({"currency": "USD"} | sums | values)
    )
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        await write_charge(conn, system_actor(organization_id), data_key, new)
    return new.id
