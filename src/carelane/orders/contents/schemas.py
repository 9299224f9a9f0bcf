"""An order's content on the wire."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi
from carelane.pharmacies.adapters import PharmacyStatus


class ItemApprovalOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """The decision that an item rests on, and who gave it."""

    id: UUID
    decided_at: datetime
    first_name: str
    last_name: str
    npi: str | None


class PrescribedItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`name` and `ndc` are the drug's when the order was placed. `decision` is null for a drug of no product that was approved."""

    drug_id: str
    name: str
    ndc: str | None
    direction: str | None
    quantity: str
    refill_count: int | None
    supply_days: int | None
    decision: ItemApprovalOut | None


class ShippingAddressOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    address_line1: str
    address_line2: str | None
    city: str
    state: str
    country: str
    postal_code: str


class ToldOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What a callback said; `id` is the callback's."""

    id: UUID
    reported_status: PharmacyStatus | None
    message: str | None


class ParcelOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    tracking_id: str | None
    status: str | None
    location: str | None
    message: str | None
    at: datetime


class OrderContentsOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`items` and what follows are empty or null for an order whose prescription was not kept."""

    order_id: UUID
    patient_id: UUID
    patient_name: str
    patient_date_of_birth: date | None
    items: list[PrescribedItemOut]
    shipping_address: ShippingAddressOut | None
    diagnosis: str | None
    prescriber: str | None
    message: str | None
    cancel_reason: str | None
    replacement_reason: str | None
    resolved_at: datetime | None
    resolution: str | None
    told: list[ToldOut]
    parcels: list[ParcelOut]
