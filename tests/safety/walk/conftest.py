"""The tenant walk's own servers: one as it is, and one whose database lets everybody see everything.

On the second the explicit filter of each statement is the only lock there is; on the first nobody could tell which of the
two held.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import psycopg
import pytest
import pytest_asyncio
from psycopg import sql

from carelane.apply.actions import apply_file
from carelane.kit.auth import new_secret
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.processes.dispatcher import dispatch
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract
from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.factories.documents import attach
from tests.factories.staff import hire
from tests.portal.cast import enroll, enter
from tests.review.people import employ, sign_in
from tests.safety.walk.victim import MARK, MARKED_FILE, PRICE, Victim
from tests.safety.walk_billing import Billed, bill_marked
from tests.safety.walk_calendar import Appointed, appoint_marked
from tests.safety.walk_catalog import KeptCatalog, keep_marked_catalog
from tests.safety.walk_desk import Kept, keep_marked_desk
from tests.safety.walk_gateways import keep_marked
from tests.safety.walk_messages import write_marked
from tests.safety.walk_orders import Ordered, place_marked
from tests.safety.walk_payments import Paid, pay_marked
from tests.safety.walk_people import Merged, merge_two, walk_people
from tests.safety.walk_webhooks import Told, tell_marked
from tests.server import RunningServer, demo_data, prepared, running_server

_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND relrowsecurity
"""


@pytest.fixture(scope="package", params=["both locks", "statements alone"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Without a worker, so that nothing changes but by what is asked."""
    folder = prepared(tmp_path_factory.mktemp("walk") / "data")
    with running_server(folder, "--workers", "1", "--no-worker") as running:
        if request.param == "statements alone":
            _switch_policies_off(EmbeddedPostgres(folder).owner_url)
        yield running


def _switch_policies_off(owner_url: str) -> None:
    with psycopg.connect(owner_url) as conn:
        tables = [name for (name,) in conn.execute(_TABLES)]
        assert "cases" in tables
        for name in tables:
            conn.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.Identifier(name)))


@pytest.fixture(scope="package")
def owner_url(server: RunningServer) -> str:
    return EmbeddedPostgres(server.data_dir).owner_url


@pytest.fixture(scope="package")
def demo(server: RunningServer) -> dict[str, object]:
    return demo_data(server.data_dir)


@pytest.fixture(scope="package")
def clinic(demo: dict[str, object]) -> Clinic:
    return msgspec.convert(demo, Clinic)


@pytest.fixture(scope="package")
def other_clinic(demo: dict[str, object]) -> Clinic:
    return msgspec.convert(demo["other"], Clinic)


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def client(server: RunningServer, contract: Contract) -> AsyncIterator[CheckedClient]:
    async with CheckedClient(contract, base_url=server.url, timeout=30) as checked:
        yield checked


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def services(server: RunningServer) -> AsyncIterator[Services]:
    embedded = {"database_url": EmbeddedPostgres(server.data_dir).application_url}
    given = {name: value for name, value in server.settings.items() if name.startswith("database_")}
    async with open_services(read_settings({}, data_dir=server.data_dir, **(embedded | given))) as opened:
        yield opened


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def patient(client: CheckedClient, services: Services, other_clinic: Clinic) -> dict[str, str]:
    """The headers of a patient of the other organization, signed in."""
    return await enter(client, services, other_clinic, await enroll(services, other_clinic))


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def older(client: CheckedClient, services: Services, other_clinic: Clinic) -> Told:
    """Of the other organization, from before the victim's: whoever could go on from the victim's in a list would see it."""
    case_id = await create_case(client, other_clinic)
    return await tell_marked(services, UUID(other_clinic.organization_id), case_id, "walker")


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def newer(client: CheckedClient, victim: Victim, other_clinic: Clinic) -> UUID:
    """A case of the other organization from after the victim's."""
    assert victim.case_id
    return await create_case(client, other_clinic)


# ---- what the victim has, each of its texts with the mark


async def found(services: Services) -> Victim:
    async with services.db.across() as conn:
        cursor = await conn.execute("SELECT find_organization(%s)", (MARK,))
        (organization_id,) = await cursor.fetchone()
    return organization_id


@pytest.fixture(scope="package")
async def victim(client, services, tmp_path_factory) -> Victim:
    ids = {name: str(uuid4()) for name in ("client_id", "product_id", "bundle_id")}
    key = new_secret("cvk")
    file = tmp_path_factory.mktemp("walk") / "walk.yaml"
    file.write_text(MARKED_FILE.format(mark=MARK, price=PRICE, key=key, client_secret=new_secret("cvs"), **ids))
    await apply_file(services, file, False, {})
    victim = Victim(organization_id=await found(services), key={"cv-api-key": key}, **ids)
    body = case_body(victim.product_id, victim.email)
    body["user"] |= {"firstName": MARK, "lastName": MARK}
    body["products"][0]["form"]["questions"][0]["answer"] = MARK
    case_id = await create_case(client, victim, body)
    document_id = await attach(services, victim.organization_id, case_id, MARK.encode(), f"{MARK}.txt")
    staff_id = await hire(services, victim.organization_id, MARK, MARK)
    await dispatch(services)
    return victim._replace(case_id=case_id, document_id=document_id, staff_id=staff_id)


@pytest.fixture(scope="package")
async def clinician(services, other_clinic) -> dict[str, str]:
    """The headers of a clinician of the other organization."""
    return (await employ(services, other_clinic, "Walker")).headers


@pytest.fixture(scope="package")
async def ordered(services, victim) -> Ordered:
    return await place_marked(services, victim.organization_id, victim.case_id, MARK)


@pytest.fixture(scope="package")
async def paid(services, victim) -> Paid:
    return await pay_marked(services, victim.organization_id, victim.case_id, MARK)


@pytest.fixture(scope="package")
async def told(services, victim, older) -> Told:
    return await tell_marked(services, victim.organization_id, victim.case_id, MARK)


@pytest.fixture(scope="package")
async def message_id(services, victim) -> UUID:
    return await write_marked(services, victim.organization_id, victim.case_id, MARK)


@pytest.fixture(scope="package")
async def billed(client, services, victim) -> Billed:
    return await bill_marked(client, services, victim.organization_id, victim.billing, MARK)


@pytest.fixture(scope="package")
async def kept_catalog(services, victim) -> KeptCatalog:
    return await keep_marked_catalog(services, victim.organization_id, MARK)


@pytest.fixture(scope="package")
async def kept(services, victim) -> Kept:
    return await keep_marked_desk(services, victim.organization_id, MARK)


@pytest.fixture(scope="module")
async def merged(client, services, victim) -> Merged:
    admin = await employ(services, victim, "Wanda", role="ADMIN")
    return await merge_two(client, MARK, victim.billing, admin.headers)


@pytest.fixture(scope="package")
async def account_id(services, victim) -> UUID:
    return await keep_marked(services, victim.organization_id, MARK)


@pytest.fixture(scope="package")
async def appointed(services, victim) -> Appointed:
    who = (victim.organization_id, victim.case_id, victim.staff_id)
    return await appoint_marked(services, *who, MARK, victim.email)


@pytest.fixture
async def people(services, victim, merged, other_clinic) -> list[tuple[str, Any]]:
    admin = await employ(services, other_clinic, "Wanda", role="ADMIN")
    leaving = await sign_in(services, other_clinic, admin.id, "Wanda")
    return list(walk_people(MARK, victim.staff_id, merged, admin.headers, leaving.headers))
