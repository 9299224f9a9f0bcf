"""The worker killed with -9 in the middle of a delivery: nothing is lost, and the order within the case holds."""

from uuid import UUID

import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.contract import CheckedClient
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.receiver import running_receiver
from tests.server import prepared, running_server
from tests.webhooks.cast import admin_headers, happen

POINTS = ("webhook.claimed", "webhook.sent", "webhook.committed")
NAMES = ["CREATE_CASE", "ESCALATE_CASE", "DEESCALATE_CASE", "ARCHIVE_CASE"]


@pytest.fixture(scope="module")
def armed(tmp_path_factory):
    """The file that names the point, while somebody is to die there."""
    return tmp_path_factory.mktemp("failpoint") / "armed"


@pytest.fixture(scope="module")
def running(tmp_path_factory, armed):
    settings = {"allowed_networks": "127.0.0.0/8", "claim_lease_seconds": "2", "webhook_retry_seconds": "0.1"}
    settings |= {"webhook_timeout_seconds": "1", "pharmacy_timeout_seconds": "1"}
    data_dir = prepared(tmp_path_factory.mktemp("crash") / "data")
    with running_server(data_dir, "--workers", "1", **settings, failpoint=str(armed)) as made:
        yield made


@pytest.mark.parametrize("point", POINTS)
async def test_after_kill_9_each_event_arrives_and_in_its_order(tmp_path, contract, running, armed, point):
    data_dir = running.data_dir
    database_url = EmbeddedPostgres(data_dir).application_url
    async with (
        open_services(read_settings({}, data_dir=data_dir, database_url=database_url)) as services,
        running_receiver() as receiver,
        CheckedClient(contract, base_url=running.url, timeout=30) as client,
    ):
        clinic = await make_clinic(services, tmp_path)
        organization_id = UUID(clinic.organization_id)
        admin = await admin_headers(services, organization_id)
        body = {"name": "Here", "url": f"{receiver.url}/here"}
        await client.post("/api/staff/webhook-endpoints", json=body, headers=admin)
        armed.write_text(point)
        case_id = await create_case(client, clinic)
        for name in NAMES[1:]:
            await happen(services, organization_id, case_id, type=name)
        await receiver.until(lambda _: len(set(receiver.events_at("/here"))) == 4, 40)
        assert not armed.exists()
        # What was sent and not written down comes twice, under one id; nothing comes out of turn.
        ids = list(dict.fromkeys(request.headers["webhook-id"] for request in receiver.at("/here")))
        names = {request.headers["webhook-id"]: request.json["event"] for request in receiver.at("/here")}
        assert [names[webhook_id] for webhook_id in ids] == NAMES
        assert len(receiver.at("/here")) == (5 if point == "webhook.sent" else 4)
        await receiver.until(lambda _: all_delivered(data_dir))


def all_delivered(data_dir):
    with psycopg.connect(EmbeddedPostgres(data_dir).owner_url) as conn:
        statement = "SELECT count(*) FROM webhook_deliveries WHERE status <> 'DELIVERED'"
        return conn.execute(statement).fetchone() == (0,)
