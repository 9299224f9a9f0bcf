"""A clinic of the test's own, a patient with two cases, and the clinic's people."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.cases.bodies import case_body, question, with_questions, with_user
from tests.own_clinic import make_clinic
from tests.patients.conftest import new_email, patient_of
from tests.review.people import employ

BASE = "/api/staff/patients"


@pytest.fixture
async def here(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def elsewhere(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def clinician(services, here):
    return await employ(services, here, "Ada")


@pytest.fixture
async def manager(services, here):
    return await employ(services, here, "Max", role="CASEMANAGER")


@pytest.fixture
def get(client, clinician):
    """The answer to a read of a patient that must succeed."""

    async def send(path: str, person: Any = None, **parameters: Any) -> Any:
        answer = await client.get(f"{BASE}/{path}", params=parameters, headers=(person or clinician).headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


@pytest.fixture
def case_of(client, here):
    """A case of a person: its id and the patient's."""

    async def send(email: str | None = None, **user: Any) -> tuple[UUID, str]:
        body = with_user(case_body(here.product_id, forceCreate=True), email=email or new_email(), **user)
        answer = await client.post("/api/v1/cases", json=with_questions(body, question()), headers=here.key)
        assert answer.status_code == 200, answer.text
        case_id = answer.json()["data"]["caseId"]
        return UUID(case_id), await patient_of(client, here, case_id)

    return send


@pytest.fixture
async def browser(server):
    """Keeps no cookies: each request brings its own."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        yield client
