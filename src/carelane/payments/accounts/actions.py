"""Changing an organization's gateway accounts and terms of payment, in the caller's transaction."""

from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from carelane import events
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.phi import DataKey
from carelane.organizations.queries import lock_organization
from carelane.payments.accounts import queries
from carelane.payments.accounts.queries import (
    PREVIOUS_WEBHOOK_SECRET,
    SECRET_KEY,
    WEBHOOK_SECRET,
    Fee,
    GatewayAccount,
    Policy,
    Provider,
)
from carelane.permissions import ORGANIZATION_MANAGE, requires


class WantedGateway(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is to be. UNSET: as it is; a new one needs a secret key, and has no webhook secret."""

    id: UUID
    provider: Provider
    is_test: bool
    is_active: bool | UnsetType = UNSET
    secret_key: str | UnsetType = UNSET
    webhook_secret: str | UnsetType = UNSET
    previous_webhook_secret: str | UnsetType | None = UNSET

    def __repr__(self) -> str:
        return f"WantedGateway({self.id}, ***)"


@requires(ORGANIZATION_MANAGE)
async def save_gateways(conn: Connection, actor: Actor, wanted: list[WantedGateway], data_key: DataKey) -> None:
    """Makes each account what is wanted, with an event for each that changes."""
    there = await queries.lock_accounts(conn, actor.organization_id)
    for gateway in wanted:
        before = there.get(gateway.id)
        account = _account(actor.organization_id, gateway, before, data_key)
        if account == before:
            continue
        await queries.save_account(conn, account)
        how = "CREATED" if before is None else "CHANGED"
        event = events.new_event(actor, "GATEWAY_ACCOUNT_CHANGED", None, target_id=account.id, value_after=how)
        await events.record(conn, event)


@requires(ORGANIZATION_MANAGE)
async def save_terms(
    conn: Connection, actor: Actor, policy: Policy, order_requires_payment: bool | None, fees: list[Fee]
) -> None:
    """When the organization takes money. Payments that were begun keep the policy they were begun under. One event if it changes."""
    await lock_organization(conn, actor.organization_id)
    there = await queries.get_terms(conn, actor.organization_id)
    if (there.policy, there.order_requires_payment, there.fees) == (policy, order_requires_payment, fees):
        return
    await queries.save_terms(conn, actor.organization_id, policy, order_requires_payment, fees)
    target = actor.organization_id
    await events.record(
        conn, events.new_event(actor, "ORGANIZATION_CHANGED", None, target_id=target, value_after="CHANGED")
    )


def _account(
    organization_id: UUID, wanted: WantedGateway, before: GatewayAccount | None, data_key: DataKey
) -> GatewayAccount:
    def sealed(secret: str | UnsetType | None, place: str, there: bytes | None) -> bytes | None:
        """What is there when it is the secret: sealing again would change the bytes."""
        if secret is UNSET:
            return there
        if secret is None:
            return None
        if there is not None and data_key.open(there, place, wanted.id) == secret.encode():
            return there
        return data_key.seal(secret.encode(), place, wanted.id)

    key = sealed(wanted.secret_key, SECRET_KEY, before.secret_key_sealed if before else None)
    if key is None:
        raise ValueError("a new gateway account needs a secret key")
    return GatewayAccount(
        organization_id=organization_id,
        id=wanted.id,
        provider=wanted.provider,
        is_test=wanted.is_test,
        secret_key_sealed=key,
        webhook_secret_sealed=sealed(
            wanted.webhook_secret, WEBHOOK_SECRET, before.webhook_secret_sealed if before else None
        ),
        previous_webhook_secret_sealed=sealed(
            wanted.previous_webhook_secret,
            PREVIOUS_WEBHOOK_SECRET,
            before.previous_webhook_secret_sealed if before else None,
        ),
        is_active=(before.is_active if before else True) if wanted.is_active is UNSET else wanted.is_active,
        updated_at=before.updated_at if before else clock.now(),
    )
