"""The days and amounts of a plan. No I/O but ids."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from carelane.charges.plans.rows import spread
from carelane.charges.plans.schemas import Frequency, PaymentPlanIn
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import uuid7
from carelane.payments.plans.queries import NewPlanned
from carelane.payments.plans.schemas import PlanTerms

# On its day; nobody's telephone rings at night because a card was declined.
TAKEN_AT = time(9)
LATEST_START = timedelta(days=366)
_DAYS: dict[Frequency, int] = {"WEEKLY": 7, "BIWEEKLY": 14}


def day_of(start: date, frequency: Frequency, number: int) -> date:
    """That of instalment `number`, from 0. A plan that starts on a month's last day stays there."""
    if frequency != "MONTHLY":
        return start + timedelta(days=_DAYS[frequency] * number)
    years, month = divmod(start.month - 1 + number, 12)
    year, month = start.year + years, month + 1
    last, is_last = monthrange(year, month)[1], start.day == monthrange(start.year, start.month)[1]
    return date(year, month, last if is_last else min(start.day, last))


def moment_of(day: date, timezone: str) -> datetime:
    return datetime.combine(day, TAKEN_AT, ZoneInfo(timezone)).astimezone(UTC)


def today_in(timezone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(timezone)).date()


def equal_plan(charge_refs: list[str], terms: PlanTerms, owed_cents: int, start: date | None) -> PaymentPlanIn:
    """The plan by these terms: the last instalment takes the cents that do not divide, too."""
    return PaymentPlanIn(
        initial_amount=terms.initial_amount,
        charge_ids=charge_refs,
        frequency=terms.frequency,
        installments=terms.installments,
        installment_amount=max(1, (owed_cents - terms.initial_amount) // terms.installments),
        start_date=start,
    )


def start_problems(plan: PaymentPlanIn, today: date) -> Iterator[FieldProblem]:
    latest = today + LATEST_START
    if plan.start_date is not None and not today <= plan.start_date <= latest:
        yield FieldProblem("paymentPlan.startDate", f"expected a day from {today} to {latest}")


def amount_problems(plan: PaymentPlanIn, owed_cents: int) -> Iterator[FieldProblem]:
    """Each instalment takes something; the last takes the rest, which is less than another, or more by the cents that do not divide."""
    rest, count = owed_cents - plan.initial_amount, plan.installments
    if owed_cents < count:
        yield FieldProblem("paymentPlan.installments", f"expected at most {owed_cents}: {owed_cents} is outstanding")
    elif rest < count:
        problem = f"expected at most {owed_cents - count}: {owed_cents} is outstanding, and {count} instalments follow"
        yield FieldProblem("paymentPlan.initialAmount", problem)
    elif not (count - 1) * plan.installment_amount < rest < count * (plan.installment_amount + 1):
        least, most = rest // count, (rest - 1) // (count - 1) if count > 1 else rest
        problem = f"expected {least} to {most}: {count} instalments come to {rest}, and the last takes the rest"
        yield FieldProblem("paymentPlan.installmentAmount", problem)
    elif count == 1 and plan.installment_amount > rest:
        yield FieldProblem("paymentPlan.installmentAmount", f"expected {rest}, which is to be paid")


def planned_of(
    organization_id: UUID,
    plan_id: UUID,
    plan: PaymentPlanIn,
    owed_cents: int,
    start: date,
    timezone: str,
    now: datetime,
) -> list[NewPlanned]:
    """What is taken at once is number 0."""

    def row(number: int, day: date, at: datetime, cents: int) -> NewPlanned:
        return NewPlanned(
            organization_id=organization_id,
            id=uuid7(),
            plan_id=plan_id,
            number=number,
            due_on=day,
            due_at=at,
            amount_cents=cents,
        )

    rows = [row(0, today_in(timezone, now), now, plan.initial_amount)] if plan.initial_amount else []
    amounts = spread(owed_cents - plan.initial_amount, plan.installment_amount, plan.installments)
    for number, cents in enumerate(amounts):
        day = day_of(start, plan.frequency, number)
        rows.append(row(number + 1, day, moment_of(day, timezone), cents))
    return rows


def shares_of(outstanding: Sequence[tuple[UUID, int]], amount_cents: int) -> list[tuple[UUID, int]]:
    """One charge after the other, as far as the amount reaches."""
    shares = []
    for charge_id, cents in outstanding:
        part = min(cents, amount_cents)
        if part:
            shares.append((charge_id, part))
        amount_cents -= part
    return shares
