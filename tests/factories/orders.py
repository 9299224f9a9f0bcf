"""Prescription orders with their items and what the carrier said."""

from typing import Any
from uuid import UUID, uuid4

import msgspec

from carelane.kit.ids import uuid7
from carelane.orders.queries import ITEM, MESSAGE, PARCEL_LOCATION, PARCEL_MESSAGE, REPLACEMENT_REASON
from carelane.pharmacies.schemas import RxItem
from carelane.services import Services
from tests.factories.rows import insert_row


async def place_order(
    services: Services,
    organization_id: UUID,
    case_id: UUID,
    *,
    message: str | None = None,
    replacement_reason: str | None = None,
    **values: Any,
) -> UUID:
    """An order; what the pharmacy said and why it replaces another are sealed."""
    order_id = uuid7()
    key = await services.keyring.data_key(organization_id)
    usual: dict[str, Any] = {"id": order_id, "case_id": case_id, "external_id": uuid4(), "status": "SHIPPED"}
    if message is not None:
        usual["message_sealed"] = key.seal(message.encode(), MESSAGE, order_id)
    if replacement_reason is not None:
        usual["replacement_reason_sealed"] = key.seal(replacement_reason.encode(), REPLACEMENT_REASON, order_id)
    return await insert_row(services, organization_id, "orders", **(usual | values))


async def add_item(
    services: Services, organization_id: UUID, order_id: UUID, name: str, quantity: str, position: int
) -> UUID:
    item_id = uuid7()
    key = await services.keyring.data_key(organization_id)
    content = msgspec.json.encode(RxItem(drug_id="drug-456", name=name, quantity=quantity))
    sealed = key.seal(content, ITEM, item_id)
    return await insert_row(
        services, organization_id, "order_items", id=item_id, order_id=order_id, position=position, sealed=sealed
    )


async def log_shipping(
    services: Services, organization_id: UUID, order_id: UUID, status_updated_at: str, **values: Any
) -> UUID:
    log_id, key = uuid7(), await services.keyring.data_key(organization_id)
    for name, place in (("location", PARCEL_LOCATION), ("message", PARCEL_MESSAGE)):
        if name in values:
            values[f"{name}_sealed"] = key.seal(values.pop(name).encode(), place, log_id)
    return await insert_row(
        services,
        organization_id,
        "order_shipping_logs",
        id=log_id,
        order_id=order_id,
        status_updated_at=status_updated_at,
        **values,
    )
