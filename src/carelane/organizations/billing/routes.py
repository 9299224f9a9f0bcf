"""GET /tenant/public, and the clinic's logos."""

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import JSONBody

from carelane.kit.errors import RuleBrokenError
from carelane.organizations.billing import reads
from carelane.organizations.billing.schemas import PublicTenantOut
from carelane.organizations.logos.actions import upload_logo
from carelane.organizations.logos.reads import get_logos
from carelane.organizations.logos.schemas import LogoIn, broken_rules
from carelane.services import Services
from carelane.web.multipart import FormOrJsonBody, key_of_form
from carelane.web.routes import ActorRequest, Routes, base_url

routes = Routes(tag="Tenant", body=FormOrJsonBody)

_JSON = "application/json"


@routes.get("/tenant/public", "Get the clinic")
async def get_public_tenant(request: ActorRequest, services: NamedDependency[Services]) -> PublicTenantOut:
    """The clinic whose key was presented: its name and how it can be reached. Clients ask this first, to see that key and tenant
    are good."""
    return await reads.get_tenant(services, request.auth, base_url(request, services))


@routes.get("/tenant/logo", "Get the logo's address", media_type=_JSON)
async def get_tenant_logo(request: ActorRequest, services: NamedDependency[Services]) -> Response[str]:
    """Where the clinic's logo is, for anybody to load; empty where it has none."""
    logo = (await get_logos(services, request.auth, base_url(request, services))).logo
    return _as_json(logo.url if logo else "")


@routes.post(
    "/tenant/upload-logo",
    "Upload the logo",
    errors=(RuleBrokenError,),
    rules=broken_rules,
    repeatable=True,
    form=True,
    media_type=_JSON,
)
async def upload_tenant_logo(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[LogoIn]
) -> Response[str]:
    """PNG, JPEG or WebP, at most 200 kB and 2,000 x 2,000 pixels. The answer is its address."""
    key = await key_of_form(request, data)
    return _as_json(await upload_logo(services, request.auth, "pages", data, key, base_url(request, services)))


@routes.post(
    "/tenant/upload-receipt-logo",
    "Upload the logo of receipts",
    errors=(RuleBrokenError,),
    rules=broken_rules,
    repeatable=True,
    form=True,
    media_type=_JSON,
)
async def upload_tenant_receipt_logo(
    request: ActorRequest, services: NamedDependency[Services], data: JSONBody[LogoIn]
) -> Response[str]:
    """For receipts in place of the clinic's logo. The answer is its address."""
    key = await key_of_form(request, data)
    return _as_json(await upload_logo(services, request.auth, "receipts", data, key, base_url(request, services)))


def _as_json(text: str) -> Response[str]:
    """The framework sends a text as it is."""
    return Response(msgspec.json.encode(text).decode(), media_type=_JSON)
