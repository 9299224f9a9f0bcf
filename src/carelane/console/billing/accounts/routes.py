"""`/console/billing/patients/{id}`: one patient's account"""

from typing import Annotated, Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.carts.drafting.create import create_cart
from carelane.carts.schemas import CartIn
from carelane.charges.desk.reads import list_desk_charges
from carelane.charges.schemas import ChargeFilters
from carelane.console.amounts import require_amount, typed_cents
from carelane.console.billing.accounts import views
from carelane.console.billing.plans.access import require_plans
from carelane.console.billing.views import PATH, last_moment_of, part, refused_part
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.kit.errors import FieldProblem, RecordNotFoundError, RuleBrokenError
from carelane.kit.languages import _
from carelane.organizations.reads import get_currency
from carelane.patient_detail.reads import get_patient_detail
from carelane.payments.credits.actions import create_credit, delete_credit
from carelane.payments.credits.reads import get_available, list_desk_credits
from carelane.payments.credits.schemas import CreditIn
from carelane.payments.listing.reads import list_desk_payments
from carelane.payments.listing.schemas import PaymentFilters
from carelane.payments.spending.queries import CreditRow
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Page
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_ONE = PATH + "/patients/{patient_id:str}"
_ALL_CREDIT = Page(50, 0)

PatientRef = Annotated[str, PathParameter(description="Id of the patient, ours or the storefront's")]


@routes.get(_ONE)
async def get_account(
    request: ActorRequest, services: NamedDependency[Services], patient_id: PatientRef
) -> Response[Any]:
    """What is owed, what was paid, and the credit."""
    return await _show(request, services, patient_id, Filled())


@routes.get(_ONE + "/plan")
async def plan_together(
    request: ActorRequest,
    services: NamedDependency[Services],
    patient_id: PatientRef,
    charge: Annotated[list[UUID] | None, QueryParameter(description="Those that one plan is to pay")] = None,
) -> Response[Any]:
    """On to the plan of the first, with the others beside it."""
    require_plans(request.auth)
    if not charge:
        none = Filled(general=[_("Choose the charges that one plan is to pay.")])
        return await _show(request, services, patient_id, none)
    first, *others = dict.fromkeys(charge)
    return see_other(with_query(f"{PATH}/charges/{first}/plan", also=others or None))


async def _show(request: ActorRequest, services: Services, ref: str, form: Filled) -> Response[Any]:
    actor, first = request.auth, Page(views.SHOWN, 0)
    record = await get_patient_detail(services, actor, ref, "")
    charges = await list_desk_charges(services, actor, ChargeFilters(patient_id=record.id), first)
    payments = await list_desk_payments(services, actor, PaymentFilters(patient_id=record.id), first)
    patient_id = str(record.id)
    credits_ = await list_desk_credits(services, actor, patient_id, _ALL_CREDIT)
    available = await get_available(services, actor, patient_id)
    values = views.account_page(actor, record, charges, payments, credits_, available)
    return await page(request, services, "billing/account.html", values, here="billing", form=form, notes=views.NOTES)


@routes.post(_ONE + "/credit")
async def give_credit(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], patient_id: PatientRef
) -> Response[Any]:
    """The amount is typed twice."""
    own = part(form, "give-")
    try:
        currency = await get_currency(services, request.auth)
        cents = typed_cents(own, "amount", currency)
        require_amount(own, "again", cents, currency)
        body = own.read(
            CreditIn, amount=cents, expiryDate=last_moment_of(own, "expiry"), creatorId=str(request.auth.id)
        )
        await create_credit(services, request.auth, patient_id, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, patient_id, refused_part(form, "give-", error))
    return see_other(with_query(f"{PATH}/patients/{patient_id}", done="given"))


@routes.post(_ONE + "/take-credit")
async def take_credit(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], patient_id: PatientRef
) -> Response[Any]:
    """One of which nothing was spent; its amount is typed."""
    credit_id = form.get("creditId")

    def check(credit: CreditRow) -> None:
        require_amount(form, f"take-{credit_id}", credit.amount_cents, credit.currency)

    try:
        await delete_credit(services, request.auth, patient_id, credit_id, form.key(request), check)
    except RecordNotFoundError:
        gone = RuleBrokenError(problems=[FieldProblem("creditId", _("That credit is not there any more."))])
        return await _show(request, services, patient_id, form.refused(gone))
    except REFUSALS as error:
        return await _show(request, services, patient_id, form.refused(error))
    return see_other(with_query(f"{PATH}/patients/{patient_id}", done="taken"))


@routes.post(_ONE + "/cart")
async def begin_cart(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], patient_id: PatientRef
) -> Response[Any]:
    """An empty one for the patient; what is in it is chosen on its page."""
    try:
        body = CartIn(patient_id=patient_id, creator_id=str(request.auth.id))
        cart = await create_cart(services, request.auth, body, form.key(request))
    except REFUSALS as error:
        return await _show(request, services, patient_id, form.refused(error))
    return see_other(f"{PATH}/carts/{cart.id}")
