"""The terms of payment and the gateway accounts of a file: compared with what is there, and handed to their own actions."""

from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane.apply.errors import InvalidFileError
from carelane.apply.organization.schemas import OrganizationEntry
from carelane.apply.payments.schemas import GatewayEntry, PaymentsEntry
from carelane.apply.queries import Fields
from carelane.apply.states import Comparison, secret_digest
from carelane.apply.views import Change
from carelane.clinic.fees.views import fees_of, fees_out
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem
from carelane.kit.phi import DataKey
from carelane.payments.accounts.actions import WantedGateway, save_gateways, save_terms
from carelane.payments.accounts.queries import (
    PREVIOUS_WEBHOOK_SECRET,
    SECRET_KEY,
    WEBHOOK_SECRET,
    GatewayAccount,
    Terms,
    get_terms,
    lock_accounts,
)
from carelane.permissions import ORGANIZATION_MANAGE, requires

GATEWAY = "gateway"
TERMS = "payments"


@requires(ORGANIZATION_MANAGE)
async def apply_payments(
    conn: Connection,
    actor: Actor,
    organization: OrganizationEntry,
    entry: PaymentsEntry | None,
    comparison: Comparison,
    data_key: DataKey,
) -> list[Change]:
    """The accounts, then the terms, which need one. Raises InvalidFileError."""
    if entry is None:
        return []
    changes = await _apply_gateways(conn, actor, entry, comparison, data_key)
    stands = await get_terms(conn, actor.organization_id)
    if entry.policy != "unverified" and stands.test_account_id is None and stands.live_account_id is None:
        expected = "expected unverified where no gateway has an active account, or one in payments.gateways"
        raise InvalidFileError(problems=[FieldProblem("payments.policy", expected)])
    changes.append(await _apply_terms(conn, actor, organization, entry, stands, comparison))
    return changes


async def _apply_gateways(
    conn: Connection, actor: Actor, entry: PaymentsEntry, comparison: Comparison, data_key: DataKey
) -> list[Change]:
    there = {account.is_test: account for account in (await lock_accounts(conn, actor.organization_id)).values()}
    wanted, changes = [], []
    for place, is_test, said in entry.accounts():
        before, name = there.get(is_test), f"stripe {'test' if is_test else 'live'}"
        if before is None and said.secret_key is UNSET:
            raise InvalidFileError(problems=[FieldProblem(f"{place}.secretKey", "expected for an account that is new")])
        account_id = before.id if before else comparison.derived(GATEWAY, name)
        stands = None if before is None else stands_of(before, data_key)
        merged = comparison.merge(GATEWAY, name, account_id, _says(said, data_key), stands)
        comparison.remember(GATEWAY, account_id, merged.fields)
        wanted.append(_wanted(account_id, is_test, said, merged.kept))
        changes.append(_with_path(merged.change, actor.organization_id))
    await save_gateways(conn, actor, wanted, data_key)
    return changes


def _with_path(change: Change, organization_id: UUID) -> Change:
    """Of an account that is new: what Stripe's dashboard asks for, after our own address."""
    path = f"/gateways/stripe/{organization_id}"
    return msgspec.structs.replace(change, path=path) if change.action == "create" else change


async def _apply_terms(
    conn: Connection,
    actor: Actor,
    organization: OrganizationEntry,
    entry: PaymentsEntry,
    stands: Terms,
    comparison: Comparison,
) -> Change:
    fees = fees_of(entry.fees, organization.currency)
    wanted = msgspec.structs.replace(
        stands, policy=entry.policy, order_requires_payment=entry.order_requires_payment, fees=fees
    )
    merged = comparison.merge(TERMS, organization.name, actor.organization_id, terms_of(wanted), terms_of(stands))
    comparison.remember(TERMS, actor.organization_id, merged.fields)
    await save_terms(
        conn,
        actor,
        stands.policy if "policy" in merged.kept else entry.policy,
        stands.order_requires_payment if "orderRequiresPayment" in merged.kept else entry.order_requires_payment,
        stands.fees if "fees" in merged.kept else fees,
    )
    return merged.change


def terms_of(stands: Terms) -> Fields:
    """As the file says them."""
    return {
        "policy": stands.policy,
        "orderRequiresPayment": stands.order_requires_payment,
        "fees": [msgspec.structs.asdict(fee) for fee in fees_out(stands).fees],
    }


def _says(entry: GatewayEntry, data_key: DataKey) -> Fields:
    previous = entry.previous_webhook_secret
    fields: Fields = {
        "isActive": entry.is_active,
        "previousWebhookSecret": None if previous is None else secret_digest(data_key, previous.encode()),
    }
    for name, secret in (("secretKey", entry.secret_key), ("webhookSecret", entry.webhook_secret)):
        if secret is not UNSET:
            fields[name] = secret_digest(data_key, secret.encode())
    return fields


def stands_of(account: GatewayAccount, data_key: DataKey) -> Fields:
    """As the file says it, with digests in place of secrets."""
    secrets = {
        "secretKey": (account.secret_key_sealed, SECRET_KEY),
        "webhookSecret": (account.webhook_secret_sealed, WEBHOOK_SECRET),
        "previousWebhookSecret": (account.previous_webhook_secret_sealed, PREVIOUS_WEBHOOK_SECRET),
    }
    digests = {
        name: None if sealed is None else secret_digest(data_key, data_key.open(sealed, place, account.id))
        for name, (sealed, place) in secrets.items()
    }
    return {"isActive": account.is_active, **digests}


def _wanted(account_id: UUID, is_test: bool, entry: GatewayEntry, kept: frozenset[str]) -> WantedGateway:
    return WantedGateway(
        id=account_id,
        provider="stripe",
        is_test=is_test,
        is_active=UNSET if "isActive" in kept else entry.is_active,
        secret_key=UNSET if "secretKey" in kept else entry.secret_key,
        webhook_secret=UNSET if "webhookSecret" in kept else entry.webhook_secret,
        previous_webhook_secret=UNSET if "previousWebhookSecret" in kept else entry.previous_webhook_secret,
    )
