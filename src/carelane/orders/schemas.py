"""Prescription orders as the case detail shows them (seed 002)."""

from datetime import datetime
from uuid import UUID

import msgspec

from carelane.kit.phi import Phi


class OrderItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    quantity: str


class ShippingLogOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status_updated_at: datetime
    location: str | None
    message: str | None
    status: str | None


class OrderOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`external_id` is ours as the pharmacy knows it; `pharmacy_order_id` is the pharmacy's own."""

    id: UUID
    external_id: UUID
    pharmacy_order_id: str | None
    tracking_id: str | None
    status: str
    message: str | None
    pharmacy_name: str | None
    created_at: datetime
    items: list[OrderItemOut]
    replacement_reason: str | None
    shipping_logs: list[ShippingLogOut]
    est_delivery_at: datetime | None
    tracking_url: str | None
    carrier_name: str | None
