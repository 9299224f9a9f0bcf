"""POST /api/staff/cases/{id}/decide."""

from typing import Annotated

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.access import case_id_of
from carelane.cases.review.decisions.actions import decide
from carelane.cases.review.decisions.schemas import DecidedOut, DecideIn
from carelane.cases.review.errors import ActRefusedError, AlreadyDecidedError, CaseHeldError
from carelane.cases.review.schemas import standing_out
from carelane.kit.errors import RuleBrokenError
from carelane.permissions import CASES_DECIDE
from carelane.services import Services
from carelane.web.routes import ActorRequest
from carelane.web.wire import JsonBody


@post(
    "/cases/{case_id:str}/decide",
    operation_id="decideCase",
    summary="Decide on the products of a case",
    tags=["Staff: cases"],
    status_code=200,
    dto=JsonBody,
    return_dto=None,
    opt={"errors": (CaseNotFoundError, ActRefusedError, CaseHeldError, AlreadyDecidedError, RuleBrokenError)},
)
async def decide_case(
    request: ActorRequest,
    services: NamedDependency[Services],
    case_id: Annotated[str, PathParameter(description="UUID of the case")],
    data: JSONBody[DecideIn],
) -> DecidedOut:
    """All decisions are taken or none. Only the clinician who has the case in hand decides; approving prescribes, and needs
    an NPI and a licence that is good today in the patient's state."""
    request.auth.require(CASES_DECIDE)
    decision_ids, case = await decide(services, request.auth, case_id_of(case_id), data)
    return DecidedOut(decision_ids=decision_ids, case=standing_out(case))
