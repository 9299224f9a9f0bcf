"""/api/staff/cases/next and the leases of cases."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.cases.errors import CaseNotFoundError
from carelane.cases.review.leases import actions
from carelane.cases.review.leases.schemas import NextIn, NextOut, PresenceOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: cases")

CaseId = Annotated[str, PathParameter(description="UUID of the case")]


@routes.post("/cases/next", "Next case", repeatable=True)
async def claim_next(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[NextIn]) -> NextOut:
    """Deals the caller the case that runs out first, of those that the caller may decide and that nobody else looks after. It is
    the caller's to look after for 15 minutes; every act on it renews that. `insteadOf` is laid down and not dealt again."""
    return await actions.claim_next(services, request.auth, data, await read_key(request))


@routes.put("/cases/{case_id:str}/lease", "Look after a case", errors=(CaseNotFoundError,))
async def hold_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> PresenceOut:
    """From now on for 15 minutes, unless somebody else does: then the answer says who. It forbids nobody anything."""
    return await actions.hold_case(services, request.auth, case_id)


@routes.delete("/cases/{case_id:str}/lease", "Lay a case down", errors=(CaseNotFoundError,))
async def release_case(request: ActorRequest, services: NamedDependency[Services], case_id: CaseId) -> PresenceOut:
    """Others may be dealt it. Somebody else's lease stays."""
    return await actions.release_case(services, request.auth, case_id)
