"""Prescription orders with their items and what the carrier said."""

from typing import Any
from uuid import UUID, uuid4

import msgspec

from carelane.kit.ids import uuid7
from carelane.orders.inbox.queries import KEPT
from carelane.orders.inbox.schemas import KeptCallback
from carelane.orders.queries import ITEM, MESSAGE, PARCEL_LOCATION, PARCEL_MESSAGE, REPLACEMENT_REASON
from carelane.pharmacies.adapters import Callback, Report
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


async def add_call(
    services: Services, organization_id: UUID, order_id: UUID, call: str, outcome: str, **values: Any
) -> UUID:
    """One time that we turned to the pharmacy."""
    row = {"order_id": order_id, "call": call, "outcome": outcome, "duration_milliseconds": 42} | values
    return await insert_row(services, organization_id, "order_attempts", **row)


async def add_callback(
    services: Services,
    organization_id: UUID,
    pharmacy_id: UUID,
    number: str | None,
    report: Report | None = None,
    **values: Any,
) -> UUID:
    """A pharmacy's message that names an order by its own number, and found none; without a number it cannot be read."""
    callback_id, key = uuid7(), await services.keyring.data_key(organization_id)
    said = report or Report(status="ACCEPTED", pharmacy_order_id=number)
    callback = Callback(message_id=callback_id.hex, external_id=None, report=said) if number else None
    kept = msgspec.json.encode(KeptCallback(body=b"{}", callback=callback))
    usual = {
        "id": callback_id, "pharmacy_id": pharmacy_id, "message_id": callback_id.hex, "pharmacy_order_id": number,
        "status": "WAITING" if number else "UNREADABLE", "sealed": key.seal(kept, KEPT, callback_id),
    }  # fmt: skip
    return await insert_row(services, organization_id, "pharmacy_callbacks", **(usual | values))
