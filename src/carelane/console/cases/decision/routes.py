"""The forms of the decision's part of a case's page."""

from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.cases.review.actions import start_case
from carelane.cases.review.decide import decide_case
from carelane.cases.review.grace.actions import undo_decision
from carelane.cases.review.reads import get_summary
from carelane.console.cases.decision import reads, views
from carelane.console.cases.reads import SLOTS
from carelane.console.cases.routes import CASES_PATH, NOTES, discard_sent, id_of, keep_typed, saved_before, show_case
from carelane.console.forms import REFUSALS, Filled, Form
from carelane.console.frame import with_query
from carelane.kit.errors import FieldProblem, RuleBrokenError
from carelane.kit.languages import N_, _
from carelane.services import Services
from carelane.templates.errors import TemplateNotFoundError
from carelane.templates.reads import fill_template
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

CaseId = Annotated[str, PathParameter(description="UUID of the case")]

NOTES |= {
    "decided": N_("Decided. You can undo it for 30 seconds."),
    "undone": N_("Undone. Nothing was charged or ordered, and what you typed is in the form."),
    "started": N_("The case is in your hands."),
}
SLOTS.append(reads.decision_slot)


@routes.post(CASES_PATH + "/{case_id:str}/start")
async def start(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """Takes the case in hand."""
    try:
        await start_case(services, request.auth, case_id)
    except REFUSALS as error:
        return await _again(request, services, case_id, form.refused(error))
    return see_other(with_query(f"{CASES_PATH}/{id_of(case_id)}", done="started"))


@routes.post(CASES_PATH + "/{case_id:str}/decide")
async def decide(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """Decides after a grace; or, by its other buttons, fills the form in and shows it again."""
    act, _colon, argument = form.get("act", "decide").partition(":")
    if act == "fill":
        return await _fill(request, services, form, case_id)
    if act == "add":
        return await _again(request, services, case_id, _with_one_more(form, argument))
    saved_at = await saved_before(request, services, case_id, "decision")
    try:
        body, form = views.body_of(form)
        await decide_case(services, request.auth, case_id, body, form.key(request))
    except REFUSALS as error:
        if error.status == 409:
            await keep_typed(request, services, case_id, "decision", form)
        return await _again(request, services, case_id, views.shown_again(form.refused(error)))
    await discard_sent(request, services, case_id, "decision", saved_at)
    return see_other(with_query(f"{CASES_PATH}/{id_of(case_id)}", done="decided"))


@routes.post(CASES_PATH + "/{case_id:str}/undo")
async def undo(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """While its grace lasts."""
    try:
        await undo_decision(services, request.auth, case_id, form.key(request))
    except REFUSALS as error:
        return await _again(request, services, case_id, form.refused(error))
    return see_other(with_query(f"{CASES_PATH}/{id_of(case_id)}", done="undone"))


async def _again(request: ActorRequest, services: Services, case_id: str, form: Filled) -> Response[Any]:
    return await show_case(request, services, case_id, form, summary_in="decision")


async def _fill(request: ActorRequest, services: Services, form: Form, case_id: str) -> Response[Any]:
    """What the template says takes the place of what stands there; the rest stays."""
    ref = form.get("template")
    try:
        filled = await fill_template(services, request.auth, ref, case_id)
    except TemplateNotFoundError:
        error = RuleBrokenError(problems=[FieldProblem("template", _("Choose a template that is still there."))])
        return await _again(request, services, case_id, form.refused(error))
    summary = await get_summary(services, request.auth, case_id)
    products = [one for one in summary.requests if one.status == "PENDING"]
    added = views.filled_in(filled.content, products, filled.product_id, views.day_of(summary))
    fields = views.without_medicines(form.fields, added) | added | {"filled": [filled.name]}
    return await _again(request, services, case_id, Filled(fields))


def _with_one_more(form: Form, product: str) -> Filled:
    """One more medicine for the product at this place."""
    index = int(product) if product.isascii() and product.isdigit() and len(product) < 4 else 0
    count = sum(1 for name in form.fields if name.startswith(f"decisions[{index}].medInfo[") and ".medicine" in name)
    number = min(count, views.MOST_MEDICINES - 1)
    return Filled(form.fields | {f"decisions[{index}].medInfo[{number}].medicine": [""]})
