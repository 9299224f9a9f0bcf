"""/admin/taxes."""

from typing import Annotated

from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.permissions import CATALOG_READ, CATALOG_WRITE
from carelane.services import Services
from carelane.taxes import actions, queries
from carelane.taxes.schemas import TaxIn, TaxOut, TaxPatch, broken_rules
from carelane.web.bodies import EitherCaseBody
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest

TaxId = Annotated[str, PathParameter(description="Id of the tax")]
_TAGS = ["Taxes"]


@get("/admin/taxes", operation_id="listTaxes", summary="List taxes", tags=_TAGS)
async def list_taxes(request: ActorRequest, services: NamedDependency[Services]) -> list[TaxOut]:
    """All taxes by name, without archived ones."""
    request.auth.require(CATALOG_READ)
    async with services.db.reading(request.auth.organization_id) as conn:
        return await queries.list_taxes(conn, request.auth.organization_id, actions.MAX_TAXES)


@post(
    "/admin/taxes",
    operation_id="createTax",
    summary="Create a tax",
    tags=_TAGS,
    status_code=200,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, RecordNotFoundError, ConflictError), "repeatable": True, "rules": broken_rules},
)
async def create_tax(request: ActorRequest, services: NamedDependency[Services], data: JSONBody[TaxIn]) -> TaxOut:
    """Raised from now on, at the locations named or everywhere, on what its scope says."""
    request.auth.require(CATALOG_WRITE)
    return await actions.create_tax(services, request.auth, await read_key(request), data)


@put(
    "/admin/taxes/{tax_id:str}",
    operation_id="updateTax",
    summary="Update a tax",
    tags=_TAGS,
    dto=EitherCaseBody,
    return_dto=None,
    opt={"errors": (RuleBrokenError, RecordNotFoundError), "rules": broken_rules},
)
async def update_tax(
    request: ActorRequest, services: NamedDependency[Services], tax_id: TaxId, data: JSONBody[TaxPatch]
) -> TaxOut:
    """Changes what the body names. A cart follows when it is changed next."""
    request.auth.require(CATALOG_WRITE)
    return await actions.change_tax(services, request.auth, tax_id, data)


@delete(
    "/admin/taxes/{tax_id:str}",
    operation_id="deleteTax",
    summary="Archive a tax",
    tags=_TAGS,
    status_code=200,
    opt={"errors": (RecordNotFoundError,)},
)
async def delete_tax(request: ActorRequest, services: NamedDependency[Services], tax_id: TaxId) -> bool:
    """The tax is raised no more. What was priced with it keeps its amounts."""
    request.auth.require(CATALOG_WRITE)
    return await actions.archive_tax(services, request.auth, tax_id)


TAXES = [list_taxes, create_tax, update_tax, delete_tax]
