"""A clinic of the test's own, with carts and quotes made through the billing dialect."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import psycopg
import pytest

from carelane.services import Services
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.own_clinic import make_clinic

Ask = Callable[..., Awaitable[httpx.Response]]
Answered = Callable[..., Awaitable[Any]]


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
        content = {} if body is None else {"json": body}
        return await client.request(method, f"/billing{path}", headers=headers, **content, **options)

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
def new_cart(good: Answered, here: Clinic) -> Answered:
    """A cart of two Tablets at 159.00 and a Plan at 99.99, or with the lines that are given."""

    async def send(**body: Any) -> dict[str, Any]:
        usual = {
            "patientId": here.patient_id,
            "items": [{"itemId": here.item_id, "quantity": 2}, {"packageId": here.package_id}],
        }
        return dict(await good("POST", "/cart", usual | body))

    return send


@pytest.fixture
def new_quote(good: Answered, new_cart: Answered, here: Clinic) -> Answered:
    """A draft of a cart of its own, or of the cart that is named."""

    async def send(**body: Any) -> dict[str, Any]:
        if "cartId" not in body:
            body["cartId"] = (await new_cart())["id"]
        usual = {"patientId": here.patient_id, "creatorId": here.creator_id}
        return dict(await good("POST", "/quote", usual | body))

    return send


@pytest.fixture
def sent_quote(good: Answered, new_quote: Answered) -> Answered:
    """One that was handed over."""

    async def send(**body: Any) -> dict[str, Any]:
        quote = await new_quote(**body)
        return dict(await good("PUT", f"/quote/{quote['id']}", {"status": "SENT"}))

    return send


@pytest.fixture
def respond(ask: Ask) -> Ask:
    async def send(quote: dict[str, Any], response: str, **body: Any) -> httpx.Response:
        return await ask("POST", "/quote/respond", {"quoteId": quote["id"], "response": response} | body)

    return send


@pytest.fixture
def convert(ask: Ask) -> Ask:
    async def send(quote: dict[str, Any], **body: Any) -> httpx.Response:
        return await ask("POST", "/quote/convert-to-charge", {"quoteId": quote["id"]} | body)

    return send


@pytest.fixture
async def rows(owner_url: str, here: Clinic) -> Answered:
    """Rows of the clinic's, past the API: the first `%s` in the statement is the organization."""

    async def read(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            return await (await conn.execute(statement, (here.organization_id, *values))).fetchall()

    return read


@pytest.fixture
async def let_pass(owner_url: str, here: Clinic) -> Callable[[dict[str, Any]], Awaitable[None]]:
    """Puts the date of a quote into the past."""

    async def change(quote: dict[str, Any]) -> None:
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            await conn.execute(
                "UPDATE quotes SET expires_at = now() - interval '1 minute' WHERE organization_id = %s AND id = %s",
                (here.organization_id, quote["id"]),
            )

    return change


@pytest.fixture
def states(good: Answered) -> Answered:
    """The status of a quote, and that of its cart."""

    async def read(quote: dict[str, Any]) -> tuple[str, str]:
        cart = await good("GET", f"/cart/{quote['cartId']}")
        return (await good("GET", f"/quote/{quote['id']}"))["status"], cart["status"]

    return read


def problems(answer: httpx.Response) -> list[list[Any]]:
    """Where the faults are."""
    assert answer.status_code == 422, answer.text
    return [problem["loc"] for problem in answer.json()["detail"]]


def conflict(answer: httpx.Response) -> str:
    """What the 409 says."""
    assert answer.status_code == 409, answer.text
    return str(answer.json()["detail"])
