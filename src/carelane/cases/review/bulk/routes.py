"""/api/staff/cases/bulk"""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.cases.review.bulk import actions
from carelane.cases.review.bulk.schemas import BulkIn, BulkOut
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")


@routes.post("/cases/bulk", "Act on many cases", errors=(RuleBrokenError,), repeatable=True)
async def act_on_cases(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[BulkIn]) -> BulkOut:
    """Does it to all that it can be done to, at once; the others stay as they are, and the answer says why. With `dryRun` nothing
    is done."""
    return await actions.act_on_cases(services, request.auth, data, await read_key(request))
