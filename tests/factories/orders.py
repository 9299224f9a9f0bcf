"""Prescription orders with their items and what the carrier said."""

from typing import Any
from uuid import UUID, uuid4

from carelane.services import Services
from tests.factories.rows import insert_row


async def place_order(services: Services, organization_id: UUID, case_id: UUID, **values: Any) -> UUID:
    usual = {"case_id": case_id, "external_id": uuid4(), "status": "SHIPPED"}
    return await insert_row(services, organization_id, "orders", **(usual | values))


async def add_item(
    services: Services, organization_id: UUID, order_id: UUID, name: str, quantity: str, position: int
) -> UUID:
    return await insert_row(
        services,
        organization_id,
        "order_items",
        order_id=order_id,
        name=name,
        quantity=quantity,
        position=position,
    )


async def log_shipping(
    services: Services, organization_id: UUID, order_id: UUID, status_updated_at: str, **values: Any
) -> UUID:
    return await insert_row(
        services,
        organization_id,
        "order_shipping_logs",
        order_id=order_id,
        status_updated_at=status_updated_at,
        **values,
    )
