"""POST /api/v1/cases (seed 000)."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.cases import actions
from carelane.cases.errors import CaseConflictError
from carelane.cases.schemas import AbandonedCaseIn, CaseBody, CaseCreatedOut, CaseIn
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Cases", body=CaseBody)


@routes.post("/cases", "Create a case", errors=(RuleBrokenError, CaseConflictError), repeatable=True)
async def create_case(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[CaseIn | AbandonedCaseIn]
) -> CaseCreatedOut:
    """Creates a case with its patient, products, answers and payment, all or nothing."""
    return await actions.create_case(services, request.auth, data, await read_key(request))
