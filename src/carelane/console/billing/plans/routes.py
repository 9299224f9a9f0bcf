"""`/console/billing/charges/{id}/plan`: a payment plan is looked at, and agreed on; `/end-plan` ends one."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.charges.desk.reads import get_desk_charge, list_desk_charges
from carelane.charges.plans.schemas import MAX_CHARGES
from carelane.charges.schemas import ChargeFilters
from carelane.console.billing.charges.routes import show_charge
from carelane.console.billing.charges.views import CHARGES_PATH, NOTES, check_of
from carelane.console.billing.plans import views
from carelane.console.billing.plans.access import require_plans
from carelane.console.billing.views import part, refused_part
from carelane.console.filters import filters_of
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.kit.languages import _
from carelane.payments.errors import GatewayMissingError
from carelane.payments.plans.actions import cancel_plan, create_plan
from carelane.payments.plans.reads import preview_plan
from carelane.payments.plans.schemas import PlanPreviewOut
from carelane.payments.saved.reads import list_methods
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.paging import Page
from carelane.web.routes import ActorRequest

routes = PageRoutes()

_ONE = CHARGES_PATH + "/{charge_id:str}"
_REFUSALS = (*REFUSALS, RecordNotFoundError, GatewayMissingError)

ChargeId = Annotated[str, PathParameter(description="Id of the charge")]


@routes.get(_ONE + "/plan")
async def get_plan(request: ActorRequest, services: NamedDependency[Services], charge_id: ChargeId) -> Response[Any]:
    """The terms in the address, and what they would take when. Nothing is agreed on yet."""
    require_plans(request.auth)
    asked = filters_of(request, *views.FIELDS, several=("also",))
    of = await _together(request, services, charge_id, list(dict.fromkeys(request.query_params.getall("also", []))))
    form, preview = views.asked_form(asked, of), None
    try:
        of.require_known()
        if asked:
            terms = views.read_terms(asked, of.cards, of.detail.currency)
            preview = await preview_plan(services, request.auth, [charge_id, *of.also], terms.terms)
    except REFUSALS as error:
        form = views.refused(form, error)
    return await _show(request, services, of, preview, form)


async def _together(request: ActorRequest, services: Services, ref: str, also: list[str]) -> views.Together:
    actor = request.auth
    detail = await get_desk_charge(services, actor, ref)
    patient = detail.charge.patient.id
    owed = ChargeFilters(patient_id=record_id(actor.organization_id, patient), statuses=["OUTSTANDING"])
    listed = await list_desk_charges(services, actor, owed, Page(MAX_CHARGES, 0))
    return views.together(detail, listed.charges, also, await list_methods(services, actor, patient))


async def _show(
    request: ActorRequest, services: Services, of: views.Together, preview: PlanPreviewOut | None, form: Filled
) -> Response[Any]:
    values = views.plan_page(request.auth, of, preview)
    return await page(request, services, "billing/plan.html", values, here="billing", form=form, notes=NOTES)


@routes.post(_ONE + "/plan")
async def agree(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """On what was shown: another amount outstanding, and it is shown anew."""
    require_plans(request.auth)
    asked = {name: form.get(name).strip() for name in views.FIELDS if form.get(name).strip()}
    of = await _together(request, services, charge_id, form.all("also"))
    try:
        terms = views.read_terms(asked, of.cards, of.detail.currency)
        body = views.agreed_of(charge_id, form, terms, of.detail.charge.total_outstanding)
        await create_plan(services, request.auth, body, form.key(request), views.check_of_each(form, of.detail))
    except _REFUSALS as error:
        return await _show(request, services, of, None, views.refused(form, error))
    return see_other(with_query(f"{CHARGES_PATH}/{charge_id}", done="planned"))


@routes.post(_ONE + "/end-plan")
async def end(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], charge_id: ChargeId
) -> Response[Any]:
    """What is not taken yet is not taken; what is outstanding is typed."""
    own = part(form, "end-")
    try:
        check = check_of(form, own, "outstanding")
        await cancel_plan(services, request.auth, charge_id, form.key(request), check)
    except RecordNotFoundError:
        none = ConflictError(_("No payment plan runs for this charge."))
        return await show_charge(request, services, charge_id, refused_part(form, "end-", none))
    except REFUSALS as error:
        return await show_charge(request, services, charge_id, refused_part(form, "end-", error))
    return see_other(with_query(f"{CHARGES_PATH}/{charge_id}", done="plan-ended"))
