"""A clinic that assigns nobody by itself, with two products, two clinicians, a case manager and a supporter."""

from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import pytest_asyncio

from carelane.kit.auth import system_actor
from carelane.sessions.access import COOKIE
from carelane.sessions.actions import open_session
from carelane.web.html.forms import form_token
from tests.cast import Clinic
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.review.people import Desk, Person, Reader, employ

session = pytest_asyncio.fixture(scope="session", loop_scope="session")


async def _clinic(services, folder) -> Clinic:
    product_id = str(uuid4())
    products = [
        {"id": product_id, "name": "Tablets", "price": "159.00"},
        {"id": str(uuid4()), "name": "Drops", "price": "10.00"},
    ]
    return await make_clinic(services, folder, product_id=product_id, parts={"products": products})


@session
async def pier(services, tmp_path_factory) -> Clinic:
    return await _clinic(services, tmp_path_factory.mktemp("pier"))


@session
async def inland(services, tmp_path_factory) -> Clinic:
    """The other clinic, whose people must see nothing of the first."""
    return await _clinic(services, tmp_path_factory.mktemp("inland"))


@session
async def ada(services, pier) -> Person:
    return await employ(services, pier, "Ada")


@session
async def ben(services, pier) -> Person:
    return await employ(services, pier, "Ben")


@session
async def cleo(services, pier) -> Person:
    return await employ(services, pier, "Cleo", role="CASEMANAGER", npi=None, licenses={})


@session
async def dan(services, pier) -> Person:
    return await employ(services, pier, "Dan", role="SUPPORT", npi=None, licenses={})


@session
async def stranger(services, inland) -> Person:
    return await employ(services, inland, "Stranger")


@pytest.fixture
async def desk(client, pier) -> Desk:
    """A case that nobody has, of a patient in New York."""
    return Desk(client, await create_case(client, pier))


@pytest.fixture
async def started(desk, ada) -> Desk:
    """A case in Ada's hands."""
    await desk.done(ada, "start")
    return desk


@pytest.fixture
async def drops(owner_url, pier) -> str:
    """The id of the clinic's second product."""
    query = "SELECT id FROM products WHERE organization_id = %s AND name = 'Drops'"
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        row = await (await conn.execute(query, (pier.organization_id,))).fetchone()
    return str(row[0])


@pytest.fixture
async def both(client, pier, drops, ada) -> Desk:
    """A case of two products in Ada's hands."""
    products = [{"id": pier.product_id}, {"id": drops}]
    desk = Desk(client, await create_case(client, pier, products=products))
    await desk.done(ada, "start")
    return desk


@pytest.fixture
def look(owner_url):
    """Rows as they lie in the tables."""

    async def ask(query, *values):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            return await (await conn.execute(query, values)).fetchall()

    return ask


@pytest.fixture
def owner_run(owner_url):
    """What no route does, or not at that moment."""

    async def run(statement, *values):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            assert (await conn.execute(statement, values)).rowcount

    return run


@pytest.fixture
async def reading(services, server, pier):
    """Opens the page of a case for a member."""
    opened = []

    async def sign_in(desk, person):
        organization_id = UUID(pier.organization_id)
        async with services.db.transaction(system_actor(organization_id)) as conn:
            session = await open_session(conn, organization_id, "staff", person.id)
        client = httpx.AsyncClient(
            base_url=server.url,
            cookies={COOKIE.name: session.token},
            headers={"Sec-Fetch-Site": "same-origin"},
            timeout=60,
        )
        opened.append(client)
        return Reader(client, f"/console/cases/{desk.case_id}", form_token(services.form_key, session.token))

    yield sign_in
    for client in opened:
        await client.aclose()
