"""The document tells of every route, with its real errors; and its page shows it without help from any other host."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from carelane.app import create_litestar
from carelane.settings import Settings
from tests.contract import the_contract
from tests.style.source import none_of

# What documents itself: the document and its page. And pages, which no program reads; tests/console lists those of the console.
NOT_DOCUMENTED = {
    ("GET", "/"),
    ("GET", "/openapi.json"), ("GET", "/docs"),
    ("GET", "/a/page.css"), ("GET", "/a/{token}"), ("GET", "/a/{token}/reschedule"), ("POST", "/a/{token}/reschedule"),
    ("GET", "/a/{token}/cancel"), ("POST", "/a/{token}/cancel"), ("GET", "/a/{token}/book"), ("POST", "/a/{token}/book"),
    ("GET", "/q/page.css"), ("GET", "/q/{token}"), ("POST", "/q/{token}/verify"), ("POST", "/q/{token}/respond"),
    ("POST", "/q/{token}/pay"), ("GET", "/q/{token}/back"),
    ("GET", "/pay/page.css"), ("GET", "/pay/{token}"), ("GET", "/pay/{token}/back"), ("POST", "/pay/{token}/card"),
    ("POST", "/pay/{token}/confirm"),
    ("GET", "/bill/page.css"), ("GET", "/bill/{token}"), ("POST", "/bill/{token}/verify"), ("POST", "/bill/{token}/pay"),
    ("GET", "/bill/{token}/back"), ("GET", "/bill/receipts/{token}"), ("POST", "/bill/receipts/{token}/verify"),
    ("GET", "/bill/receipts/{token}/receipt.pdf"), ("GET", "/bill/receipts/{token}/items"),
    ("POST", "/q/language"), ("POST", "/a/language"), ("POST", "/pay/language"), ("POST", "/bill/language"),
}  # fmt: skip
_LOADED = re.compile(
    r"""<(?:script|img|iframe|object|embed|video|audio|source|base)\b|<link\b[^>]*\bhref|@import|url\(|srcset=""",
    re.IGNORECASE,
)
DOCUMENT = the_contract().document
OPERATIONS = {
    operation["operationId"]: operation
    for operations in DOCUMENT["paths"].values()
    for operation in operations.values()
}


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
    pages = {(method, path) for method, path in routes_of_the_application() if path.startswith("/console")}
    assert documented | NOT_DOCUMENTED | pages == routes_of_the_application()
    assert not documented & pages


def test_the_server_serves_this_very_document(demo, server):
    served = httpx.get(f"{server.url}/openapi.json").json()
    assert json.dumps(served, sort_keys=True) == json.dumps(DOCUMENT, sort_keys=True)


def test_every_operation_is_described():
    words = ("summary", "description", "tags")
    none_of(f"{name}: {word}" for name, operation in OPERATIONS.items() for word in words if not operation.get(word))


def test_every_error_has_an_example():
    none_of(
        f"{name}: {status} {kind}"
        for name, operation in OPERATIONS.items()
        for status, answer in operation["responses"].items()
        if int(status) >= 400 and status not in ("413", "503")
        for kind, content in answer["content"].items()
        if not examples_of(content)
    )
    kinds = {
        f"{name}: {status}": len(answer.get("content", {}))
        for name, operation in OPERATIONS.items()
        for status, answer in operation["responses"].items()
        if int(status) >= 400
    }
    none_of(place for place, count in kinds.items() if count != 1)


def test_every_example_fits_its_schema():
    none_of(
        f"{name}: {place}: {fault}"
        for name, operation in OPERATIONS.items()
        for place, content in contents(operation)
        for fault in faults_of_examples(content)
    )


def faults_of_examples(content: dict[str, Any]) -> Iterator[str]:
    if examples := examples_of(content):
        schema = the_contract().whole(content["schema"])
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for example in examples:
            yield from (str(error) for error in validator.iter_errors(example))


def test_every_operation_tells_who_may_ask():
    known = DOCUMENT["components"]["securitySchemes"]
    none_of(
        f"{operation_id}: {name}"
        for operation_id, operation in OPERATIONS.items()
        for option in operation.get("security", [])
        for name in option
        if name not in known
    )


def test_every_post_of_the_dialects_can_be_sent_again():
    """By programs, which have keys and tokens. A person at staff's API sees what was done."""
    of_dialects = {"organizationKey", "apiKey", "bearerToken"}
    none_of(
        operation["operationId"]
        for operations in DOCUMENT["paths"].values()
        for method, operation in operations.items()
        if method == "post" and of_dialects & {name for option in operation.get("security") or () for name in option}
        if "Idempotency-Key" not in {parameter["name"] for parameter in operation.get("parameters", ())}
    )


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
