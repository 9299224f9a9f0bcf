"""A clinic of the test's own with one case, its people, and the audit asked over HTTP."""

from typing import Any

import pytest

from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.review.people import employ

URL = "/api/staff/audit"


@pytest.fixture
async def here(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def elsewhere(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def admin(services, here):
    return await employ(services, here, "Ada", role="ADMIN")


@pytest.fixture
async def clinician(services, here):
    return await employ(services, here, "Cora")


@pytest.fixture
def open_case(client, here):
    """The id of a case that the storefront sent, and that of its patient."""

    async def send(**user: Any) -> tuple[str, str]:
        body = case_body(here.product_id)
        body["user"] |= user
        made = await client.post("/api/v1/cases", json=body, headers=here.key)
        assert made.status_code == 200, made.text
        case_id = made.json()["data"]["caseId"]
        detail = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=here.key)
        return case_id, str(detail.json()["caseDetail"]["submitter"]["id"])

    return send


@pytest.fixture
def ask(client, admin):
    """The answer to a question of the administrator's."""

    async def get(path: str = "", status: int = 200, person: Any = None, **query: Any) -> Any:
        sent = {name.rstrip("_"): value for name, value in query.items()}
        answer = await client.get(f"{URL}{path}", params=sent, headers=(person or admin).headers)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    return get
