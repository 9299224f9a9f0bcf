"""A server of its own that may reach this machine, retries soon, and has a mail server; and a receiver beside it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient, Contract
from tests.own_clinic import make_clinic
from tests.processes.smtp_sink import SmtpSink
from tests.receiver import Receiver, running_receiver
from tests.server import RunningServer, prepared, running_server
from tests.webhooks.alerts import URL, Listener
from tests.webhooks.cast import Hooked, admin_headers

ALLOWED = "127.0.0.0/8"
# The waits between attempts are these many times the usual five seconds.
RETRY_SECONDS = "0.1"


@pytest.fixture(scope="session")
def mails() -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        yield sink


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, mails: SmtpSink) -> Iterator[RunningServer]:
    settings = {"allowed_networks": ALLOWED, "webhook_retry_seconds": RETRY_SECONDS, "webhook_timeout_seconds": "2"}
    mail = {"smtp_host": "127.0.0.1", "smtp_port": str(mails.port), "smtp_starttls": "false"}
    folder = prepared(tmp_path_factory.mktemp("webhooks") / "data")
    with running_server(folder, "--workers", "1", **settings, **mail, transmit_seconds="0.05") as running:
        yield running


@pytest.fixture(scope="session")
def owner_url(server: RunningServer) -> str:
    return EmbeddedPostgres(server.data_dir).owner_url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def services(server: RunningServer) -> AsyncIterator[Services]:
    """The same database as the server's. It may reach no private network, unlike the server."""
    database_url = EmbeddedPostgres(server.data_dir).application_url
    async with open_services(read_settings({}, data_dir=server.data_dir, database_url=database_url)) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client(server: RunningServer, contract: Contract) -> AsyncIterator[CheckedClient]:
    async with CheckedClient(contract, base_url=server.url, timeout=30) as checked:
        yield checked


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    async with running_receiver() as running:
        yield running


@pytest.fixture
async def clinic(services: Services, tmp_path: Path) -> Clinic:
    """A clinic of the test's own, so that nobody else's events reach its endpoints."""
    return await make_clinic(services, tmp_path, notificationEmails=[f"{uuid4().hex}@clinic.example"])


@pytest.fixture
async def admin(services: Services, clinic: Clinic) -> dict[str, str]:
    """Headers of a member of staff who manages webhooks."""
    return await admin_headers(services, UUID(clinic.organization_id))


@pytest.fixture
async def hook(client: CheckedClient, admin: dict[str, str], receiver: Receiver) -> Callable[..., Awaitable[Hooked]]:
    """Makes an endpoint at a path of the receiver that nobody else uses."""

    async def make(**members: object) -> Hooked:
        path = f"/{uuid4().hex}"
        body = {"name": path, "url": receiver.url + path} | members
        answer = await client.post("/api/staff/webhook-endpoints", json=body, headers=admin)
        assert answer.status_code == 201, answer.text
        return Hooked(answer.json()["id"], path, answer.json()["secret"], receiver)

    return make


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def owner(owner_url: str) -> AsyncIterator[Callable[..., Awaitable[list[tuple[object, ...]]]]]:
    """Asks and changes rows as the tables' owner, for moments that nobody wants to wait for."""
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:

        async def ask(statement: str, *values: object) -> list[tuple[object, ...]]:
            cursor = await conn.execute(statement, values)
            return await cursor.fetchall() if cursor.description else []

        yield ask


@pytest.fixture
def listen(client, clinic, receiver):
    """Makes a listener at a path of the receiver that nobody else uses."""

    async def make(*subscriptions, **members):
        path = f"/{uuid4().hex}"
        body = {"subscriptions": list(subscriptions), "url": receiver.url + path} | members
        made = (await client.post(f"{URL}/create", json=body, headers=clinic.billing)).json()
        return Listener(made["id"], path, made["secret"])

    return make


@pytest.fixture
def told(receiver):
    async def wait(listener, count=1):
        return await receiver.until(lambda it: found if len(found := it.at(listener.path)) >= count else None)

    return wait


@pytest.fixture
def attempts(client, clinic):
    async def ask(listener, **query):
        url = f"{URL}/{listener.id}/delivery-attempts/list"
        answer = await client.get(url, params=query, headers=clinic.billing)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask
