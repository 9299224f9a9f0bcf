"""A clinic whose days are known to the minute."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from carelane.figures.jobs import make_figures_of
from tests.factories.cases import case_body, change_case
from tests.factories.rows import insert_link
from tests.own_clinic import make_clinic
from tests.review.people import employ

URL = "/api/staff/figures"


def at(text: str) -> datetime:
    """`11-02 09:30` of 2026, in UTC."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


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
def came(client, services, here):
    """A case that came at that time; its id."""

    async def send(when: str, clinic: Any = None, **values: Any) -> UUID:
        clinic = clinic or here
        body = case_body(clinic.product_id) | values.pop("body", {})
        answer = await client.post("/api/v1/cases", json=body, headers=clinic.key)
        assert answer.status_code == 200, answer.text
        case_id, organization_id = UUID(answer.json()["data"]["caseId"]), UUID(clinic.organization_id)
        await change_case(services, organization_id, case_id, created_at=at(when), **values)
        return case_id

    return send


@pytest.fixture
def waited(services, here):
    """The patient of the case was waited for from then until then."""

    async def send(case_id: UUID, since: str, until: str) -> None:
        pause = {"asked_at": at(since), "ended_at": at(until)}
        await insert_link(services, UUID(here.organization_id), "case_pauses", case_id=case_id, **pause)

    return send


@pytest.fixture
def count(services, here):
    async def run(clinic: Any = None) -> None:
        await make_figures_of(services, UUID((clinic or here).organization_id))

    return run


@pytest.fixture
def figures(client, admin):
    """The answer to a question that must succeed."""

    async def ask(first: str | None = None, last: str | None = None, person: Any = None) -> dict[str, Any]:
        query = {name: day for name, day in (("from", first), ("to", last)) if day}
        answer = await client.get(URL, params=query, headers=(person or admin).headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return ask
