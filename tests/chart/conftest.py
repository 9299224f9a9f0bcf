"""A clinic whose forms set red flags, and a person with two cases."""

from uuid import uuid4

import psycopg
import pytest
import pytest_asyncio

from tests.chart.people import FORM
from tests.own_clinic import make_clinic
from tests.review.people import employ

session = pytest_asyncio.fixture(scope="session", loop_scope="session")


@session
async def harbor(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("harbor"), parts={"forms": [FORM], "bundles": []})


@session
async def ada(services, harbor):
    return await employ(services, harbor, "Ada")


@session
async def support(services, harbor):
    return await employ(services, harbor, "Dan", role="SUPPORT", npi=None, licenses={})


@session
async def stranger(services, tmp_path_factory):
    return await employ(services, await make_clinic(services, tmp_path_factory.mktemp("inland")), "Stranger")


@pytest.fixture
def email():
    return f"{uuid4().hex}@patient.example"


@pytest.fixture
def look(owner_url):
    async def ask(query, *values):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            return await (await conn.execute(query, values)).fetchall()

    return ask
