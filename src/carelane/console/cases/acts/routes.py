"""The forms of these acts, one address for each."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.cases.access import OnClosed
from carelane.cases.review import actions
from carelane.cases.review.schemas import ArchiveCaseIn, AssignIn, EscalateIn
from carelane.console.cases.acts.reads import acts_slot
from carelane.console.cases.reads import SLOTS
from carelane.console.cases.routes import CASES_PATH, NOTES, page_of, show_case
from carelane.console.forms import REFUSALS, Form
from carelane.kit.languages import N_
from carelane.services import Services
from carelane.web.html.pages import see_other
from carelane.web.html.routes import PageRoutes
from carelane.web.routes import ActorRequest

routes = PageRoutes()

CaseId = Annotated[str, PathParameter(description="UUID of the case")]
_PART = CASES_PATH + "/{case_id:str}"
NOTES |= {
    "assigned": N_("The case was given to somebody else."),
    "unassigned": N_("Nobody has the case now. It waits for somebody to take it."),
    "archived": N_("The case is archived. It can be opened again."),
    "reopened": N_("The case is open again, and stands where it stood."),
    "escalated": N_("The case is marked for a second look."),
    "deescalated": N_("The mark is gone."),
}
SLOTS.append(acts_slot)


@routes.post(f"{_PART}/assign")
async def assign(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """To a clinician, in place of whoever had it when the page was opened."""

    async def act() -> object:
        return await actions.assign_case(services, request.auth, case_id, form.read(AssignIn))

    return await _do(request, services, form, case_id, act, "assigned")


@routes.post(f"{_PART}/unassign")
async def unassign(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """Then nobody has it."""

    async def act() -> object:
        return await actions.unassign_case(services, request.auth, case_id)

    return await _do(request, services, form, case_id, act, "unassigned")


@routes.post(f"{_PART}/archive")
async def archive(
    request: ActorRequest,
    services: NamedDependency[Services],
    on_closed: NamedDependency[OnClosed],
    form: NamedDependency[Form],
    case_id: CaseId,
) -> Response[Any]:
    """What is closed can be opened again."""

    async def act() -> object:
        return await actions.archive_case(services, request.auth, case_id, form.read(ArchiveCaseIn), on_closed.act)

    return await _do(request, services, form, case_id, act, "archived")


@routes.post(f"{_PART}/reopen")
async def reopen(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """The case stands where it stood."""

    async def act() -> object:
        return await actions.reopen_case(services, request.auth, case_id)

    return await _do(request, services, form, case_id, act, "reopened")


@routes.post(f"{_PART}/escalate")
async def escalate(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """With a note if something was written."""
    text = form.get("note").strip() or None

    async def act() -> object:
        return await actions.escalate_case(services, request.auth, case_id, Form().read(EscalateIn, text=text))

    return await _do(request, services, form, case_id, act, "escalated")


@routes.post(f"{_PART}/deescalate")
async def deescalate(
    request: ActorRequest, services: NamedDependency[Services], form: NamedDependency[Form], case_id: CaseId
) -> Response[Any]:
    """No second look is wanted any more."""

    async def act() -> object:
        return await actions.deescalate_case(services, request.auth, case_id)

    return await _do(request, services, form, case_id, act, "deescalated")


async def _do(
    request: ActorRequest, services: Services, form: Form, case_id: str, act: Callable[[], Awaitable[object]], done: str
) -> Response[Any]:
    """Back to the page, with the news or with what is wrong."""
    try:
        await act()
    except REFUSALS as error:
        return await show_case(request, services, case_id, form.refused(error))
    return see_other(page_of(case_id, done))
