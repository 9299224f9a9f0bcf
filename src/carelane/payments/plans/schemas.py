"""Payment plans on the wire. Amounts are cents."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.charges.plans.schemas import MAX_CHARGES, MAX_INSTALLMENTS, Frequency, PaymentPlanIn
from carelane.charges.selling.schemas import ChargeIn, charge_problems
from carelane.kit.errors import FieldProblem
from carelane.kit.ids import RecordName
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import Phi


class PlanWithChargesIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentPlanWithChargesRequest`: the plan pays the `charges`, which are made, and those of `chargeIds`, which are there. The
    payment method is one that is kept for the patient."""

    charges: Annotated[list[ChargeIn], Meta(max_length=MAX_CHARGES)]
    payment_plan: PaymentPlanIn
    rainforest_payment_method_id: RecordName


class PlanTerms(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A plan in equal instalments, as somebody asks what it would come to. Without `startDate` the first is due a period from today."""

    installments: Annotated[int, Meta(ge=1, le=MAX_INSTALLMENTS)]
    frequency: Frequency
    initial_amount: Annotated[int, Meta(ge=0, le=MAX_CENTS)] = 0
    start_date: date | None = None


class PlannedOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What is taken when. `number` 0 is taken at once."""

    number: int
    due_on: date
    due_at: datetime
    amount: int


class PlanPreviewOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`installmentAmount` and `startDate` are what to agree on with these terms; `planned` adds up to `outstanding`."""

    charge_ids: list[str]
    currency: str
    outstanding: int
    initial_amount: int
    frequency: Frequency
    installments: int
    installment_amount: int
    start_date: date
    timezone: str
    planned: list[PlannedOut]


class PaymentPlanOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PaymentPlanCreate`."""

    id: str
    initial_amount: int
    charge_ids: list[str]
    frequency: Frequency
    installments: int
    installment_amount: int
    location_id: str | None
    start_date: date
    payment_method_id: str


def plan_problems(body: PlanWithChargesIn) -> Iterator[FieldProblem]:
    """What is wrong with it by itself."""
    ids = body.payment_plan.charge_ids
    if not (ids or body.charges):
        yield FieldProblem("paymentPlan.chargeIds", "expected one charge at least, here or in charges")
    if len(set(ids)) != len(ids):
        yield FieldProblem("paymentPlan.chargeIds", "expected each charge once")
    if len(ids) + len(body.charges) > MAX_CHARGES:
        yield FieldProblem("paymentPlan.chargeIds", f"expected at most {MAX_CHARGES} charges, with those of charges")
    seen: set[str] = set()
    for n, charge in enumerate(body.charges):
        yield from charge_problems(charge, f"charges[{n}].")
        if charge.id is not None and charge.id in seen:
            yield FieldProblem(f"charges[{n}].id", "expected another id than those of the charges before it")
        seen |= {charge.id} if charge.id is not None else set()
