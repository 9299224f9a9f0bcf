"""/admin/providers: who may stand as the creator of carts and quotes, read only."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from carelane.kit.errors import RecordNotFoundError
from carelane.services import Services
from carelane.staff.billing import reads
from carelane.staff.billing.schemas import ProviderOut
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Providers")


@routes.get("/admin/providers/list", "List providers")
async def list_providers(
    request: ActorRequest,
    services: NamedDependency[Services],
    include_decoda: Annotated[bool, QueryParameter(description="Changes nothing: all providers are yours")] = True,  # noqa: ARG001
    location_id: Annotated[  # noqa: ARG001
        str | None, QueryParameter(description="Changes nothing: providers work at every location")
    ] = None,
) -> list[ProviderOut]:
    """The members of staff who work here now, by last name."""
    return await reads.list_providers(services, request.auth)


@routes.get("/admin/providers/{provider_id:str}", "Get a provider", errors=(RecordNotFoundError,))
async def get_provider(
    request: ActorRequest,
    services: NamedDependency[Services],
    provider_id: Annotated[str, PathParameter(description="Id of the member of staff")],
) -> ProviderOut:
    """One member of staff, also one who works here no more: carts and charges still name them."""
    return await reads.get_provider(services, request.auth, provider_id)
