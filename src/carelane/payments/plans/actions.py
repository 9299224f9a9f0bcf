"""Making a plan, with the charges that it is for, and canceling one."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from carelane import events
from carelane.charges.owed.access import Check, require_seen
from carelane.charges.owed.queries import lock_charge
from carelane.charges.plans import queries as planning
from carelane.charges.plans.actions import end, lock_whole
from carelane.charges.plans.queries import set_planned
from carelane.charges.plans.schemas import PaymentPlanIn
from carelane.charges.selling.actions import run_sale, sell
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError, refuse
from carelane.kit.ids import record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.locations.access import get_ids
from carelane.payments.accounts.queries import get_terms
from carelane.payments.errors import GatewayMissingError
from carelane.payments.plans import queries
from carelane.payments.plans.queries import NewPlan
from carelane.payments.plans.rows import amount_problems, day_of, planned_of, start_problems, today_in
from carelane.payments.plans.schemas import PaymentPlanOut, PlanWithChargesIn, plan_problems
from carelane.payments.saved.access import lock_method
from carelane.payments.saved.queries import MethodRow, find_person
from carelane.payments.terminal.queries import ChargeRow, find_under_way, list_charges
from carelane.payments.terminal.rows import require_payable
from carelane.payments.till.queries import lock_gateways
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def create_plan(
    services: Services,
    actor: Actor,
    body: PlanWithChargesIn,
    request_key: RequestKey | None,
    check: Check | None = None,
) -> PaymentPlanOut:
    """`check` is of each charge. Raises what it, `sell` and `run_sale` raise, RuleBrokenError where the amounts do not fit, ConflictError where a charge cannot be
    paid by this card or is in a plan, and GatewayMissingError."""
    refuse([*plan_problems(body)])
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_sale(services, actor, request_key, partial(_create, actor, data_key, body, check))


async def _create(
    actor: Actor, data_key: DataKey, body: PlanWithChargesIn, check: Check | None, conn: Connection
) -> PaymentPlanOut:
    plan, organization_id = body.payment_plan, actor.organization_id
    bodies = {f"charges[{n}].": one for n, one in enumerate(body.charges)}
    sold = await sell(conn, actor, data_key, bodies) if bodies else []
    named = {one.id: one.ref for one in sold} | {record_id(organization_id, ref): ref for ref in plan.charge_ids}
    method, charges = await _lock(conn, actor, body.rainforest_payment_method_id, list(named.items()), check)
    await _require_card(conn, actor, method, charges[0], body.rainforest_payment_method_id)
    location_id = (await get_ids(conn, organization_id, [plan.location_id]))[0] if plan.location_id else None
    row = await agree(conn, actor, plan, method, charges, location_id or charges[0].location_id)
    return _show(row, plan, list(named.values()), body.rainforest_payment_method_id)


async def agree(
    conn: Connection,
    actor: Actor,
    plan: PaymentPlanIn,
    method: MethodRow,
    charges: Sequence[ChargeRow],
    location_id: UUID | None,
    begun: UUID | None = None,
) -> NewPlan:
    """The plan of charges that are locked and in no other. `begun`: the payment that takes the initial amount already. Raises
    RuleBrokenError."""
    organization_id = actor.organization_id
    timezone, now = await queries.get_clock(conn, organization_id, location_id)
    today, owed = today_in(timezone, now), sum(charge.outstanding_cents for charge in charges)
    refuse([*start_problems(plan, today), *amount_problems(plan, owed)])
    start = plan.start_date or day_of(today, plan.frequency, 1)
    plan_id = uuid7()
    planned = planned_of(organization_id, plan_id, plan, owed, start, timezone, now)
    row = NewPlan(
        organization_id=organization_id,
        id=plan_id,
        currency=charges[0].currency,
        is_test=charges[0].is_test,
        payment_method_id=method.id,
        gateway_account_id=method.gateway_account_id,
        customer_id=method.customer_id,
        method_id=method.method_id,
        frequency=plan.frequency,
        installments=plan.installments,
        installment_cents=plan.installment_amount,
        initial_cents=plan.initial_amount,
        location_id=location_id,
        timezone=timezone,
        starts_on=start,
        next_at=None if begun else planned[0].due_at,
    )
    await queries.insert_plan(conn, row, [charge.id for charge in charges], planned)
    if begun:
        await queries.set_taken(conn, organization_id, planned[0].id, begun)
    await _set_planned(conn, actor, charges)
    return row


async def _lock(
    conn: Connection, actor: Actor, method_ref: str, named: Sequence[tuple[UUID, str]], check: Check | None
) -> tuple[MethodRow, list[ChargeRow]]:
    """Payments before charges, as everywhere; charges in the order of their ids."""
    organization_id, ids = actor.organization_id, sorted(charge_id for charge_id, _ in named)
    for charge_id in ids:
        await lock_gateways(conn, organization_id, charge_id)
    method = await lock_method(conn, actor, method_ref)
    for charge_id in ids:
        locked = await lock_charge(conn, organization_id, charge_id)
        if locked is not None:
            await require_seen(conn, actor, locked, check)
    charges = require_payable(named, await list_charges(conn, organization_id, ids))
    if running := await queries.list_planned(conn, organization_id, ids):
        ref = dict(named)[running[0]]
        raise ConflictError(f"a payment plan runs for the charge {ref} already; cancel it first")
    if await find_under_way(conn, organization_id, ids):
        raise ConflictError("a payment of the charge is being taken at this moment; ask again when it has ended")
    return method, charges


async def _require_card(conn: Connection, actor: Actor, method: MethodRow, charge: ChargeRow, ref: str) -> None:
    owner = await find_person(conn, actor.organization_id, method.patient_id)
    if owner is None or owner.id != charge.patient_id:
        raise RecordNotFoundError(f"no payment method {ref} of this patient here")
    account_id = (await get_terms(conn, actor.organization_id)).account_id(is_test=charge.is_test)
    if account_id is None:
        raise GatewayMissingError(charge.is_test)
    if method.is_test != charge.is_test or method.gateway_account_id != account_id:
        raise ConflictError(
            "the card is kept with another gateway account than the one that takes money for this charge"
        )


async def _set_planned(conn: Connection, actor: Actor, charges: Sequence[ChargeRow]) -> None:
    await set_planned(conn, actor.organization_id, [charge.id for charge in charges])
    moved = [
        events.new_event(
            actor,
            "CHARGE_STATUS_CHANGED",
            None,
            target_id=charge.id,
            is_test=charge.is_test,
            value_before="OUTSTANDING",
            value_after="PAYMENT_PLAN",
        )
        for charge in charges
    ]
    await events.record(conn, *moved)


def _show(row: NewPlan, plan: PaymentPlanIn, charge_ids: list[str], method_ref: str) -> PaymentPlanOut:
    return PaymentPlanOut(
        id=str(row.id),
        initial_amount=row.initial_cents,
        charge_ids=charge_ids,
        frequency=plan.frequency,
        installments=row.installments,
        installment_amount=row.installment_cents,
        location_id=plan.location_id or (str(row.location_id) if row.location_id else None),
        start_date=row.starts_on,
        payment_method_id=method_ref,
    )


@requires(BILLING_WRITE)
async def cancel_plan(
    services: Services, actor: Actor, ref: str, request_key: RequestKey | None, check: Check | None = None
) -> bool:
    """What is not taken yet is not taken; a card that is being charged at this moment is left to its end.

    Raises RecordNotFoundError, ConflictError when the plan is over, and what `check` and `run_once` raise.
    """
    return await run_once(services, actor, request_key, partial(_cancel, actor, ref, check))


async def _cancel(actor: Actor, ref: str, check: Check | None, conn: Connection) -> bool:
    organization_id = actor.organization_id
    charge_id = record_id(organization_id, ref)
    plan_id = await planning.find_of_charge(conn, organization_id, charge_id)
    if plan_id is None:
        raise RecordNotFoundError(f"no payment plan of a charge {ref} here")
    opened = await queries.lock_open(conn, organization_id, plan_id)
    plan = await lock_whole(conn, organization_id, plan_id)
    charge = await lock_charge(conn, organization_id, charge_id)
    if charge is not None:
        await require_seen(conn, actor, charge, check)
    if not plan.is_running:
        raise ConflictError("the payment plan is over")
    await queries.set_withdrawn(conn, organization_id, opened)
    has_open = bool(await planning.list_open(conn, organization_id, plan_id))
    await end(conn, actor, plan, has_open=has_open, status="CANCELED")
    return True
