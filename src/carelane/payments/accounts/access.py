"""The one door to a gateway: from an organization to the adapter that speaks for it.

Nothing is kept from call to call: an adapter costs microseconds, and a changed key is used at once. Functions without a connection
open a short transaction of their own, so none of them is called inside one.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.payments.accounts import queries
from carelane.payments.accounts.queries import (
    PREVIOUS_WEBHOOK_SECRET,
    SECRET_KEY,
    WEBHOOK_SECRET,
    GatewayAccount,
)
from carelane.payments.gateways.protocol import Gateway
from carelane.payments.gateways.stripe.adapter import StripeGateway
from carelane.services import Services


class AccountNotFoundError(LookupError):
    """The organization has no such gateway account: a record points at one that was never there."""


class WebhookAccount(msgspec.Struct, frozen=True):
    """Who may have sent a webhook, and the secrets that would prove it."""

    id: UUID
    gateway: Gateway
    secrets: Sequence[str]

    def __repr__(self) -> str:
        return f"WebhookAccount({self.id}, ***)"


async def open_gateway(services: Services, organization_id: UUID, *, is_test: bool) -> tuple[UUID, Gateway] | None:
    """The active account for test or for live money, with its id. None: the organization has none."""
    async with services.db.reading(organization_id) as conn:
        account = await queries.find_active_account(conn, organization_id, is_test=is_test)
    return None if account is None else (account.id, await gateway_of(services, account))


async def open_account(services: Services, organization_id: UUID, account_id: UUID) -> Gateway:
    """The account that a payment was begun with, active or not. Raises AccountNotFoundError."""
    async with services.db.reading(organization_id) as conn:
        account = await queries.find_account(conn, organization_id, account_id)
    if account is None:
        raise AccountNotFoundError(str(account_id))
    return await gateway_of(services, account)


async def list_webhook_accounts(
    conn: Connection, services: Services, data_key: DataKey, organization_id: UUID
) -> list[WebhookAccount]:
    """All accounts that have a webhook secret: test and live events come to one address."""
    return [
        WebhookAccount(account.id, _adapter(services, data_key, account), secrets)
        for account in await queries.list_accounts(conn, organization_id)
        if (secrets := _webhook_secrets(data_key, account))
    ]


async def gateway_of(services: Services, account: GatewayAccount) -> Gateway:
    """For whoever has read the account already; its keys may be changed by the next call."""
    return _adapter(services, await services.keyring.data_key(account.organization_id), account)


def _adapter(services: Services, data_key: DataKey, account: GatewayAccount) -> Gateway:
    key = data_key.open(account.secret_key_sealed, SECRET_KEY, account.id).decode()
    url = services.settings.gateway_simulator_url
    return StripeGateway(
        # The simulator may listen on loopback, where nothing else may be reached.
        services.http if url is None else services.simulator_http,
        key,
        account.organization_id,
        is_test=account.is_test,
        url=url,
        timeout_seconds=services.settings.gateway_timeout_seconds,
    )


def _webhook_secrets(data_key: DataKey, account: GatewayAccount) -> list[str]:
    places = (
        (account.webhook_secret_sealed, WEBHOOK_SECRET),
        (account.previous_webhook_secret_sealed, PREVIOUS_WEBHOOK_SECRET),
    )
    return [data_key.open(sealed, place, account.id).decode() for sealed, place in places if sealed is not None]
