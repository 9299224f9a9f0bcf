"""Every test of users has a clinic of its own."""

from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic


@pytest_asyncio.fixture
async def own(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
def email() -> str:
    return f"{uuid4().hex}@patient.example"


@pytest.fixture
def add_case(services, own):
    async def add(patient_id, status="OPEN", **values) -> UUID:
        known = {"patient_id": patient_id, "status": status, "title": "Plan", "type": "OWN"}
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
