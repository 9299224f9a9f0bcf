"""A clinic of the test's own, and its patients through the billing dialect."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.own_clinic import make_clinic

Ask = Callable[..., Awaitable[httpx.Response]]
Answered = Callable[..., Awaitable[Any]]


def new_email() -> str:
    return f"patient-{uuid4().hex}@example.com"


@pytest.fixture
async def here(services: Services, tmp_path: Any) -> Clinic:
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def elsewhere(services: Services, tmp_path: Any) -> Clinic:
    return await make_clinic(services, tmp_path)


@pytest.fixture
def ask(client: CheckedClient, here: Clinic) -> Ask:
    """One request of the clinic's."""

    async def send(method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = here.billing | options.pop("headers", {})
        return await client.request(method, f"/user/patient{path}", json=body, headers=headers, **options)

    return send


@pytest.fixture
def good(ask: Ask) -> Answered:
    """The answer to a request that must succeed."""

    async def send(method: str, path: str, body: Any = None, **options: Any) -> Any:
        answer = await ask(method, path, body, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


@pytest.fixture
def create(good: Answered) -> Answered:
    """A patient that must be made."""

    async def send(**body: Any) -> dict[str, Any]:
        return dict(await good("POST", "/create", body))

    return send


@pytest.fixture
async def rows(owner_url: str, here: Clinic) -> Answered:
    """Rows of the clinic's, past the API: `%s` in the statement is the organization."""

    async def read(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            return await (await conn.execute(statement, (here.organization_id, *values))).fetchall()

    return read


def problems(answer: httpx.Response) -> list[tuple[list[Any], str]]:
    assert answer.status_code == 422, answer.text
    return [(problem["loc"], problem["msg"]) for problem in answer.json()["detail"]]


def places(answer: httpx.Response) -> list[list[Any]]:
    return [place for place, _ in problems(answer)]
