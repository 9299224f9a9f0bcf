"""/admin/payment-mediums."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.payments.mediums.custom import actions, reads
from carelane.payments.mediums.custom.schemas import MediumIn, MediumOut, MediumPatch, broken_rules
from carelane.services import Services
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Payment mediums", body=EitherCaseBody)

Name = Annotated[str, PathParameter(description="Name of the medium, in any case")]


@routes.get("/admin/payment-mediums/list", "List payment mediums")
async def list_payment_mediums(request: ActorRequest, services: NamedDependency[Services]) -> list[MediumOut]:
    """By which payments come: those that are built in, then the clinic's own by name, deleted ones too."""
    return await reads.list_mediums(services, request.auth)


@routes.get("/admin/payment-mediums/list-external", "List mediums of external settlement")
async def list_external_mediums(request: ActorRequest, services: NamedDependency[Services]) -> list[MediumOut]:
    """By which a payment can come that no gateway of ours took: CASH, CHECK, CARE_CREDIT and the clinic's own."""
    return await reads.list_external(services, request.auth)


@routes.post(
    "/admin/payment-mediums/create",
    "Create a payment medium",
    errors=(RuleBrokenError, ConflictError),
    rules=broken_rules,
    repeatable=True,
)
async def create_payment_medium(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[MediumIn]
) -> MediumOut:
    """A name that is taken, or built in, is a 409; one that was deleted is there again. `Venmo` and `VENMO` are one name."""
    return await actions.create_medium(services, request.auth, data, await read_key(request))


@routes.put(
    "/admin/payment-mediums/update/{name:str}",
    "Update a payment medium",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError),
    rules=broken_rules,
)
async def update_payment_medium_name(
    request: ActorRequest,
    services: NamedDependency[Services],
    name: Name,
    data: JSONBody[MediumPatch],
    merge: Annotated[bool, QueryParameter(description="Whether the new name may be another's, who takes over")] = False,
) -> MediumOut:
    """The payments that came by it show its new name. The name of another is a 409, unless the two are to be one: then this one is
    deleted. Those that are built in cannot be changed."""
    return await actions.update_medium(services, request.auth, name, data, merges=merge)


@routes.delete(
    "/admin/payment-mediums/delete/{name:str}",
    "Delete a payment medium",
    errors=(RecordNotFoundError, ConflictError),
)
async def delete_payment_medium(request: ActorRequest, services: NamedDependency[Services], name: Name) -> bool:
    """No new payment comes by it; those that did show it still. Those that are built in stay."""
    await actions.delete_medium(services, request.auth, name)
    return True
