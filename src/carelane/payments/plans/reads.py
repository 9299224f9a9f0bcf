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
async def preview_plan(services: Services, actor: Actor, refs: list[str], terms: PlanTerms) -> PlanPreviewOut:
    """Of all that is outstanding of these charges, by the clock of the first one's location. That it was looked at is recorded.

    Raises RecordNotFoundError, ConflictError when a charge cannot be paid by a card or is in a plan, RuleBrokenError where they are not
    one patient's in one currency, and InvalidRequestError where the terms do not fit.
    """
    refs = list(dict.fromkeys(refs))
    named = [(record_id(actor.organization_id, ref), ref) for ref in refs]
    async with services.db.transaction(actor) as conn:
        charges = await _list_payable(conn, actor.organization_id, named)
        timezone, now = await queries.get_clock(conn, actor.organization_id, charges[0].location_id)
        seen = [charge.id for charge in charges]
        await events.record_reads(conn, actor, "charge", seen, "what a payment plan would take")
    return _preview(refs, charges, terms, timezone, now)


async def _list_payable(conn: Connection, organization_id: UUID, named: list[tuple[UUID, str]]) -> list[ChargeRow]:
    ids = [charge_id for charge_id, _ in named]
    charges = require_payable(named, await list_charges(conn, organization_id, ids))
    if running := await queries.list_planned(conn, organization_id, ids):
        raise ConflictError(f"a payment plan runs for the charge {dict(named)[running[0]]} already; cancel it first")
    return charges


def _preview(
    refs: list[str], charges: list[ChargeRow], terms: PlanTerms, timezone: str, now: datetime
) -> PlanPreviewOut:
    today, owed = today_in(timezone, now), sum(charge.outstanding_cents for charge in charges)
    plan = equal_plan(refs, terms, owed, terms.start_date or day_of(today, terms.frequency, 1))
    problems = [*start_problems(plan, today), *amount_problems(plan, owed)]
    if problems:
        said = [FieldProblem(one.field.removeprefix(_OF_PLAN), one.problem, "query") for one in problems]
        raise InvalidRequestError(problems=said)
    start: date = plan.start_date or today
    planned = planned_of(UUID(int=0), uuid7(), plan, owed, start, timezone, now)
    return PlanPreviewOut(
        charge_ids=refs,
        currency=charges[0].currency,
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
