"""What a payment plan would take when, before it is agreed on."""

from datetime import date, datetime
from uuid import UUID

from carelane import events
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, InvalidRequestError
from carelane.kit.ids import record_id, uuid7
from carelane.payments.plans import queries
from carelane.payments.plans.rows import amount_problems, day_of, equal_plan, planned_of, start_problems, today_in
from carelane.payments.plans.schemas import PlannedOut, PlanPreviewOut, PlanTerms
from carelane.payments.terminal.queries import ChargeRow, list_charges
from carelane.payments.terminal.rows import require_payable
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services

_OF_PLAN = "paymentPlan."


@requires(BILLING_WRITE)
async def preview_plan(services: Services, actor: Actor, ref: str, terms: PlanTerms) -> PlanPreviewOut:
    """Of all that is outstanding. That it was looked at is recorded. Raises RecordNotFoundError, ConflictError when the charge cannot be
    paid by a card or is in a plan, and InvalidRequestError where the terms do not fit."""
    charge_id = record_id(actor.organization_id, ref)
    async with services.db.transaction(actor) as conn:
        charge = await _get_payable(conn, actor.organization_id, charge_id, ref)
        timezone, now = await queries.get_clock(conn, actor.organization_id, charge.location_id)
        await events.record_read(conn, actor, "charge", charge.id, "what a payment plan would take")
    return _preview(ref, charge, terms, timezone, now)


async def _get_payable(conn: Connection, organization_id: UUID, charge_id: UUID, ref: str) -> ChargeRow:
    (charge,) = require_payable([(charge_id, ref)], await list_charges(conn, organization_id, [charge_id]))
    if await queries.list_planned(conn, organization_id, [charge_id]):
        raise ConflictError(f"a payment plan runs for the charge {ref} already; cancel it first")
    return charge


def _preview(ref: str, charge: ChargeRow, terms: PlanTerms, timezone: str, now: datetime) -> PlanPreviewOut:
    today, owed = today_in(timezone, now), charge.outstanding_cents
    plan = equal_plan(ref, terms, owed, terms.start_date or day_of(today, terms.frequency, 1))
    problems = [*start_problems(plan, today), *amount_problems(plan, owed)]
    if problems:
        said = [FieldProblem(one.field.removeprefix(_OF_PLAN), one.problem, "query") for one in problems]
        raise InvalidRequestError(problems=said)
    start: date = plan.start_date or today
    planned = planned_of(UUID(int=0), uuid7(), plan, owed, start, timezone, now)
    return PlanPreviewOut(
        charge_id=ref,
        currency=charge.currency,
        outstanding=owed,
        initial_amount=plan.initial_amount,
        frequency=plan.frequency,
        installments=plan.installments,
        installment_amount=plan.installment_amount,
        start_date=start,
        timezone=timezone,
        planned=[
            PlannedOut(number=one.number, due_on=one.due_on, due_at=one.due_at, amount=one.amount_cents)
            for one in planned
        ],
    )
