"""/api/staff/catalog/branding."""

from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import RuleBrokenError
from carelane.organizations.branding.desk import actions, reads
from carelane.organizations.branding.desk.schemas import BrandingIn, BrandingOut
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.routes import ActorRequest, Routes
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")


@routes.get("/catalog/branding", "Get the branding")
async def get_catalog_branding(request: ActorRequest, services: NamedDependency[Services]) -> BrandingOut:
    """The clinic's name, and how storefronts show it."""
    return await reads.get_branding(services, request.auth)


@routes.put("/catalog/branding", "Change the branding", errors=(RuleBrokenError, ChangedMeanwhileError))
async def change_catalog_branding(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[BrandingIn]
) -> BrandingOut:
    """As a whole. Pages and mails say the new name from now on."""
    return await actions.change_branding(services, request.auth, data, await read_key(request))
