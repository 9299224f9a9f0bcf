"""GET /openapi.json and GET /docs."""

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get
from litestar.params import QueryParameter

from carelane.surfaces.docs.examples import REQUEST_EXAMPLES
from carelane.surfaces.docs.views import calls_of, credentials_of, matching, operations_of, pretty, type_name
from carelane.web.html.pages import make_environment
from carelane.web.html.security import PUBLIC_HEADERS
from carelane.web.openapi import complete_document

MAX_SEARCH_CHARACTERS = 100
_TEMPLATES = make_environment(
    Path(__file__).parent / "templates",
    pretty=pretty,
    type_name=type_name,
    calls_of=calls_of,
    credentials_of=credentials_of,
)


@cache
def document_of(app: Litestar) -> dict[str, Any]:
    """The application's OpenAPI document, built once."""
    return complete_document(app, REQUEST_EXAMPLES)


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def get_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(json.dumps(document_of(request.app)).encode(), media_type="application/json")


@get("/docs", include_in_schema=False, sync_to_thread=True)
def get_docs(request: Request[Any, Any, Any], search: Annotated[str, QueryParameter(name="q")] = "") -> Response[str]:
    searched = search.strip()[:MAX_SEARCH_CHARACTERS]
    page = _results(request.app, searched) if searched else _reference(request.app)
    return Response(page, media_type="text/html", headers=PUBLIC_HEADERS)


@cache
def _reference(app: Litestar) -> str:
    """The whole reference, rendered once."""
    document = document_of(app)
    operations = operations_of(document)
    return _TEMPLATES.get_template("reference.html").render(
        info=document["info"],
        operations=operations,
        tags=list(dict.fromkeys(operation["tag"] for operation in operations)),
        schemas=document["components"].get("schemas", {}),
        searched="",
    )


def _results(app: Litestar, searched: str) -> str:
    document = document_of(app)
    found = matching(operations_of(document), searched)
    return _TEMPLATES.get_template("results.html").render(info=document["info"], operations=found, searched=searched)
