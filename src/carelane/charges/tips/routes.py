"""/billing/tips."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.charges.tips import actions, reads
from carelane.charges.tips.schemas import TipIn, TipOut, TipPatch
from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Charges", body=EitherCaseBody)

TipId = Annotated[str, PathParameter(description="Id of the tip")]


@routes.post(
    "/billing/tips/create",
    "Give a tip",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
    repeatable=True,
)
async def create_tip(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[TipIn]) -> TipOut:
    """So much more is owed with the charge, for the provider."""
    return await actions.create_tip(services, request.auth, data, await read_key(request))


@routes.get("/billing/tips/{tip_id:str}", "Get a tip", errors=(RecordNotFoundError,))
async def get_tip(request: ActorRequest, services: NamedDependency[Services], tip_id: TipId) -> TipOut:
    """One tip, with its provider."""
    return await reads.get_tip(services, request.auth, tip_id)


@routes.put(
    "/billing/tips/{tip_id:str}",
    "Change a tip",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
)
async def update_tip(
    request: ActorRequest, services: NamedDependency[Services], tip_id: TipId, data: JSONBody[TipPatch]
) -> TipOut:
    """To another amount or provider. It can be lowered by what is outstanding of the charge."""
    return await actions.update_tip(services, request.auth, tip_id, data)


@routes.delete(
    "/billing/tips/{tip_id:str}",
    "Take back a tip",
    errors=(RecordNotFoundError, ConflictError, RuleBrokenError),
)
async def delete_tip(request: ActorRequest, services: NamedDependency[Services], tip_id: TipId) -> bool:
    """As long as so much of the charge is outstanding; what was paid is refunded instead."""
    return await actions.delete_tip(services, request.auth, tip_id)
