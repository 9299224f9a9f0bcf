"""Creating a case and reading it back, as a storefront does."""

from typing import Any
from uuid import UUID

import httpx

from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.cases import case_body

PATH = "/api/v1/customer-case-detail"
NOT_FOUND = "No Case found for provided details!"


async def create_case(
    client: CheckedClient, clinic: Clinic, body: dict[str, Any] | None = None, **members: Any
) -> UUID:
    sent = body or case_body(clinic.product_id, **members)
    answer = await client.post("/api/v1/cases", json=sent, headers=clinic.key)
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["data"]["caseId"])


async def ask(client: CheckedClient, clinic: Clinic, **query: Any) -> httpx.Response:
    return await client.get(PATH, params=query, headers=clinic.key)


async def read_case(client: CheckedClient, clinic: Clinic, case_id: UUID, **query: Any) -> dict[str, Any]:
    """The `caseDetail` of a case that is there."""
    answer = await ask(client, clinic, caseId=str(case_id), **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["caseDetail"]
