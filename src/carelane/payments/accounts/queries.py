"""Every SQL statement about gateway accounts and an organization's terms of payment, and the row types."""

from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from carelane.kit.db import Connection, to_json

# The places that sealed keys are bound to.
SECRET_KEY = "gateway_accounts.secret_key_sealed"  # noqa: S105 - a table's column
WEBHOOK_SECRET = "gateway_accounts.webhook_secret_sealed"  # noqa: S105 - a table's column
PREVIOUS_WEBHOOK_SECRET = "gateway_accounts.previous_webhook_secret_sealed"  # noqa: S105 - a table's column

Provider = Literal["stripe"]
Policy = Literal["charge_on_approval", "hold", "unverified"]
FeeKind = Literal["convenience", "payment_processing", "pharmacy", "shipping", "syringe_kit", "tech_platform", "other"]

_ACCOUNT: LiteralString = """
SELECT organization_id, id, provider, is_test, secret_key_sealed, webhook_secret_sealed, previous_webhook_secret_sealed, is_active,
  updated_at
FROM gateway_accounts WHERE organization_id = %(organization_id)s
"""
_TERMS: LiteralString = """
SELECT o.payment_policy, o.order_requires_payment, o.payment_fees::text, o.currency, t.id, l.id
FROM organizations o
LEFT JOIN gateway_accounts t ON t.organization_id = o.id AND t.is_test AND t.is_active
LEFT JOIN gateway_accounts l ON l.organization_id = o.id AND NOT l.is_test AND l.is_active
WHERE o.id = %s
"""


class GatewayAccount(msgspec.Struct, frozen=True, kw_only=True):
    organization_id: UUID
    id: UUID
    provider: Provider
    is_test: bool
    secret_key_sealed: bytes
    webhook_secret_sealed: bytes | None
    previous_webhook_secret_sealed: bytes | None
    is_active: bool
    updated_at: datetime

    def __repr__(self) -> str:
        return f"GatewayAccount({self.id}, ***)"


class Fee(msgspec.Struct, frozen=True, kw_only=True):
    """Part of what a case's payment in that currency comes to. A fee of kind `other` goes by its label."""

    kind: FeeKind
    amount_cents: int
    currency: str
    label: str | None = None


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """When an organization takes money, and with which account. Ask `policy_for`: what the organization said counts only where there
    is an account."""

    policy: Policy
    # Whether orders wait for their payment (`gate/`). None: as soon as there is a gateway.
    order_requires_payment: bool | None
    fees: list[Fee]
    # What the organization sells in, where nothing else is said.
    currency: str
    # The active accounts.
    test_account_id: UUID | None
    live_account_id: UUID | None

    def account_id(self, *, is_test: bool) -> UUID | None:
        return self.test_account_id if is_test else self.live_account_id

    def policy_for(self, *, is_test: bool) -> Policy:
        """`unverified` where there is no account that could verify."""
        return "unverified" if self.account_id(is_test=is_test) is None else self.policy


async def get_terms(conn: Connection, organization_id: UUID) -> Terms:
    """Of an organization that is there."""
    row = (await (await conn.execute(_TERMS, (organization_id,))).fetchall())[0]
    policy, order_requires_payment, fees, currency, test_account_id, live_account_id = row
    return Terms(
        policy=policy,
        order_requires_payment=order_requires_payment,
        fees=msgspec.json.decode(fees, type=list[Fee]),
        currency=currency,
        test_account_id=test_account_id,
        live_account_id=live_account_id,
    )


async def save_terms(
    conn: Connection, organization_id: UUID, policy: Policy, order_requires_payment: bool | None, fees: list[Fee]
) -> None:
    """The organization's row must be locked."""
    await conn.execute(
        """
        UPDATE organizations SET payment_policy = %s, order_requires_payment = %s, payment_fees = %s, updated_at = now()
        WHERE id = %s
        """,
        (policy, order_requires_payment, to_json(fees), organization_id),
    )


async def find_active_account(conn: Connection, organization_id: UUID, *, is_test: bool) -> GatewayAccount | None:
    async with conn.cursor(row_factory=class_row(GatewayAccount)) as cursor:
        await cursor.execute(
            _ACCOUNT + " AND is_test = %(is_test)s AND is_active",
            {"organization_id": organization_id, "is_test": is_test},
        )
        return await cursor.fetchone()


async def find_account(conn: Connection, organization_id: UUID, account_id: UUID) -> GatewayAccount | None:
    """Whether it is active or not: payments that were begun with it end with it."""
    async with conn.cursor(row_factory=class_row(GatewayAccount)) as cursor:
        await cursor.execute(_ACCOUNT + " AND id = %(id)s", {"organization_id": organization_id, "id": account_id})
        return await cursor.fetchone()


async def list_accounts(conn: Connection, organization_id: UUID) -> list[GatewayAccount]:
    """All of them, the one for test money last."""
    async with conn.cursor(row_factory=class_row(GatewayAccount)) as cursor:
        await cursor.execute(_ACCOUNT + " ORDER BY is_test, id", {"organization_id": organization_id})
        return await cursor.fetchall()


async def lock_accounts(conn: Connection, organization_id: UUID) -> dict[UUID, GatewayAccount]:
    async with conn.cursor(row_factory=class_row(GatewayAccount)) as cursor:
        await cursor.execute(_ACCOUNT + " ORDER BY id FOR NO KEY UPDATE", {"organization_id": organization_id})
        return {account.id: account for account in await cursor.fetchall()}


async def save_account(conn: Connection, account: GatewayAccount) -> None:
    """Inserts it, or gives the one with its id the new keys. `updated_at` is the database's."""
    await conn.execute(
        """
        INSERT INTO gateway_accounts (organization_id, id, provider, is_test, secret_key_sealed, webhook_secret_sealed,
                                      previous_webhook_secret_sealed, is_active)
        VALUES (%(organization_id)s, %(id)s, %(provider)s, %(is_test)s, %(secret_key_sealed)s, %(webhook_secret_sealed)s,
                %(previous_webhook_secret_sealed)s, %(is_active)s)
        ON CONFLICT (organization_id, id) DO UPDATE SET
          secret_key_sealed = excluded.secret_key_sealed, webhook_secret_sealed = excluded.webhook_secret_sealed,
          previous_webhook_secret_sealed = excluded.previous_webhook_secret_sealed, is_active = excluded.is_active,
          updated_at = now()
        """,
        msgspec.structs.asdict(account),
    )
