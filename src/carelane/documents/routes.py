"""GET /documents/{token}: what a signed link leads to."""

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from carelane import events
from carelane.documents import links, queries
from carelane.documents.errors import DocumentNotFoundError, LinkExpiredError
from carelane.kit.auth import system_actor
from carelane.services import Services


@get(
    "/documents/{token:str}",
    operation_id="getDocument",
    summary="Open a document link",
    tags=["Documents"],
    media_type="application/octet-stream",
    opt={"errors": (DocumentNotFoundError, LinkExpiredError), "public": True},
)
async def get_document(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    token: Annotated[str, PathParameter(description="From a link in an answer")],
) -> Response[bytes]:
    """The file a signed link leads to. Needs no credentials; good for 15 minutes."""
    link = links.read(services.link_key, token)
    actor = system_actor(link.organization_id, request.scope["state"].get("request_id"))
    async with services.db.transaction(actor) as conn:
        file = await queries.find_file(conn, link.organization_id, link.document_id)
        if file is None:
            raise DocumentNotFoundError
        await events.record_read(conn, actor, "attachment", link.document_id, "signed link")
    data_key = await services.keyring.data_key(link.organization_id)
    try:
        content = await services.storage.get(data_key, file.storage_key, link.document_id)
    except FileNotFoundError:
        raise DocumentNotFoundError from None
    name = data_key.open(file.file_name_sealed, queries.FILE_NAME, link.document_id).decode()
    return Response(content, media_type=file.content_type, headers=_headers(name))


def _headers(file_name: str) -> dict[str, str]:
    """Never shown inside a page of ours, never kept by anything between us and the caller."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file_name, safe='')}",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
