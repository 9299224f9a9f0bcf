"""Payments with fees."""

from typing import Any
from uuid import UUID

from carelane.services import Services
from tests.factories.rows import insert_row


async def charge(services: Services, organization_id: UUID, case_id: UUID, amount_cents: int, **values: Any) -> UUID:
    usual = {"currency": "USD", "status": "PAID"}
    named = {"case_id": case_id, "amount_cents": amount_cents}
    return await insert_row(services, organization_id, "payments", **(usual | named | values))


async def add_sub_fee(
    services: Services, organization_id: UUID, payment_id: UUID, label: str, amount_cents: int, position: int
) -> UUID:
    return await insert_row(
        services,
        organization_id,
        "payment_sub_fees",
        payment_id=payment_id,
        label=label,
        amount_cents=amount_cents,
        position=position,
    )
