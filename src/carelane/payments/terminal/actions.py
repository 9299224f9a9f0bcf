"""The first step: what is to be paid, by which medium, is written down. Nothing is taken yet."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias
from uuid import UUID

from carelane.charges.plans.schemas import PaymentPlanIn
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError, RuleBrokenError, refuse
from carelane.kit.ids import parse_uuid, record_id, uuid7
from carelane.locations.access import get_ids
from carelane.payments.accounts.queries import Terms, get_terms
from carelane.payments.errors import GatewayMissingError
from carelane.payments.saved.queries import list_methods
from carelane.payments.saved.views import show_method
from carelane.payments.terminal import queries
from carelane.payments.terminal.access import lock_config
from carelane.payments.terminal.queries import ChargeRow, NewConfig
from carelane.payments.terminal.rows import refuse_stale, require_payable, shares_of
from carelane.payments.terminal.schemas import (
    OF_CARDS,
    PayinConfigIn,
    PayinConfigOut,
    PayinMetadataOut,
    PaymentMedium,
    broken_rules,
)
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.staff.billing.access import active_member
from carelane.web.idempotency import RequestKey, run_once

MOST_METHODS = 50

# Plans stand above: looks at one for these charges and this location, and says it as it is to be agreed on.
PlanOf: TypeAlias = Callable[[Connection, Actor, PaymentPlanIn, list[ChargeRow], UUID | None], Awaitable[PaymentPlanIn]]


@requires(BILLING_WRITE)
async def create_config(
    services: Services, actor: Actor, body: PayinConfigIn, request_key: RequestKey | None, plan_of: PlanOf
) -> PayinConfigOut:
    """Raises RuleBrokenError, RecordNotFoundError, ConflictError when nothing can be paid, GatewayMissingError, and what `plan_of` and
    `run_once` raise."""
    refuse(broken_rules(body))
    return await run_once(services, actor, request_key, partial(_create, actor, body, plan_of))


async def _create(actor: Actor, body: PayinConfigIn, plan_of: PlanOf, conn: Connection) -> PayinConfigOut:
    organization_id = actor.organization_id
    named = [(record_id(organization_id, charge.id), charge.id) for charge in body.charges]
    found = await queries.list_charges(conn, organization_id, [charge_id for charge_id, _ in named])
    charges = require_payable(named, found)
    first, plan = charges[0], body.payment_plan
    if body.payment_amount is None or plan is not None:
        _require_as_shown(body, charges)
    location_id = await _location(conn, actor, body.location_id) or first.location_id
    if plan is not None:
        plan = await plan_of(conn, actor, plan, charges, location_id)
    terms = await get_terms(conn, organization_id)
    config = NewConfig(
        organization_id=organization_id,
        id=uuid7(),
        medium=body.payment_medium,
        saves_method=body.save_payment_method,
        location_id=location_id,
        creator_id=await active_member(conn, actor, body.creator_id),
        gateway_account_id=_account(body, terms, is_test=first.is_test),
        shares=shares_of(charges, plan.initial_amount if plan else body.payment_amount),
        plan=plan,
    )
    await active_member(conn, actor, body.sold_by_provider_id)
    await queries.insert_config(conn, config)
    methods = await list_methods(conn, organization_id, first.patient_id, MOST_METHODS)
    return PayinConfigOut(
        session_key=str(config.id),
        payin_config_id=str(config.id),
        payment_methods=[show_method(row) for row in methods if row.is_test == first.is_test],
        sandbox=first.is_test,
    )


async def _location(conn: Connection, actor: Actor, ref: str | None) -> UUID | None:
    return (await get_ids(conn, actor.organization_id, [ref]))[0] if ref is not None else None


def _require_as_shown(body: PayinConfigIn, charges: list[ChargeRow]) -> None:
    """Nobody pays more, or less, than what they were shown."""
    for sent, charge in zip(body.charges, charges, strict=True):
        if sent.total_outstanding not in {None, charge.outstanding_cents}:
            raise ConflictError(f"of the charge {sent.id} {charge.outstanding_cents} is outstanding by now; look again")


def _account(body: PayinConfigIn, terms: Terms, *, is_test: bool) -> UUID | None:
    account_id = terms.account_id(is_test=is_test)
    if account_id is None:
        raise GatewayMissingError(is_test)
    if body.merchant_account_id is not None and parse_uuid(body.merchant_account_id) != account_id:
        problem = "expected none, or the organization's gateway account for this kind of money"
        raise RuleBrokenError(problems=[FieldProblem("merchantAccountId", problem)])
    return account_id


@requires(BILLING_WRITE)
async def update_metadata(
    services: Services, actor: Actor, ref: str, medium: PaymentMedium | None, saves_method: bool | None
) -> PayinMetadataOut:
    """Raises InvalidRequestError, RecordNotFoundError, ConflictError once a card was charged."""
    if medium is not None and medium not in OF_CARDS:
        problem = f"expected one of {', '.join(OF_CARDS)}"
        raise InvalidRequestError(problems=[FieldProblem("payment_medium", problem, "query")])
    async with services.db.transaction(actor) as conn:
        config = await lock_config(conn, actor, ref)
        if config.payment_id is not None:
            raise ConflictError("a card was charged for it already")
        refuse_stale(config, clock.now())
        wanted = medium or config.medium
        saves = config.saves_method if saves_method is None else saves_method
        await queries.set_metadata(conn, actor.organization_id, config.id, wanted, saves_method=saves)
    return PayinMetadataOut(payin_config_id=str(config.id), payment_medium=wanted, save_payment_method=saves)
