"""The document tells of every route, with its real errors; and its page shows it without help from any other host."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from carelane.app import create_litestar
from carelane.settings import Settings
from tests.contract import Contract

# What documents itself: the document and its page. And the pages of patients, which no program reads.
NOT_DOCUMENTED = {
    ("GET", "/openapi.json"), ("GET", "/docs"),
    ("GET", "/q/page.css"), ("GET", "/q/{token}"), ("POST", "/q/{token}/verify"), ("POST", "/q/{token}/respond"),
}  # fmt: skip
_LOADED = re.compile(
    r"""<(?:script|img|iframe|object|embed|video|audio|source|base)\b|<link\b[^>]*\bhref|@import|url\(|srcset=""",
    re.IGNORECASE,
)
DOCUMENT = Contract().document
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for operations in DOCUMENT["paths"].values()
    for operation in operations.values()
]


def fits(schema: dict[str, Any], value: Any) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)


def contents(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every body of the operation: where it stands, and its schema with examples."""
    found = [
        (f"{status} {kind}", content)
        for status, answer in operation["responses"].items()
        for kind, content in answer.get("content", {}).items()
    ]
    sent = operation.get("requestBody", {}).get("content", {})
    return found + [(f"request {kind}", content) for kind, content in sent.items()]


def examples_of(content: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in content.get("examples", {}).values()]
    return named + content.get("schema", {}).get("examples", [])


def routes_of_the_application() -> set[tuple[str, str]]:
    app = create_litestar(Settings(), None)
    return {
        (method, re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path))
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS" and not route.path.startswith("/schema")
    }


def test_every_route_is_documented():
    documented = {(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations}
    assert documented | NOT_DOCUMENTED == routes_of_the_application()


def test_the_server_serves_this_very_document(demo, server):
    served = httpx.get(f"{server.url}/openapi.json").json()
    assert json.dumps(served, sort_keys=True) == json.dumps(DOCUMENT, sort_keys=True)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_described(operation):
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_error_has_an_example(operation):
    for status, answer in operation["responses"].items():
        if int(status) >= 400:
            (content,) = answer["content"].values()
            assert examples_of(content) or status in ("413", "503"), status


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_example_fits_its_schema(operation):
    for place, content in contents(operation):
        for example in examples_of(content):
            try:
                fits(content["schema"], example)
            except jsonschema_rs.ValidationError as error:
                pytest.fail(f"{place}: {error}")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_tells_who_may_ask(operation):
    known = DOCUMENT["components"]["securitySchemes"]
    assert all(name in known for option in operation.get("security", []) for name in option)


async def test_the_page_loads_nothing_from_anywhere(client):
    page = await client.get("/docs")
    assert page.status_code == 200
    assert not _LOADED.search(page.text)
    assert "<script" not in page.text


async def test_the_page_forbids_loading(client):
    headers = (await client.get("/docs")).headers
    assert headers["content-type"].startswith("text/html")
    assert headers["content-security-policy"].startswith("default-src 'none';")
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("end", ["", "/swagger", "/redoc", "/rapidoc", "/elements", "/openapi.json", "/x"])
async def test_the_frameworks_own_pages_are_not_served(client, end):
    """They would load their scripts from other hosts."""
    answer = await client.get(f"/schema{end}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


async def test_the_page_shows_every_operation(client):
    page = (await client.get("/docs")).text
    for path in DOCUMENT["paths"]:
        assert path in page


def test_the_template_names_no_host():
    folder = Path(create_litestar.__globals__["__file__"]).parent / "surfaces" / "docs" / "templates"
    for template in folder.iterdir():
        assert "//" not in re.sub(r"\{#.*?#\}", "", template.read_text(), flags=re.DOTALL), template.name
