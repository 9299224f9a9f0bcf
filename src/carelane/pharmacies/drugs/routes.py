"""/api/staff/catalog/drugs."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.pharmacies.drugs import actions, reads
from carelane.pharmacies.drugs.schemas import DrugIn, DrugOut, DrugsOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.paging import IS_ACTIVE, LIMIT, OFFSET, PART_OF_NAME, Wanted
from carelane.web.parameters import refuse_unknown_filters
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")

DrugId = Annotated[str, PathParameter(description="UUID of the drug")]


@routes.get("/catalog/drugs", "List drugs")
async def list_catalog_drugs(
    request: ActorRequest,
    services: NamedDependency[Services],
    q: Annotated[str | None, PART_OF_NAME] = None,
    is_active: Annotated[bool | None, IS_ACTIVE] = None,
    limit: Annotated[int, LIMIT] = 50,
    offset: Annotated[int, OFFSET] = 0,
) -> DrugsOut:
    """In the order of the alphabet, those that are not offered any more too."""
    refuse_unknown_filters(request, request.route_handler)
    wanted = Wanted(q=q, is_active=is_active, limit=limit, offset=offset)
    return await reads.list_drugs(services, request.auth, wanted)


@routes.post("/catalog/drugs", "Make a drug", errors=(RuleBrokenError,), repeatable=True)
async def create_catalog_drug(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[DrugIn]
) -> DrugOut:
    """It can be ordered from now on."""
    return await actions.create_drug(services, request.auth, data, await read_key(request))


@routes.get("/catalog/drugs/{drug_id:str}", "Get a drug", errors=(RecordNotFoundError,))
async def get_catalog_drug(request: ActorRequest, services: NamedDependency[Services], drug_id: DrugId) -> DrugOut:
    """With the version to send when it is changed."""
    return await reads.get_drug(services, request.auth, drug_id)


@routes.put(
    "/catalog/drugs/{drug_id:str}",
    "Change a drug",
    errors=(RecordNotFoundError, RuleBrokenError, ChangedMeanwhileError),
)
async def change_catalog_drug(
    request: ActorRequest, services: NamedDependency[Services], drug_id: DrugId, data: JSONBody[DrugIn]
) -> DrugOut:
    """As a whole. `isActive` false: it can be ordered no more; orders under way go on."""
    return await actions.change_drug(services, request.auth, drug_id, data, await read_key(request))
