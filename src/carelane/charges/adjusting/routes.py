"""POST /billing/adjustment/create and /billing/write-off/create."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.charges.adjusting import actions
from carelane.charges.adjusting.schemas import AdjustmentIn, WriteOffIn, adjustment_problems
from carelane.charges.money.schemas import AdjustmentOut
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Charges", body=EitherCaseBody)


@routes.post(
    "/billing/adjustment/create",
    "Adjust what is owed",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
    rules=adjustment_problems,
    repeatable=True,
)
async def create_adjustment(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[AdjustmentIn]
) -> AdjustmentOut:
    """A positive amount raises what is outstanding, a negative one lowers it, to nothing at the lowest. The charge's total stays."""
    return await actions.create_adjustment(services, request.auth, data, await read_key(request))


@routes.post(
    "/billing/write-off/create",
    "Write off what is outstanding of a charge",
    errors=(RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def create_write_off(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[WriteOffIn]
) -> AdjustmentOut:
    """All that is outstanding is not expected any more. What was paid stays paid."""
    return await actions.create_write_off(services, request.auth, data, await read_key(request))
