"""/admin/taxes."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.taxes import actions, reads
from carelane.taxes.schemas import TaxIn, TaxOut, TaxPatch, broken_rules
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Taxes", body=EitherCaseBody)

TaxId = Annotated[str, PathParameter(description="Id of the tax")]


@routes.get("/admin/taxes", "List taxes")
async def list_taxes(request: ActorRequest, services: NamedDependency[Services]) -> list[TaxOut]:
    """All taxes by name, without archived ones."""
    return await reads.list_taxes(services, request.auth)


@routes.post(
    "/admin/taxes",
    "Create a tax",
    errors=(RuleBrokenError, RecordNotFoundError, ConflictError),
    rules=broken_rules,
    repeatable=True,
)
async def create_tax(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[TaxIn]) -> TaxOut:
    """Raised from now on, at the locations named or everywhere, on what its scope says."""
    return await actions.create_tax(services, request.auth, data, await read_key(request))


@routes.put(
    "/admin/taxes/{tax_id:str}", "Update a tax", errors=(RuleBrokenError, RecordNotFoundError), rules=broken_rules
)
async def update_tax(
    request: ActorRequest, services: NamedDependency[Services], tax_id: TaxId, data: JSONBody[TaxPatch]
) -> TaxOut:
    """Changes what the body names. A cart follows when it is changed next."""
    return await actions.update_tax(services, request.auth, tax_id, data)


@routes.delete("/admin/taxes/{tax_id:str}", "Archive a tax", errors=(RecordNotFoundError,))
async def delete_tax(request: ActorRequest, services: NamedDependency[Services], tax_id: TaxId) -> bool:
    """The tax is raised no more. What was priced with it keeps its amounts."""
    return await actions.archive_tax(services, request.auth, tax_id)
