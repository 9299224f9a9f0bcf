"""`/console/cases/{case}/order`: the order's form, tried and placed."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.cases.review.reads import get_summary
from carelane.console.cases.ordering import views
from carelane.console.cases.ordering.views import Findings
from carelane.console.cases.routes import CASES_PATH, NOTES, page_of, show_case
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import page, with_query
from carelane.console.wording import place_of
from carelane.kit.languages import N_
from carelane.orders.desk.actions import cancel_order, replace_order
from carelane.orders.desk.reads import require_order_of_case
from carelane.orders.desk.schemas import CancelIn, ReplaceIn
from carelane.orders.drafting.actions import place_staff_order
from carelane.orders.drafting.reads import draft_order, try_staff_order
from carelane.orders.errors import CaseDeniedError
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

CaseId = Annotated[str, PathParameter(description="UUID of the case")]
NOTES |= {
    "ordered": N_("The order is placed. It leaves as soon as the case is paid."),
    "order-canceled": N_("The order is canceled; if the pharmacy has it already, it was asked to."),
    "order-replaced": N_("The same order is placed once more."),
}


@routes.get(CASES_PATH + "/{case_id:str}/order")
async def get_order_form(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> Response[Any]:
    """Filled in from the decision."""
    return await _show(request, services, case_id, None, Findings())


@routes.post(CASES_PATH + "/{case_id:str}/order/place")
async def place(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """Places it, or tries it and shows what would be wrong, or fills in what is empty from the last order."""
    if form.get("act") == "copy":
        return await _show(request, services, case_id, form, Findings(), is_copied=True)
    try:
        body = views.body_of(form)
        tried = await try_staff_order(services, request.auth, case_id, body)
        findings = views.sorted_findings(tried.findings)
        if form.get("act") == "try" or findings.stops:
            return await _show(request, services, case_id, views.with_stops(form, findings), findings)
        await place_staff_order(services, request.auth, case_id, body, form.key(request))
    except (*REFUSALS, CaseDeniedError) as error:
        return await _show(request, services, case_id, form.refused(error), Findings())
    return see_other(with_query(f"{CASES_PATH}/{case_id}", done="ordered") + "#money")


@routes.post(CASES_PATH + "/{case_id:str}/cancel-order")
async def cancel(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """Ends it here, or asks the pharmacy to."""
    try:
        await require_order_of_case(services, request.auth, case_id, form.get("orderId"))
        await cancel_order(services, request.auth, form.get("orderId"), form.read(CancelIn))
    except REFUSALS as error:
        return await show_case(request, services, case_id, form.refused(error))
    return see_other(page_of(case_id, "order-canceled") + "#money")


@routes.post(CASES_PATH + "/{case_id:str}/replace-order")
async def replace(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """The same prescription once more."""
    try:
        await require_order_of_case(services, request.auth, case_id, form.get("orderId"))
        await replace_order(services, request.auth, form.get("orderId"), form.read(ReplaceIn))
    except REFUSALS as error:
        return await show_case(request, services, case_id, form.refused(error))
    return see_other(page_of(case_id, "order-replaced") + "#money")


async def _show(
    request: ActorRequest,
    services: Services,
    case_id: str,
    form: Filled | None,
    findings: Findings,
    *,
    is_copied: bool = False,
) -> Response[Any]:
    draft = await draft_order(services, request.auth, case_id)
    case = await get_summary(services, request.auth, case_id)
    shown = form or Filled(views.fields_of(draft))
    if is_copied:
        shown = views.with_last(shown, draft)
    values = {
        "is_copied": is_copied and draft.last_order is not None,
        "draft": draft,
        "case": case,
        "found": findings,
        "place_of": place_of,
        "items": views.count_items(shown.fields),
        "drugs": [("", ""), *((drug.code, drug.name) for drug in draft.drugs)],
        "pharmacies": [("", ""), *((one.code, one.name) for one in draft.pharmacies)],
    }
    return await page(request, services, "cases/order.html", values, here="queue", form=shown)
