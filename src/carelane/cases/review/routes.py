"""/api/staff/cases: one route for each act on a case, and why a case is not moving."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.cases.access import OnClosed
from carelane.cases.errors import (
    ActRefusedError,
    AlreadyDecidedError,
    CaseChangedError,
    CaseHeldError,
    CaseNotFoundError,
    NothingToUndoError,
)
from carelane.cases.review import actions, decide, reads
from carelane.cases.review.grace import actions as held
from carelane.cases.review.grace import reads as held_reads
from carelane.cases.review.schemas import (
    ArchiveCaseIn,
    AskIn,
    AssignIn,
    CaseSummaryOut,
    CommentedOut,
    CommentIn,
    DecidedOut,
    DecideIn,
    EscalateIn,
    HeldDecisionOut,
)
from carelane.cases.review.views import show_case
from carelane.cases.review.why import CaseWhyOut
from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")

CaseId = Annotated[str, PathParameter(description="UUID of the case")]
_REFUSALS = (CaseNotFoundError, ActRefusedError)


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


@routes.post("/cases/{case_id:str}/comment", "Write a comment or a note", errors=_REFUSALS, repeatable=True)
async def comment_on_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[CommentIn]
) -> CommentedOut:
    """A comment is for the patient too; with `isRestricted` it is a note, which staff alone see."""
    return await actions.comment_on_case(services, request.auth, case_id, data, await read_key(request))


@routes.post("/cases/{case_id:str}/ask", "Ask the patient for more", errors=_REFUSALS, repeatable=True)
async def ask_patient(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[AskIn]
) -> CaseSummaryOut:
    """Writes the question as a comment; from then on the case waits for the patient, until it is decided or archived."""
    return await actions.ask_patient(services, request.auth, case_id, data, await read_key(request))


@routes.post(
    "/cases/{case_id:str}/decide",
    "Decide on the products of a case",
    errors=(*_REFUSALS, CaseHeldError, CaseChangedError, AlreadyDecidedError, RuleBrokenError),
    repeatable=True,
)
async def decide_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[DecideIn]
) -> DecidedOut:
    """All decisions are taken or none. Only the clinician who has the case in hand decides; approving prescribes, and needs
    an NPI and a licence that is good today in the patient's state. With `graceSeconds` it is taken when they are over, if it
    can be taken then; until then nobody else moves the case, and the clinician can undo it."""
    return await decide.decide_case(services, request.auth, case_id, data, await read_key(request))


@routes.post(
    "/cases/{case_id:str}/undo-decision",
    "Undo a decision that is held back",
    errors=(CaseNotFoundError, CaseHeldError, NothingToUndoError),
    repeatable=True,
)
async def undo_decision(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> CaseSummaryOut:
    """Possible for the clinician who decided, until the decision is taken. The case stands where it stood."""
    return await held.undo_decision(services, request.auth, case_id, await read_key(request))


@routes.get(
    "/cases/{case_id:str}/held-decision",
    "What became of the last decision that was held back?",
    errors=(CaseNotFoundError, RecordNotFoundError),
)
async def get_held_decision(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId
) -> HeldDecisionOut:
    """What was decided, until it is taken; and if it could not be taken when its grace was over, why not."""
    return await held_reads.get_held_decision(services, request.auth, case_id)


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
