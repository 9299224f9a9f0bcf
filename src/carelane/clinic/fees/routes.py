"""/api/staff/settings/fees"""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.clinic.fees import actions, reads
from carelane.clinic.fees.schemas import PaymentFeesIn, PaymentFeesOut
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: settings")


@routes.get("/settings/fees", "List fees")
async def list_fees(request: ActorRequest, services: NamedDependency[Services]) -> PaymentFeesOut:
    """What of a case's payment is which fee; the rest is the consultation's."""
    return await reads.list_fees(services, request.auth)


@routes.put("/settings/fees", "Change fees", errors=(RuleBrokenError, ChangedMeanwhileError))
async def change_fees(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[PaymentFeesIn]
) -> PaymentFeesOut:
    """As a whole, for payments that come from now on: those before keep theirs."""
    return await actions.change_fees(services, request.auth, data, await read_key(request))
