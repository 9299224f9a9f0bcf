"""/admin/providers: who may stand as the creator of carts and quotes, read only."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.permissions import CATALOG_READ
from carelane.services import Services
from carelane.staff.billing import queries
from carelane.staff.billing.schemas import ProviderOut
from carelane.web.routes import ActorRequest


@get("/admin/providers/list", operation_id="listProviders", summary="List providers", tags=["Providers"])
async def list_providers(
    request: ActorRequest,
    services: NamedDependency[Services],
    include_decoda: Annotated[bool, QueryParameter(description="Changes nothing: all providers are yours")] = True,  # noqa: ARG001
    location_id: Annotated[  # noqa: ARG001
        str | None, QueryParameter(description="Changes nothing: providers work at every location")
    ] = None,
) -> list[ProviderOut]:
    """The members of staff who work here now, by last name."""
    request.auth.require(CATALOG_READ)
    async with services.db.reading(request.auth.organization_id) as conn:
        return await queries.list_providers(conn, request.auth.organization_id)


@get(
    "/admin/providers/{provider_id:str}",
    operation_id="getProvider",
    summary="Get a provider",
    tags=["Providers"],
    opt={"errors": (RecordNotFoundError,)},
)
async def get_provider(
    request: ActorRequest,
    services: NamedDependency[Services],
    provider_id: Annotated[str, PathParameter(description="Id of the member of staff")],
) -> ProviderOut:
    """One member of staff, also one who works here no more: carts and charges still name them."""
    request.auth.require(CATALOG_READ)
    organization_id = request.auth.organization_id
    async with services.db.reading(organization_id) as conn:
        found = await queries.find_provider(conn, organization_id, record_id(organization_id, provider_id))
    if found is None:
        raise RecordNotFoundError(f"no provider {provider_id} here")
    return found


PROVIDERS = [list_providers, get_provider]
