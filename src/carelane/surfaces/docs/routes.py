"""GET /openapi.json and GET /docs."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, get
from markupsafe import Markup, escape

from carelane.surfaces.docs.examples import REQUEST_EXAMPLES
from carelane.web.html.pages import make_environment
from carelane.web.html.security import PUBLIC_HEADERS
from carelane.web.openapi import complete_document


@cache
def document_of(app: Litestar) -> dict[str, Any]:
    """The application's OpenAPI document, built once."""
    return complete_document(app, REQUEST_EXAMPLES)


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def get_openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    return Response(json.dumps(document_of(request.app)).encode(), media_type="application/json")


@get("/docs", include_in_schema=False, sync_to_thread=True)
def get_docs(request: Request[Any, Any, Any]) -> Response[str]:
    return Response(_page(request.app), media_type="text/html", headers=PUBLIC_HEADERS)


@cache
def _page(app: Litestar) -> str:
    templates = make_environment(Path(__file__).parent / "templates", pretty=_pretty, type_name=type_name)
    document = document_of(app)
    operations = [
        {"method": method.upper(), "path": path, **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    tags = list(dict.fromkeys(operation.get("tags", ["Other"])[0] for operation in operations))
    return templates.get_template("reference.html").render(
        info=document["info"], operations=operations, tags=tags, schemas=document["components"].get("schemas", {})
    )


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def type_name(schema: dict[str, Any]) -> Markup:
    """A schema in a few words, each named one a link: `string (uuid)`, `array of QuestionIn`, `string or null`."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    choices = schema.get("oneOf") or schema.get("anyOf")
    if choices:
        return Markup(" or ").join(dict.fromkeys(type_name(choice) for choice in choices))
    if "enum" in schema:
        return Markup(" | ").join(str(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    if kind == "array":
        return Markup("array of {}").format(type_name(schema.get("items", {})))
    name = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return Markup("{} ({})").format(name, schema["format"]) if "format" in schema else escape(name)
