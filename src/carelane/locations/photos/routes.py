"""GET /location-photos/{token}."""

from typing import Annotated, Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.kit.errors import RecordNotFoundError
from carelane.locations.photos import reads
from carelane.services import Services
from carelane.web.routes import Routes

routes = Routes(tag="Locations")

_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
}


@routes.get(
    "/location-photos/{token:str}",
    "Open the photo of a location",
    errors=(RecordNotFoundError,),
    media_type="application/octet-stream",
)
async def get_location_photo(
    request: Request[Any, Any, Any],  # noqa: ARG001 - what every handler takes
    services: NamedDependency[Services],
    token: Annotated[str, PathParameter(description="From the `photoUrl` of a location")],
) -> Response[bytes]:
    """The photo that a location was given. Needs no credentials."""
    photo = await reads.open_link(services, token)
    return Response(photo.content, media_type=photo.media_type, headers=_HEADERS)
