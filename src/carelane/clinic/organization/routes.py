"""/api/staff/settings/organization"""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.clinic.organization import actions, reads
from carelane.clinic.organization.schemas import OrganizationSettingsIn, OrganizationSettingsOut
from carelane.kit.errors import RuleBrokenError
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: settings")


@routes.get("/settings/organization", "Get the organization's settings")
async def get_organization_settings(
    request: ActorRequest, services: NamedDependency[Services]
) -> OrganizationSettingsOut:
    """Names, policies, limits, allowed origins; and what is kept how long."""
    return await reads.get_settings(services, request.auth)


@routes.put(
    "/settings/organization", "Change the organization's settings", errors=(RuleBrokenError, ChangedMeanwhileError)
)
async def change_organization_settings(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[OrganizationSettingsIn]
) -> OrganizationSettingsOut:
    """As a whole. The next `carelane apply` keeps what was changed here, or says that the file contradicts it."""
    return await actions.change_settings(services, request.auth, data, await read_key(request))
