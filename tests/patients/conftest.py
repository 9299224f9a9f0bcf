"""A clinic of the test's own, and its patients through the billing dialect."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import psycopg
import pytest
from msgspec import structs

from carelane.services import Services
from tests.cases.bodies import case_body, question, with_questions, with_user
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.quotes import make_quote
from tests.own_clinic import make_clinic
from tests.review.people import employ

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


# ---- two records of one person, and what is theirs

OWNED = ["cases", "carts", "quotes", "charges", "form_responses"]


class Pair(NamedTuple):
    kept: str
    other: str
    email: str


@pytest.fixture
async def manager(services, here):
    return await employ(services, here, "Ada", role="CASEMANAGER")


@pytest.fixture
def merge(client, manager):
    async def send(kept, other, status=200):
        url = f"/api/staff/patients/{kept}/merge"
        answer = await client.post(url, json={"otherId": str(other)}, headers=manager.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


@pytest.fixture
def undo(client, manager):
    async def send(merge_id, status=200):
        answer = await client.post(f"/api/staff/patient-merges/{merge_id}/undo", headers=manager.headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


@pytest.fixture
def case_of(client, here):
    """A case of a person; its id and the patient's."""

    async def send(email, **user):
        body = with_questions(with_user(case_body(here.product_id, forceCreate=True), email=email, **user), question())
        answer = await client.post("/api/v1/cases", json=body, headers=here.key)
        assert answer.status_code == 200, answer.text
        case_id = answer.json()["data"]["caseId"]
        return case_id, await patient_of(client, here, case_id)

    return send


async def patient_of(client, here, case_id):
    detail = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=here.key)
    return detail.json()["caseDetail"]["submitter"]["id"]


@pytest.fixture
def sell(client, here, services):
    """A cart that became a charge, and a quote that was accepted and has a cart of its own."""

    async def send(patient_id):
        body = {"patientId": patient_id, "items": [{"itemId": here.item_id}]}
        cart = (await client.post("/billing/cart", json=body, headers=here.billing)).json()
        url = f"/billing/cart/{cart['id']}/convert-to-charge"
        charged = await client.post(url, json={"cartId": cart["id"]}, headers=here.billing)
        assert charged.status_code == 200, charged.text
        await make_quote(services, structs.replace(here, patient_id=patient_id), status="ACCEPTED")

    return send


@pytest.fixture
def owned(rows):
    """How many records of each kind are a patient's."""

    async def count(patient_id):
        counts = {}
        for table in OWNED:
            statement = f"SELECT count(*) FROM {table} WHERE organization_id = %s AND patient_id = %s"
            ((counts[table],),) = await rows(statement, patient_id)
        return counts

    return count


@pytest.fixture
async def pair(case_of, sell):
    """Two records of one person, who had mistyped the birth date; each with a case and what was sold."""
    email = new_email()
    _, kept = await case_of(email, dob="1990-05-15")
    _, other = await case_of(email, dob="1990-05-16")
    for patient_id in (kept, other):
        await sell(patient_id)
    return Pair(kept, other, email)
