"""GET /documents/{token}: what a signed link leads to."""

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane.documents import reads
from carelane.documents.errors import DocumentNotFoundError, LinkExpiredError
from carelane.services import Services
from carelane.web.routes import Routes

routes = Routes(tag="Documents")


@routes.get(
    "/documents/{token:str}",
    "Open a document link",
    errors=(DocumentNotFoundError, LinkExpiredError),
    media_type="application/octet-stream",
)
async def get_document(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    token: Annotated[str, PathParameter(description="From a link in an answer")],
) -> Response[bytes]:
    """The file a signed link leads to. Needs no credentials; good for 15 minutes."""
    document = await reads.open_link(services, token, request.scope["state"].get("request_id"))
    return Response(document.content, media_type=document.content_type, headers=_headers(document.name))


def _headers(file_name: str) -> dict[str, str]:
    """Never rendered inside a page of ours, never cached between us and the caller."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
