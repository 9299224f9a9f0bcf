"""Writing down a card payment and charging the card, each with the plan that it may begin."""

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from carelane.charges.plans.schemas import PaymentPlanIn
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RuleBrokenError, refuse
from carelane.kit.ids import record_id
from carelane.locations.access import get_ids
from carelane.payments.plans import queries
from carelane.payments.plans.actions import agree
from carelane.payments.plans.rows import amount_problems, start_problems, today_in
from carelane.payments.saved.queries import MethodRow
from carelane.payments.terminal.actions import create_config
from carelane.payments.terminal.charging.actions import charge_card
from carelane.payments.terminal.queries import ChargeRow, ConfigRow
from carelane.payments.terminal.schemas import ChargeCardIn, ChargedOut, PayinConfigIn, PayinConfigOut, planned_problems
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey


@requires(BILLING_WRITE)
async def write_down(
    services: Services, actor: Actor, body: PayinConfigIn, request_key: RequestKey | None
) -> PayinConfigOut:
    """Raises what `create_config` raises, and ConflictError where a plan runs for one of the charges already."""
    return await create_config(services, actor, body, request_key, _plan_of)


@requires(BILLING_WRITE)
async def write_plan_down(
    services: Services, actor: Actor, body: PayinConfigIn, request_key: RequestKey | None
) -> PayinConfigOut:
    """As `write_down`, and RuleBrokenError without a plan."""
    refuse(planned_problems(body))
    return await write_down(services, actor, body, request_key)


@requires(BILLING_WRITE)
async def charge(
    services: Services, actor: Actor, method_ref: str, body: ChargeCardIn, request_key: RequestKey | None
) -> ChargedOut:
    """Raises what `charge_card` raises, and ConflictError where the plan does not fit any more."""
    return await charge_card(services, actor, method_ref, body, request_key, _agree)


async def _plan_of(
    conn: Connection, actor: Actor, plan: PaymentPlanIn, charges: list[ChargeRow], location_id: UUID | None
) -> PaymentPlanIn:
    """With the charges' own ids, and the location that is meant."""
    organization_id, ids = actor.organization_id, [charge.id for charge in charges]
    if plan.charge_ids and {record_id(organization_id, ref) for ref in plan.charge_ids} != set(ids):
        raise RuleBrokenError(problems=[FieldProblem("paymentPlan.chargeIds", "expected none, or those of charges")])
    await _require_free(conn, actor, ids)
    if plan.location_id is not None:
        location_id = (await get_ids(conn, organization_id, [plan.location_id]))[0]
    refuse([*start_problems(plan, await _today(conn, actor, location_id)), *amount_problems(plan, _owed(charges))])
    return replace(plan, charge_ids=[str(one) for one in ids], location_id=str(location_id) if location_id else None)


async def _agree(
    conn: Connection, actor: Actor, config: ConfigRow, method: MethodRow, charges: list[ChargeRow], payment_id: UUID
) -> None:
    plan = config.terms
    assert plan is not None
    await _require_free(conn, actor, [charge.id for charge in charges])
    location_id = UUID(plan.location_id) if plan.location_id else None
    try:
        await agree(conn, actor, plan, method, charges, location_id, payment_id)
    except RuleBrokenError as error:
        raise ConflictError(
            "what is outstanding, or today, does not fit the plan any more; make a new payin config"
        ) from error


async def _require_free(conn: Connection, actor: Actor, charge_ids: list[UUID]) -> None:
    if running := await queries.list_planned(conn, actor.organization_id, charge_ids):
        raise ConflictError(f"a payment plan runs for the charge {running[0]} already; cancel it first")


async def _today(conn: Connection, actor: Actor, location_id: UUID | None) -> date:
    return today_in(*await queries.get_clock(conn, actor.organization_id, location_id))


def _owed(charges: list[ChargeRow]) -> int:
    return sum(charge.outstanding_cents for charge in charges)
