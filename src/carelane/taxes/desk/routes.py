"""/api/staff/catalog/taxes."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import ConflictError, RecordNotFoundError, RuleBrokenError
from carelane.services import Services
from carelane.taxes.desk import actions, reads
from carelane.taxes.desk.schemas import RaisedTaxesOut, RaisedTaxIn, RaisedTaxOut
from carelane.web.idempotency import read_key
from carelane.web.paging import IS_ACTIVE, LIMIT, OFFSET, PART_OF_NAME, Wanted
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")

TaxId = Annotated[str, PathParameter(description="UUID of the tax")]


@routes.get("/catalog/taxes", "List taxes")
async def list_catalog_taxes(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[str | None, PART_OF_NAME] = None,
    is_active: Annotated[bool | None, IS_ACTIVE] = None,
    limit: Annotated[int, LIMIT] = 50,
    offset: Annotated[int, OFFSET] = 0,
) -> RaisedTaxesOut:
    """In the order of the alphabet, those that are not offered any more too."""
    refuse_unknown_filters(request, request.route_handler)
    wanted = Wanted(q=q, is_active=is_active, limit=limit, offset=offset)
    return await reads.list_taxes(services, request.auth, wanted)


@routes.post("/catalog/taxes", "Make a tax", errors=(RuleBrokenError, ConflictError), repeatable=True)
async def create_catalog_tax(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[RaisedTaxIn]
) -> RaisedTaxOut:
    """Raised from now on."""
    return await actions.create_tax(services, request.auth, data, await read_key(request))


@routes.get("/catalog/taxes/{tax_id:str}", "Get a tax", errors=(RecordNotFoundError,))
async def get_catalog_tax(request: ActorRequest, services: NamedDependency[Services], tax_id: TaxId) -> RaisedTaxOut:
    """With the version to send when it is changed."""
    return await reads.get_tax(services, request.auth, tax_id)


@routes.put(
    "/catalog/taxes/{tax_id:str}",
    "Change a tax",
    errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_catalog_tax(
    request: ActorRequest, services: NamedDependency[Services], tax_id: TaxId, data: JSONBody[RaisedTaxIn]
) -> RaisedTaxOut:
    """As a whole. `isActive` false archives it. What was priced stays as it is."""
    return await actions.change_tax(services, request.auth, tax_id, data, await read_key(request))
