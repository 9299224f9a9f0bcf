"""POST /api/staff/cases/{id}/…: one route for each act on a case but deciding; and GET …/why."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review import actions
from carelane.cases.review.access import case_id_of, get_standing
from carelane.cases.review.decisions.routes import decide_case
from carelane.cases.review.errors import ActRefusedError, CaseHeldError
from carelane.cases.review.queue.routes import list_cases
from carelane.cases.review.schemas import (
    ArchiveCaseIn,
    AskIn,
    AssignIn,
    CommentIn,
    EscalateIn,
    StandingOut,
    standing_out,
)
from carelane.cases.review.why import CaseWhyOut, explain
from carelane.kit import clock
from carelane.kit.errors import RuleBrokenError
from carelane.permissions import CASES_READ, CASES_WORK
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.web.wire import JsonBody

CaseId = Annotated[str, PathParameter(description="UUID of the case")]
_TAGS = ["Staff: cases"]
_REFUSALS = (CaseNotFoundError, ActRefusedError)


class CommentedOut(msgspec.Struct, rename="camel", frozen=True):
    comment_id: UUID


@post(
    "/cases/{case_id:str}/assign",
    operation_id="assignCase",
    summary="Assign a case",
    tags=_TAGS,
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (*_REFUSALS, CaseHeldError, RuleBrokenError)},
)
async def assign_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[AssignIn]
) -> StandingOut:
    """Gives the case to a clinician: an active CASEWORKER of this clinic. `insteadOf` must name who has it, if anybody."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.assign(services, request.auth, case_id_of(case_id), data))


@post(
    "/cases/{case_id:str}/unassign",
    operation_id="unassignCase",
    summary="Take a case from everybody",
    tags=_TAGS,
    status_code=200,
    opt={"errors": _REFUSALS},
)
async def unassign_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> StandingOut:
    """The case is OPEN again and waits for somebody to take it."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.unassign(services, request.auth, case_id_of(case_id)))


@post(
    "/cases/{case_id:str}/start",
    operation_id="startCase",
    summary="Take a case in hand",
    tags=_TAGS,
    status_code=200,
    opt={"errors": (*_REFUSALS, CaseHeldError)},
)
async def start_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> StandingOut:
    """The clinician to whom the case is assigned begins; one that nobody has is assigned to the caller on the way."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.start(services, request.auth, case_id_of(case_id)))


@post(
    "/cases/{case_id:str}/comment",
    operation_id="commentOnCase",
    summary="Write a comment or a note",
    tags=_TAGS,
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": _REFUSALS},
)
async def comment_on_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[CommentIn]
) -> CommentedOut:
    """A comment is for the patient too; with `isRestricted` it is a note, which staff alone see."""
    request.auth.require(CASES_WORK)
    return CommentedOut(await actions.comment(services, request.auth, case_id_of(case_id), data))


@post(
    "/cases/{case_id:str}/ask",
    operation_id="askPatient",
    summary="Ask the patient for more",
    tags=_TAGS,
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": _REFUSALS},
)
async def ask_patient(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[AskIn]
) -> StandingOut:
    """Writes the question as a comment; from then on the case waits for the patient, until it is decided or archived."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.ask(services, request.auth, case_id_of(case_id), data.text))


@post(
    "/cases/{case_id:str}/archive",
    operation_id="archiveCase",
    summary="Archive a case",
    tags=_TAGS,
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": _REFUSALS},
)
async def archive_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[ArchiveCaseIn]
) -> StandingOut:
    """Closes the case in whatever state it is. From then on it can only be reopened."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.archive(services, request.auth, case_id_of(case_id), data))


@post(
    "/cases/{case_id:str}/reopen",
    operation_id="reopenCase",
    summary="Reopen an archived case",
    tags=_TAGS,
    status_code=200,
    opt={"errors": _REFUSALS},
)
async def reopen_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> StandingOut:
    """The case stands where it stood before; reason and note of the archiving are gone."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.reopen(services, request.auth, case_id_of(case_id)))


@post(
    "/cases/{case_id:str}/escalate",
    operation_id="escalateCase",
    summary="Mark a case for a second look",
    tags=_TAGS,
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": _REFUSALS},
)
async def escalate_case(
    request: ActorRequest, services: NamedDependency[Services], case_id: CaseId, data: JSONBody[EscalateIn]
) -> StandingOut:
    """The mark stands beside the state and stops nothing. A text is kept as a note."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.escalate(services, request.auth, case_id_of(case_id), data.text))


@post(
    "/cases/{case_id:str}/deescalate",
    operation_id="deescalateCase",
    summary="Take the mark away",
    tags=_TAGS,
    status_code=200,
    opt={"errors": _REFUSALS},
)
async def deescalate_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> StandingOut:
    """The case needs no second look any more."""
    request.auth.require(CASES_WORK)
    return standing_out(await actions.deescalate(services, request.auth, case_id_of(case_id)))


@get(
    "/cases/{case_id:str}/why",
    operation_id="explainCase",
    summary="Why does a case stand still?",
    tags=_TAGS,
    opt={"errors": (CaseNotFoundError,)},
)
async def explain_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> CaseWhyOut:
    """What the case waits for and since when, who can move it, and what happens next."""
    request.auth.require(CASES_READ)
    wanted = case_id_of(case_id)
    async with services.db.reading(request.auth.organization_id) as conn:
        case = await get_standing(conn, request.auth, wanted)
    return explain(case, clock.now())


REVIEW = (
    list_cases,
    assign_case,
    unassign_case,
    start_case,
    comment_on_case,
    ask_patient,
    decide_case,
    archive_case,
    reopen_case,
    escalate_case,
    deescalate_case,
    explain_case,
)
