"""/billing/payment-plan, and what a plan would take in the staff API."""

from datetime import date
from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.charges.plans.schemas import MAX_CHARGES, MAX_INSTALLMENTS, Frequency
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.kit.money import MAX_CENTS
from carelane.payments.errors import GatewayMissingError
from carelane.payments.plans import actions, reads
from carelane.payments.plans.schemas import (
    PaymentPlanOut,
    PlanPreviewOut,
    PlanTerms,
    PlanWithChargesIn,
    plan_problems,
)
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payments", body=EitherCaseBody)
# Beside those of the dialect, which are hung in there as they are.
staff_routes = Routes(tag="Staff: billing")


@routes.post(
    "/billing/payment-plan/create-with-charges",
    "Agree on instalments",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError, GatewayMissingError),
    rules=plan_problems,
    repeatable=True,
)
async def create_payment_plan_with_charges(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PlanWithChargesIn]
) -> PaymentPlanOut:
    """Makes the charges, and takes what is outstanding of them and of `chargeIds` from the kept card: `initialAmount` at once, then
    an instalment at nine in the morning of its day, in the time zone of the location, or else of the first charge's. The last takes
    the rest, so all add up to the cent. Instalments wait for each other; paying otherwise meanwhile makes the plan shorter, from its
    end. A card that says no is tried again, or the patient is asked for another, as with every payment."""
    return await actions.create_plan(services, request.auth, data, await read_key(request))


@routes.delete(
    "/billing/payment-plan/{charge_id:str}",
    "Cancel a payment plan",
    errors=(RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def cancel_payment_plan(
    request: ActorRequest,
    services: NamedDependency[Services],
    charge_id: Annotated[str, PathParameter(description="Id of a charge of the plan")],
) -> bool:
    """What is not taken yet is not taken: its charges are OUTSTANDING again, all of them. A card that is being charged at this moment
    is left to its end. A plan that is over is a 409."""
    return await actions.cancel_plan(services, request.auth, charge_id, await read_key(request))


@staff_routes.get(
    "/billing/charges/{charge_id:str}/payment-plan",
    "What a payment plan would take",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
)
async def preview_payment_plan(
    request: ActorRequest,
    services: NamedDependency[Services],
    charge_id: Annotated[str, PathParameter(description="Id of the charge")],
    installments: Annotated[int, QueryParameter(ge=1, le=MAX_INSTALLMENTS, description="How many, of the same amount")],
    frequency: Annotated[Frequency, QueryParameter(description="How often")],
    initial: Annotated[
        int, QueryParameter(name="initialAmount", ge=0, le=MAX_CENTS, description="Cents that are taken at once")
    ] = 0,
    start: Annotated[date | None, QueryParameter(name="startDate", description="The first day")] = None,
    also: Annotated[
        list[str] | None,
        QueryParameter(max_items=MAX_CHARGES - 1, description="Other charges of the patient's; may be repeated"),
    ] = None,
) -> PlanPreviewOut:
    """What would be taken of the charge, and of those beside it, when, to the cent, in equal instalments; nothing is agreed on yet. The read is on record."""
    terms = PlanTerms(installments=installments, frequency=frequency, initial_amount=initial, start_date=start)
    return await reads.preview_plan(services, request.auth, [charge_id, *(also or [])], terms)
