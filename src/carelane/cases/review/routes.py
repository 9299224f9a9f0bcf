"""/api/staff/cases: the queue, one route for each act on a case, and why a case is not moving."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.cases.access import OnClosed
from carelane.cases.errors import ActRefusedError, AlreadyDecidedError, CaseHeldError, CaseNotFoundError
from carelane.cases.review import actions, decide, reads
from carelane.cases.review.schemas import (
    MAX_PAGE_SIZE,
    PAGE_SIZE,
    WAITING,
    ArchiveCaseIn,
    AskIn,
    AssignIn,
    CaseSummaryOut,
    CommentedOut,
    CommentIn,
    DecidedOut,
    DecideIn,
    EscalateIn,
    QueueOut,
    QueueQuery,
)
from carelane.cases.review.views import show_case
from carelane.cases.review.why import CaseWhyOut
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")

CaseId = Annotated[str, PathParameter(description="UUID of the case")]
_BOOLEAN = "`true` or `false`"
_REFUSALS = (CaseNotFoundError, ActRefusedError)


@routes.get("/cases", "List cases: the queue")
async def list_cases(
    request: ActorRequest,
    services: NamedDependency[Services],
    status: Annotated[
        list[str] | None,
        QueryParameter(name="status", description=f"May be repeated; without it {', '.join(WAITING)}"),
    ] = None,
    assigned_to: Annotated[
        str | None, QueryParameter(name="assignedTo", description="UUID of a member of staff, `me` or `none`")
    ] = None,
    is_escalated: Annotated[str | None, QueryParameter(name="isEscalated", description=_BOOLEAN)] = None,
    is_archived: Annotated[
        str | None, QueryParameter(name="isArchived", description=f"{_BOOLEAN}; without it `false`")
    ] = None,
    awaiting_patient: Annotated[str | None, QueryParameter(name="awaitingPatient", description=_BOOLEAN)] = None,
    patient_state: Annotated[
        str | None, QueryParameter(name="state", description="The patient's state, such as CA")
    ] = None,
    q: Annotated[str | None, QueryParameter(name="q", description="How the short id begins")] = None,
    after: Annotated[str | None, QueryParameter(name="after", description="`next` of the page before")] = None,
    limit: Annotated[
        str | None, QueryParameter(name="limit", description=f"1 to {MAX_PAGE_SIZE}; without it {PAGE_SIZE}")
    ] = None,
) -> QueueOut:
    """The clinic's cases, oldest first: those that wait for the clinic, or what the filters say."""
    query = QueueQuery(
        status=status,
        assigned_to=assigned_to,
        is_escalated=is_escalated,
        is_archived=is_archived,
        awaiting_patient=awaiting_patient,
        state=patient_state,
        q=q,
        after=after,
        limit=limit,
    )
    return await reads.list_cases(services, request.auth, query)


@routes.post("/cases/{case_id:str}/assign", "Assign a case", errors=(*_REFUSALS, CaseHeldError, RuleBrokenError))
async def assign_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[AssignIn]
) -> CaseSummaryOut:
    """Gives the case to a clinician: an active CASEWORKER of this clinic. `insteadOf` must name who has it, if anybody."""
    return show_case(await actions.assign_case(services, request.auth, case_id, data))


@routes.post("/cases/{case_id:str}/unassign", "Take a case from everybody", errors=_REFUSALS)
async def unassign_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> CaseSummaryOut:
    """The case is OPEN again and waits for somebody to take it."""
    return show_case(await actions.unassign_case(services, request.auth, case_id))


@routes.post("/cases/{case_id:str}/start", "Take a case in hand", errors=(*_REFUSALS, CaseHeldError))
async def start_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> CaseSummaryOut:
    """The clinician to whom the case is assigned begins; one that nobody has is assigned to the caller on the way."""
    return show_case(await actions.start_case(services, request.auth, case_id))


@routes.post("/cases/{case_id:str}/comment", "Write a comment or a note", errors=_REFUSALS)
async def comment_on_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[CommentIn]
) -> CommentedOut:
    """A comment is for the patient too; with `isRestricted` it is a note, which staff alone see."""
    return CommentedOut(await actions.comment_on_case(services, request.auth, case_id, data))


@routes.post("/cases/{case_id:str}/ask", "Ask the patient for more", errors=_REFUSALS)
async def ask_patient(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[AskIn]
) -> CaseSummaryOut:
    """Writes the question as a comment; from then on the case waits for the patient, until it is decided or archived."""
    return show_case(await actions.ask_patient(services, request.auth, case_id, data))


@routes.post(
    "/cases/{case_id:str}/decide",
    "Decide on the products of a case",
    errors=(*_REFUSALS, CaseHeldError, AlreadyDecidedError, RuleBrokenError),
)
async def decide_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[DecideIn]
) -> DecidedOut:
    """All decisions are taken or none. Only the clinician who has the case in hand decides; approving prescribes, and needs
    an NPI and a licence that is good today in the patient's state."""
    decision_ids, case = await decide.decide_case(services, request.auth, case_id, data)
    return DecidedOut(decision_ids=decision_ids, case=show_case(case))


@routes.post("/cases/{case_id:str}/archive", "Archive a case", errors=_REFUSALS)
async def archive_case(
    request: ActorRequest,
    services: NamedDependency[Services],
    on_closed: NamedDependency[OnClosed],
    case_id: CaseId,
    data: JSONBody[ArchiveCaseIn],
) -> CaseSummaryOut:
    """Closes the case in whatever state it is. From then on it can only be reopened. Where nothing is sold (`INELIGIBLE`,
    `DENIED`), its orders that have not left end with it, and what is not paid is no longer asked for."""
    return show_case(await actions.archive_case(services, request.auth, case_id, data, on_closed.act))


@routes.post("/cases/{case_id:str}/reopen", "Reopen an archived case", errors=_REFUSALS)
async def reopen_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> CaseSummaryOut:
    """The case stands where it stood before; reason and note of the archiving are gone."""
    return show_case(await actions.reopen_case(services, request.auth, case_id))


@routes.post("/cases/{case_id:str}/escalate", "Mark a case for a second look", errors=_REFUSALS)
async def escalate_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[EscalateIn]
) -> CaseSummaryOut:
    """The mark stands beside the state and stops nothing. A text is kept as a note."""
    return show_case(await actions.escalate_case(services, request.auth, case_id, data))


@routes.post("/cases/{case_id:str}/deescalate", "Take the mark away", errors=_REFUSALS)
async def deescalate_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId
) -> CaseSummaryOut:
    """The case needs no second look any more."""
    return show_case(await actions.deescalate_case(services, request.auth, case_id))


@routes.get("/cases/{case_id:str}/why", "Why does a case stand still?", errors=(CaseNotFoundError,))
async def explain_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> CaseWhyOut:
    """What the case waits for and since when, who can move it, and what happens next."""
    return await reads.explain_case(services, request.auth, case_id)
