"""GET /logos/{digest}."""

from typing import Annotated, Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.kit.errors import RecordNotFoundError
from carelane.organizations.logos import reads
from carelane.services import Services
from carelane.web.routes import Routes

routes = Routes(tag="Tenant")

# The address is another one for every other picture, so whoever has it keeps it. Mail programs load it from anywhere.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
}


@routes.get(
    "/logos/{digest:str}",
    "Open a clinic's logo",
    errors=(RecordNotFoundError,),
    media_type="application/octet-stream",
)
async def get_logo(
    request: Request[Any, Any, Any],  # noqa: ARG001 - what every handler takes
    services: NamedDependency[Services],
    digest: Annotated[str, PathParameter(description="Of the picture, from the `url` or `logoUrl` that leads to it")],
) -> Response[bytes]:
    """The picture by which a clinic shows itself. Needs no credentials."""
    logo = await reads.open_logo(services, digest)
    return Response(logo.content, media_type=logo.media_type, headers=_HEADERS)
