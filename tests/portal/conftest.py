"""Every test of the portal has a clinic of its own, and a patient of it."""

from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic
from tests.portal.cast import enroll, enter


@pytest_asyncio.fixture
async def own(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest_asyncio.fixture
async def person(services, own):
    return await enroll(services, own)


@pytest_asyncio.fixture
async def inside(client, services, own, person) -> dict[str, str]:
    """The headers of the patient, signed in."""
    return await enter(client, services, own, person)


@pytest.fixture
def add_case(services, own, person):
    """Makes a case of the patient, or of another one."""

    async def add(status="OPEN", patient_id=None, **values) -> UUID:
        known = {"patient_id": patient_id or person.id, "status": status, "title": "Plan", "type": "OWN"}
        named = {"short_id": f"OWN-{uuid4().hex[:10].upper()}"}
        return await insert_row(services, UUID(own.organization_id), "cases", **known | named | values)

    return add


@pytest.fixture
def look(owner_url):
    """Rows as they lie in the tables."""

    async def ask(query, *values):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            return await (await conn.execute(query, values)).fetchall()

    return ask
