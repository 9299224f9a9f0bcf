"""Accounts of organizations with gateways, and payments that are made through them."""

from typing import Any
from uuid import UUID

from carelane.kit.ids import uuid7
from carelane.payments.accounts.queries import PREVIOUS_WEBHOOK_SECRET, SECRET_KEY, WEBHOOK_SECRET
from carelane.services import Services
from tests.factories.rows import insert_row


async def add_account(
    services: Services,
    organization_id: UUID,
    secret_key: str,
    *,
    webhook_secret: str | None = None,
    previous_secret: str | None = None,
    **values: Any,
) -> UUID:
    """An account of Stripe's, for test money unless told otherwise."""
    account_id = uuid7()
    data_key = await services.keyring.data_key(organization_id)

    def seal(secret: str | None, place: str) -> bytes | None:
        return data_key.seal(secret.encode(), place, account_id) if secret else None

    sealed = {
        "secret_key_sealed": seal(secret_key, SECRET_KEY),
        "webhook_secret_sealed": seal(webhook_secret, WEBHOOK_SECRET),
        "previous_webhook_secret_sealed": seal(previous_secret, PREVIOUS_WEBHOOK_SECRET),
    }
    usual = {"id": account_id, "provider": "stripe", "is_test": True}
    return await insert_row(services, organization_id, "gateway_accounts", **(usual | sealed | values))


async def add_payment(services: Services, organization_id: UUID, account_id: UUID, **values: Any) -> UUID:
    """A payment by card that waits for a decision; `values` name its case or its charge, and its patient."""
    usual = {
        "gateway_account_id": account_id,
        "method": "GATEWAY",
        "policy": "charge_on_approval",
        "stage": "WAITING",
        "status": "UNPAID",
        "amount_cents": 4_900,
        "currency": "USD",
        "is_test": True,
        "reference_type": "PAYMENT_INTENT",
    }
    return await insert_row(services, organization_id, "payments", **(usual | values))
