"""POST /api/staff/charges/{id}/void and /write-off."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.charges.owed import actions
from carelane.charges.owed.schemas import ChargeStandingOut, ReasonIn
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Staff: payments")

ChargeId = Annotated[str, PathParameter(description="UUID of the charge")]


@routes.post(
    "/charges/{charge_id:str}/void", "Void a charge", errors=(RecordNotFoundError, ConflictError), repeatable=True
)
async def void_charge(
    request: ActorRequest, services: NamedDependency[Services], charge_id: ChargeId, data: JSONBody[ReasonIn]
) -> ChargeStandingOut:
    """Nothing is owed after all: what the charge posted is reversed. Refused once anything was paid; refunds are for that."""
    return await actions.void_charge(services, request.auth, charge_id, data, await read_key(request))


@routes.post(
    "/charges/{charge_id:str}/write-off",
    "Write off what is outstanding",
    errors=(RecordNotFoundError, ConflictError),
    repeatable=True,
)
async def write_off_charge(
    request: ActorRequest, services: NamedDependency[Services], charge_id: ChargeId, data: JSONBody[ReasonIn]
) -> ChargeStandingOut:
    """What is outstanding is not expected any more. What was paid stays paid."""
    return await actions.write_off_charge(services, request.auth, charge_id, data, await read_key(request))
