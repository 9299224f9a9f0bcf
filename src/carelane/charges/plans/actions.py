"""Keeping a plan in step with what is owed. Its charges are locked before it, in the order of their ids."""

from datetime import datetime
from uuid import UUID

from carelane import events
from carelane.charges.owed.queries import lock_charge
from carelane.charges.plans import queries
from carelane.charges.plans.queries import LockedPlan
from carelane.charges.plans.rows import fill
from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.kit.db import Connection


async def lock_whole(conn: Connection, organization_id: UUID, plan_id: UUID) -> LockedPlan:
    """The plan and all its charges."""
    for charge_id in await queries.list_charge_ids(conn, organization_id, plan_id):
        await lock_charge(conn, organization_id, charge_id)
    return await queries.lock_plan(conn, organization_id, plan_id)


async def lock_of_payment(conn: Connection, organization_id: UUID, payment_id: UUID) -> None:
    """The plan of an instalment, whose row is locked, and all its charges: before anything is posted to one of them."""
    plan_id = await queries.find_of_payment(conn, organization_id, payment_id)
    if plan_id is not None:
        await lock_whole(conn, organization_id, plan_id)


async def fit_charge(conn: Connection, actor: Actor, charge_id: UUID) -> None:
    """What is owed of the charge, which is locked, has changed."""
    plan_id = await queries.find_of_charge(conn, actor.organization_id, charge_id)
    if plan_id is not None:
        plan = await queries.lock_plan(conn, actor.organization_id, plan_id)
        if plan.is_running:
            await fit(conn, actor, plan)


async def fit_payment(conn: Connection, actor: Actor, payment_id: UUID, *, is_refused: bool = False) -> bool:
    """A payment, whose row is locked, stands elsewhere now; whether it is an instalment. `is_refused`: it was to begin its plan, which
    comes to nothing with it."""
    plan_id = await queries.find_of_payment(conn, actor.organization_id, payment_id)
    if plan_id is None:
        return False
    plan = await lock_whole(conn, actor.organization_id, plan_id)
    if plan.is_running and is_refused:
        await end(conn, actor, plan, has_open=False, status="CANCELED")
    elif plan.is_running:
        await queries.set_card(conn, actor.organization_id, plan_id, payment_id)
        await fit(conn, actor, plan)
    elif await queries.list_open(conn, actor.organization_id, plan_id):
        # The worker withdraws what the card did not give.
        await queries.set_plan(conn, actor.organization_id, plan_id, plan.status, clock.now())
    return True


async def fit(conn: Connection, actor: Actor, plan: LockedPlan) -> None:
    """What is scheduled, and what is being taken, comes to what is owed, as far as that was agreed on; then when the plan is looked at
    next. `plan` is locked."""
    organization_id = actor.organization_id
    owed = await queries.get_owed(conn, organization_id, plan.id)
    opened = await queries.list_open(conn, organization_id, plan.id)
    untaken = await queries.list_untaken(conn, organization_id, plan.id)
    most = [one.agreed_cents for one in untaken]
    if most:
        most[-1] += await queries.get_missed(conn, organization_id, plan.id)
    amounts = fill(max(owed - sum(one.left_cents for one in opened), 0), most)
    changed = [(one.id, cents) for one, cents in zip(untaken, amounts, strict=True) if cents != one.amount_cents]
    await queries.set_amounts(conn, organization_id, changed)
    if not owed or not (opened or any(amounts)):
        await end(conn, actor, plan, has_open=bool(opened))
        return
    next_at: datetime | None = None if opened else untaken[0].due_at
    await queries.set_plan(conn, organization_id, plan.id, "RUNNING", next_at)


async def end(
    conn: Connection, actor: Actor, plan: LockedPlan, *, has_open: bool, status: queries.PlanStatus = "ENDED"
) -> None:
    """Nothing more is taken; what is owed is owed as before. An instalment that is open is the worker's to withdraw."""
    organization_id = actor.organization_id
    scheduled = await queries.list_scheduled(conn, organization_id, plan.id)
    await queries.set_amounts(conn, organization_id, [(one.id, 0) for one in scheduled])
    await queries.set_plan(conn, organization_id, plan.id, status, clock.now() if has_open else None)
    back = await queries.claim_charges_back(conn, organization_id, plan.id)
    moved = [
        events.new_event(
            actor,
            "CHARGE_STATUS_CHANGED",
            None,
            target_id=charge_id,
            is_test=is_test,
            value_before="PAYMENT_PLAN",
            value_after="OUTSTANDING",
        )
        for charge_id, is_test in back
    ]
    if moved:
        await events.record(conn, *moved)
