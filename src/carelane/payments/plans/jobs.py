"""The worker's part: begins the instalment that is due, and withdraws what is open of a plan that is over."""

from functools import partial
from uuid import UUID

from carelane import events
from carelane.charges.plans.actions import lock_whole
from carelane.charges.plans.queries import LockedPlan, Scheduled, list_open, list_scheduled, set_plan
from carelane.kit import clock, failpoints
from carelane.kit.auth import Actor, system_actor
from carelane.kit.claims import ClaimRequest, Lease, Queue
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.payments.plans import queries
from carelane.payments.plans.queries import DuePlan, NewInstalment
from carelane.payments.plans.rows import shares_of
from carelane.payments.shares.queries import NewShare, insert_shares
from carelane.services import Services

MAX_IN_FLIGHT = 8


def plan_queue(services: Services) -> Queue[DuePlan]:
    """Without renewal: the work is one transaction, which locks the plan."""
    return Queue(
        name="plan",
        claim=partial(claim, services),
        work=partial(work, services),
        max_in_flight=MAX_IN_FLIGHT,
        lease_seconds=services.settings.claim_lease_seconds,
        look_seconds=services.settings.dispatch_seconds,
    )


async def claim(services: Services, request: ClaimRequest) -> list[DuePlan]:
    async with services.db.across() as conn:
        return await queries.claim_plans(conn, request)


async def work(services: Services, lease: Lease[DuePlan]) -> None:
    failpoints.reach("plan.claimed")
    due, actor = lease.item, system_actor(lease.item.organization_id)
    async with services.db.transaction(actor) as conn:
        opened = await queries.lock_open(conn, due.organization_id, due.id)
        plan = await lock_whole(conn, due.organization_id, due.id)
        if plan.claim_id != lease.claim_id:
            # Somebody planned it anew since it was claimed.
            return
        if plan.is_running:
            await _begin_next(conn, actor, plan)
        else:
            await queries.set_withdrawn(conn, due.organization_id, opened)
            await set_plan(conn, due.organization_id, plan.id, plan.status, None)
        failpoints.reach("plan.written")


async def _begin_next(conn: Connection, actor: Actor, plan: LockedPlan) -> None:
    """Never while one is open: whatever ends that one plans the next."""
    organization_id = actor.organization_id
    if await list_open(conn, organization_id, plan.id):
        await set_plan(conn, organization_id, plan.id, plan.status, None)
        return
    scheduled = await list_scheduled(conn, organization_id, plan.id)
    if scheduled and scheduled[0].due_at <= clock.now():
        await begin(conn, actor, plan.id, scheduled[0])
        scheduled = []
    await set_plan(conn, organization_id, plan.id, plan.status, scheduled[0].due_at if scheduled else None)


async def begin(conn: Connection, actor: Actor, plan_id: UUID, instalment: Scheduled) -> None:
    """Its payment, due now. The plan and its charges are locked, so it is for no more than what is outstanding."""
    organization_id = actor.organization_id
    card = await queries.get_card(conn, organization_id, plan_id)
    outstanding = await queries.list_outstanding(conn, organization_id, plan_id)
    parts = shares_of([(one.charge_id, one.cents) for one in outstanding], instalment.amount_cents)
    payment = NewInstalment(
        organization_id=organization_id,
        id=uuid7(),
        charge_id=parts[0][0] if len(parts) == 1 else None,
        patient_id=outstanding[0].patient_id,
        amount_cents=sum(cents for _, cents in parts),
        currency=card.currency,
        is_test=card.is_test,
        gateway_account_id=card.gateway_account_id,
        customer_id=card.customer_id,
        method_id=card.method_id,
        location_id=card.location_id,
        brand=card.brand,
        last4=card.last4,
        begun_at=clock.now(),
        due_at=instalment.due_at,
    )
    await queries.insert_payment(conn, payment, instalment.id)
    if len(parts) > 1:
        await insert_shares(conn, [_share(payment, charge_id, cents) for charge_id, cents in parts])
    told = events.new_event(actor, "PAYMENT_ADDED", None, target_id=payment.id, is_test=payment.is_test)
    await events.record(conn, told)


def _share(payment: NewInstalment, charge_id: UUID, cents: int) -> NewShare:
    return NewShare(
        organization_id=payment.organization_id,
        id=uuid7(),
        payment_id=payment.id,
        charge_id=charge_id,
        amount_cents=cents,
    )
