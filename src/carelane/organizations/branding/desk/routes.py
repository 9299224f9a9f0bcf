"""/api/staff/catalog/branding."""

from typing import Annotated

from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from carelane.kit.errors import RecordNotFoundError, RuleBrokenError
from carelane.organizations.branding.desk import actions, reads
from carelane.organizations.branding.desk.schemas import BrandingIn, BrandingOut
from carelane.organizations.logos.actions import remove_logo, set_logo
from carelane.organizations.logos.schemas import LogoIn, LogosOut, broken_rules, read_use
from carelane.services import Services
from carelane.web.idempotency import read_key
from carelane.web.multipart import FormOrJsonBody, key_of_form
from carelane.web.routes import ActorRequest, Routes, base_url
from carelane.web.versions import ChangedMeanwhileError

routes = Routes(tag="Staff: catalog")

UsedOn = Annotated[str, PathParameter(description="`pages` (mail, too) or `receipts`")]


@routes.get("/catalog/branding", "Get the branding")
async def get_catalog_branding(request: ActorRequest, services: NamedDependency[Services]) -> BrandingOut:
    """The clinic's name, and how storefronts show it."""
    return await reads.get_branding(services, request.auth, base_url(request, services))


@routes.put("/catalog/branding", "Change the branding", errors=(RuleBrokenError, ChangedMeanwhileError))
async def change_catalog_branding(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[BrandingIn]
) -> BrandingOut:
    """As a whole. Pages and mails say the new name from now on."""
    request_key = await read_key(request)
    return await actions.change_branding(services, request.auth, data, request_key, base_url(request, services))


@routes.put(
    "/catalog/branding/logos/{used_on:str}",
    "Upload a logo",
    errors=(RuleBrokenError, RecordNotFoundError),
    rules=broken_rules,
    body=FormOrJsonBody,
    form=True,
    repeatable=True,
)
async def set_catalog_logo(
    request: ActorRequest, services: NamedDependency[Services], used_on: UsedOn, data: JSONBody[LogoIn]
) -> LogosOut:
    """In place of the one there was: PNG, JPEG or WebP, at most 200 kB and 2,000 x 2,000 pixels."""
    request_key = await key_of_form(request, data)
    return await set_logo(services, request.auth, read_use(used_on), data, request_key, base_url(request, services))


@routes.delete("/catalog/branding/logos/{used_on:str}", "Remove a logo", errors=(RecordNotFoundError,))
async def remove_catalog_logo(request: ActorRequest, services: NamedDependency[Services], used_on: UsedOn) -> LogosOut:
    """Pages say the clinic's name alone from now on, receipts show the pages' logo. There may be none."""
    request_key = await read_key(request)
    return await remove_logo(services, request.auth, read_use(used_on), request_key, base_url(request, services))
