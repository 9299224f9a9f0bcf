"""POST /api/v1/cases (seed 000)."""

from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.cases.actions import create_case as create
from carelane.cases.errors import CaseConflictError
from carelane.cases.schemas import AbandonedCaseIn, CaseBody, CaseCreatedOut, CaseIn
from carelane.kit.auth import ActorRequest
from carelane.kit.errors import RuleBrokenError
from carelane.organizations.scopes import CASES_WRITE
from carelane.services import Services
from carelane.web.idempotency import read_asked


@post(
    "/cases",
    operation_id="createCase",
    summary="Create a case",
    tags=["Cases"],
    status_code=200,
    dto=CaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, CaseConflictError), "repeatable": True},
)
async def create_case(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[CaseIn | AbandonedCaseIn]
) -> CaseCreatedOut:
    """Creates a case with its patient, products, answers and payment, all or nothing."""
    request.auth.require(CASES_WRITE)
    return await create(services, request.auth, data, await read_asked(request))
