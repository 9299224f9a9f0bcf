"""An order that staff are about to place, on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.orders.schemas import FindingOut, OrderIn, PlaceOrderIn, SentOrder


class PharmacyChoiceOut(msgspec.Struct, frozen=True):
    """`code` is what an order names it by."""

    code: str
    name: str


class DrugChoiceOut(msgspec.Struct, rename="camel", frozen=True):
    """Of a product that was approved."""

    code: str
    name: str
    product_id: UUID


class ItemDraftOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`drugId` is null where several drugs come into question, `quantity` where the decision does not say how much."""

    product_id: UUID
    drug_id: str | None
    medicine: str
    direction: str | None
    quantity: str | None
    refill_count: int | None
    supply_days: int | None


class PrescriberDraftOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    first_name: str
    last_name: str
    title: str | None
    title_suffix: str | None
    npi: str | None
    dea: str | None
    email: str
    phone_number: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    country: str | None
    postal_code: str | None


class LastItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    drug_id: str
    direction: str | None
    quantity: str
    refill_count: int | None
    supply_days: int | None


class LastOrderOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The patient's newest order with one of the drugs that the draft's items can be, in whichever case; not one that was canceled
    or refused. `items`: of each item of the draft, in their order, what it was then; null where it had none."""

    id: UUID
    case_id: UUID
    placed_at: datetime
    pharmacy_id: str
    diagnosis: str
    items: list[LastItemOut | None]


class OrderDraftOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is known already of an order for what was approved and not ordered yet. `prescriber` is whoever decided."""

    pharmacies: list[PharmacyChoiceOut]
    drugs: list[DrugChoiceOut]
    prescriber: PrescriberDraftOut | None
    items: list[ItemDraftOut]
    last_order: LastOrderOut | None


class StaffOrderIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`order` is as a storefront's."""

    order: OrderIn


class TriedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What placing it would find; nothing was written."""

    would_create: bool
    findings: list[FindingOut]


class PlacedOrderOut(msgspec.Struct, frozen=True):
    id: Annotated[UUID, Meta(description="The new order's")]


def as_sent(body: StaffOrderIn) -> SentOrder:
    """As the preflight looks at it."""
    order = msgspec.to_builtins(body.order)
    known = {name: value for name, value in order.items() if value is not None}
    return SentOrder(
        raw={"action": "PLACE_ORDER", "order": known},
        body=PlaceOrderIn(action="PLACE_ORDER", order=body.order),
        problems=[],
    )
