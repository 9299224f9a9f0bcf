"""GET /tenant/public."""

from litestar.di import NamedDependency

from carelane.organizations.billing import reads
from carelane.organizations.billing.schemas import PublicTenantOut
from carelane.services import Services
from carelane.web.routes import ActorRequest, Routes

routes = Routes(tag="Tenant")


@routes.get("/tenant/public", "Get the clinic")
async def get_public_tenant(request: ActorRequest, services: NamedDependency[Services]) -> PublicTenantOut:
    """The clinic whose key was presented: its name and how it can be reached. Clients ask this first, to see that key and tenant
    are good."""
    return await reads.get_tenant(services, request.auth)
