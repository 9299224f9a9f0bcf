"""The worker killed with -9 between the claim of a held decision and its end: it is taken once, and not by halves."""

import asyncio

import httpx
import pytest
import pytest_asyncio

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.contract import CheckedClient
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.review.people import Desk, acts, decision, employ
from tests.server import prepared, running_server

# Just claimed; and everything written, but not committed.
POINTS = ("decision.claimed", "decision.taken")
QUICK = {"claim_lease_seconds": "2", "webhook_timeout_seconds": "1", "pharmacy_timeout_seconds": "1"}
DUE_SECONDS = 60


@pytest.fixture(scope="module")
def armed(tmp_path_factory):
    """The file that names the point, while somebody is to die there."""
    return tmp_path_factory.mktemp("failpoint") / "armed"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crashing(tmp_path_factory, contract, armed):
    """A clinician with a case in hand, in a house whose worker dies."""
    folder = prepared(tmp_path_factory.mktemp("crash") / "data")
    with running_server(folder, **QUICK, failpoint=str(armed)) as server:
        url = EmbeddedPostgres(server.data_dir).application_url
        settings = read_settings({}, data_dir=server.data_dir, database_url=url)
        async with (
            open_services(settings) as services,
            CheckedClient(contract, base_url=server.url, timeout=30) as client,
        ):
            clinic = await make_clinic(services, tmp_path_factory.mktemp("clinic"))
            yield client, clinic, await employ(services, clinic, "Ada")


@pytest.mark.parametrize("point", POINTS)
async def test_after_kill_9_it_is_taken_once(crashing, armed, point):
    client, clinic, ada = crashing
    desk = Desk(client, await create_case(client, clinic))
    await desk.done(ada, "start")
    armed.write_text(point)
    await desk.done(ada, "decide", {"decisions": [decision(clinic.product_id)], "graceSeconds": 1})
    over = await _settled(client, desk, ada)
    assert not armed.exists()
    whole = await desk.read(ada)
    assert (over["status"], whole["status"], len(whole["decisions"])) == ("TAKEN", "APPROVED", 1)
    assert [act[0] for act in acts(whole)][2:] == ["DECISION_SUBMITTED", "ADD_CASE_DECISION", "CHANGE_CASE_STATUS"]


async def _settled(client: httpx.AsyncClient, desk: Desk, person):
    deadline = asyncio.get_running_loop().time() + DUE_SECONDS
    while True:
        answer = await client.get(f"/api/staff/cases/{desk.case_id}/held-decision", headers=person.headers)
        if answer.json()["status"] != "PENDING":
            return answer.json()
        assert asyncio.get_running_loop().time() < deadline, "nobody took the decision"
        await asyncio.sleep(0.2)
