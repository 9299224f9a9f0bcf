"""Payments with fees, gateways and what they hold."""

from typing import Any
from uuid import UUID, uuid4

from carelane.payments.accounts.queries import SECRET_KEY
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


async def add_gateway(services: Services, organization_id: UUID, **values: Any) -> UUID:
    """With a key that opens and that no gateway knows."""
    account_id, data_key = uuid4(), await services.keyring.data_key(organization_id)
    usual = {"id": account_id, "provider": "stripe", "is_test": True}
    usual |= {"secret_key_sealed": data_key.seal(b"sk_test_nobody", SECRET_KEY, values.get("id", account_id))}
    return await insert_row(services, organization_id, "gateway_accounts", **(usual | values))


async def add_intent(
    services: Services,
    organization_id: UUID,
    payment_id: UUID,
    gateway_account_id: UUID,
    amount_cents: int,
    **values: Any,
) -> UUID:
    """Money that is held, unless the values say otherwise."""
    usual = {"gateway_id": f"pi_{uuid4().hex}", "status": "requires_capture", "currency": "USD"}
    ids = {"payment_id": payment_id, "gateway_account_id": gateway_account_id}
    return await insert_row(
        services, organization_id, "payment_intents", **(usual | ids | {"amount_cents": amount_cents} | values)
    )
