"""A clinic of the test's own, its people, and what they find."""

from typing import Any
from uuid import UUID

import pytest

from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.review.people import employ


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
async def support(services, here):
    return await employ(services, here, "Sam", role="SUPPORT")


@pytest.fixture
def find(client, clinician):
    """The answer to a search that must succeed."""

    async def send(text: str | None, person: Any = None, **parameters: Any) -> dict[str, Any]:
        query = parameters if text is None else {"q": text} | parameters
        answer = await client.get("/api/staff/search", params=query, headers=(person or clinician).headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return send


@pytest.fixture
def names(find):
    """Whom a search finds, by last names, in its order."""

    async def send(text: str, **parameters: Any) -> list[str]:
        return [patient["lastName"] for patient in (await find(text, **parameters))["patients"]]

    return send


@pytest.fixture
def case_of(client, here):
    """A case of somebody; its id."""

    async def send(clinic: Any = None, **user: Any) -> UUID:
        body = case_body((clinic or here).product_id, forceCreate=True)
        body["user"] |= user
        answer = await client.post("/api/v1/cases", json=body, headers=(clinic or here).key)
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["data"]["caseId"])

    return send
