"""Changing an account with the gateway, or adding the first; and when money is taken."""

from uuid import uuid5

from msgspec import UNSET, UnsetType

from carelane.clinic.gateway.schemas import (
    GatewayAccountIn,
    GatewayAccountOut,
    Mode,
    PaymentTermsIn,
    PaymentTermsOut,
    broken_rules,
)
from carelane.clinic.gateway.views import account_out, terms_out
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import FieldProblem, refuse
from carelane.kit.phi import DataKey
from carelane.organizations.queries import lock_organization
from carelane.payments.accounts.actions import WantedGateway, save_gateways, save_terms
from carelane.payments.accounts.queries import WEBHOOK_SECRET, GatewayAccount, get_terms, list_accounts, lock_accounts
from carelane.permissions import ORGANIZATION_MANAGE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once
from carelane.web.versions import require_same


@requires(ORGANIZATION_MANAGE)
async def change_gateway_account(
    services: Services, actor: Actor, mode: Mode, body: GatewayAccountIn, request_key: RequestKey | None
) -> GatewayAccountOut:
    """Makes it when it is new. Raises RuleBrokenError, ChangedMeanwhileError, and what `run_once` raises."""
    refuse(broken_rules(mode, body))
    data_key = await services.keyring.data_key(actor.organization_id)

    async def act(conn: Connection) -> GatewayAccountOut:
        there = await lock_accounts(conn, actor.organization_id)
        before = next((one for one in there.values() if one.is_test == (mode == "test")), None)
        if before is not None:
            require_same(body.version, account_out(before).version)
        if before is None and body.secret_key is UNSET:
            refuse([FieldProblem("secretKey", "expected for an account that is new")])
        await save_gateways(conn, actor, [_wanted(actor, mode, body, before, data_key)], data_key)
        after = await list_accounts(conn, actor.organization_id)
        return next(account_out(one) for one in after if one.is_test == (mode == "test"))

    return await run_once(services, actor, request_key, act)


@requires(ORGANIZATION_MANAGE)
async def change_payment_terms(
    services: Services, actor: Actor, body: PaymentTermsIn, request_key: RequestKey | None
) -> PaymentTermsOut:
    """Payments that were begun end as they were begun. Raises RuleBrokenError, ChangedMeanwhileError, and what `run_once` raises."""

    async def act(conn: Connection) -> PaymentTermsOut:
        await lock_organization(conn, actor.organization_id)
        stands = await get_terms(conn, actor.organization_id)
        require_same(body.version, terms_out(stands).version)
        if body.policy != "unverified" and stands.test_account_id is None and stands.live_account_id is None:
            refuse([FieldProblem("policy", "expected unverified where no account is in use")])
        await save_terms(conn, actor, body.policy, body.order_requires_payment, stands.fees)
        return terms_out(await get_terms(conn, actor.organization_id))

    return await run_once(services, actor, request_key, act)


def _wanted(
    actor: Actor, mode: Mode, body: GatewayAccountIn, before: GatewayAccount | None, data_key: DataKey
) -> WantedGateway:
    """The id of a new one is the one that the organization file would derive."""
    return WantedGateway(
        id=before.id if before else uuid5(actor.organization_id, f"gateway:stripe {mode}"),
        provider="stripe",
        is_test=mode == "test",
        is_active=body.is_active,
        secret_key=body.secret_key,
        webhook_secret=body.webhook_secret,
        previous_webhook_secret=_previous(body, before, data_key),
    )


def _previous(body: GatewayAccountIn, before: GatewayAccount | None, data_key: DataKey) -> str | UnsetType | None:
    """The webhook secret that is replaced stays good: the gateway goes over to the new one when it likes. Not where it is asked
    to be forgotten."""
    if body.previous_webhook_secret is None:
        return None
    sealed = before.webhook_secret_sealed if before else None
    if body.webhook_secret is UNSET or before is None or sealed is None:
        return body.previous_webhook_secret
    old = data_key.open(sealed, WEBHOOK_SECRET, before.id).decode()
    return old if old != body.webhook_secret else UNSET
