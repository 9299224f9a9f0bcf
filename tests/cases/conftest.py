"""Creating and reading cases as a storefront does, and looking past the API at what was kept."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.cast import Clinic
from tests.contract import CheckedClient

DYNAMIC_CASE = "/api/v1/dynamic-case"
Create = Callable[..., Awaitable[httpx.Response]]
Rows = Callable[..., Awaitable[list[tuple[Any, ...]]]]


@pytest.fixture
def create(client: CheckedClient, clinic: Clinic) -> Create:
    """Sends a body to create case, with the clinic's key unless other headers are given."""

    async def send(body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        return await client.post("/api/v1/cases", json=body, headers=clinic.key if headers is None else headers)

    return send


@pytest.fixture
def send_raw(client: CheckedClient, clinic: Clinic) -> Create:
    """Sends bytes to create case as they are."""

    async def send(content: bytes, **headers: str) -> httpx.Response:
        sent = {"content-type": "application/json", **clinic.key, **headers}
        return await client.post("/api/v1/cases", content=content, headers=sent)

    return send


@pytest.fixture
def created(create: Create) -> Callable[..., Awaitable[str]]:
    """The id of a case that must be created."""

    async def send(body: Any, headers: dict[str, str] | None = None) -> str:
        response = await create(body, headers)
        assert response.status_code == 200, response.text
        return str(UUID(response.json()["data"]["caseId"]))

    return send


@pytest.fixture
def detail(client: CheckedClient, clinic: Clinic) -> Callable[..., Awaitable[dict[str, Any]]]:
    """The case as the API shows it."""

    async def read(case_id: str, key: dict[str, str] | None = None, **flags: str) -> dict[str, Any]:
        params = {"caseId": case_id, **flags}
        response = await client.get("/api/v1/customer-case-detail", params=params, headers=key or clinic.key)
        assert response.status_code == 200, response.text
        return dict(response.json()["caseDetail"])

    return read


@pytest.fixture
def rows(owner_url: str) -> Rows:
    """What a statement returns to the database's owner, whom row-level security does not bind."""

    async def fetch(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
            return await (await conn.execute(statement.encode(), values)).fetchall()

    return fetch


@pytest.fixture
def send(client, clinic):
    async def post(body, headers=None):
        return await client.post(DYNAMIC_CASE, json=body, headers=clinic.key if headers is None else headers)

    return post


@pytest.fixture
def made(send):
    async def post(body, headers=None):
        answer = await send(body, headers)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    return post


@pytest.fixture
def shown(made, detail):
    """The case that comes of a body."""

    async def show(body, **flags):
        created = await made(body)
        return await detail(created["caseId"], includeCaseProducts="true", **flags)

    return show
