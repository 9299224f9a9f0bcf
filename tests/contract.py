"""An HTTP client that holds every answer against the OpenAPI document: status listed, body of the schema's shape."""

import fcntl
import re
from functools import cache
from typing import Any

import httpx
import jsonschema_rs
import msgspec

from carelane.app import openapi_document
from tests.billing import tables
from tests.server import shared_folder


class Contract:
    """The document, with a validator for each answer."""

    def __init__(self) -> None:
        self.document = the_document()
        self._routes = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), operations)
            # Where a name and a parameter stand in the same place, the name is meant.
            for path, operations in sorted(self.document["paths"].items(), key=lambda item: item[0].count("{"))
        ]
        self._components: dict[str, Any] = self.document["components"]["schemas"]
        self._refers = {name: _components_in(schema) for name, schema in self._components.items()}
        self._validators: dict[tuple[str, str], jsonschema_rs.Draft202012Validator] = {}

    def check(self, response: httpx.Response) -> None:
        """Raises AssertionError when the answer is not one the document, or the billing dialect's tables, promise."""
        tables.check(response)
        operation = self.operation(response.request)
        if operation is None:
            return
        listed = operation["responses"].get(str(response.status_code))
        assert listed, f"{response.request.method} {response.request.url.path}: {response.status_code} is not listed"
        assert response.headers["x-request-id"]
        media_type = response.headers.get("content-type", "").partition(";")[0]
        if media_type.endswith("json"):
            content = listed.get("content", {}).get(media_type)
            assert content, f"{response.request.url.path}: {response.status_code} as {media_type} is not listed"
            key = (operation["operationId"], str(response.status_code))
            self._validator(key, content["schema"]).validate(msgspec.json.decode(response.content))

    def operation(self, request: httpx.Request) -> dict[str, Any] | None:
        for pattern, operations in self._routes:
            if pattern.fullmatch(request.url.path):
                return operations.get(request.method.lower())
        return None

    def _validator(self, key: tuple[str, str], schema: dict[str, Any]) -> Any:
        if key not in self._validators:
            self._validators[key] = jsonschema_rs.Draft202012Validator(self.whole(schema))
        return self._validators[key]

    def whole(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema with the components it refers to, at any distance. All of them would take a validator 3 ms to read."""
        needed, ahead = set[str](), _components_in(schema)
        while ahead:
            name = ahead.pop()
            needed.add(name)
            ahead |= self._refers[name] - needed
        return {**schema, "components": {"schemas": {name: self._components[name] for name in needed}}}


def _components_in(schema: dict[str, Any]) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", msgspec.json.encode(schema).decode()))


@cache
def the_document() -> dict[str, Any]:
    """The OpenAPI document, which takes more than a second to build: the first that asks makes it for all thirds of a run. Nobody
    changes it."""
    kept = shared_folder() / "openapi.json"
    with kept.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(msgspec.json.encode(openapi_document()))
    return msgspec.json.decode(kept.read_bytes(), type=dict[str, Any])


@cache
def the_contract() -> Contract:
    """The one of this process."""
    return Contract()


class CheckedClient(httpx.AsyncClient):
    """httpx's client; every answer is checked against the contract before the test sees it."""

    def __init__(self, contract: Contract, **options: Any) -> None:
        super().__init__(**options)
        self.contract = contract

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        response = await super().send(request, **options)
        await response.aread()
        self.contract.check(response)
        return response
