"""kill -9 between the act and its answer: the same key, sent again, tells what was done, and it was done once."""

from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.cases import case_body
from tests.orders.bodies import order_body
from tests.orders.shop import open_shop
from tests.own_clinic import make_clinic
from tests.processes.waiting import until
from tests.server import prepared, running_server

KEY = "the-same-key-every-time"
_COUNTS = """
SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM cases), (SELECT count(*) FROM idempotency_keys)
"""


@pytest.fixture(scope="module")
def armed(tmp_path_factory):
    """The file that names the point, while somebody is to die there."""
    return tmp_path_factory.mktemp("failpoint") / "armed"


@pytest.fixture(scope="module")
def running(tmp_path_factory, armed):
    with running_server(prepared(tmp_path_factory.mktemp("crash") / "data"), failpoint=str(armed)) as made:
        yield made


@asynccontextmanager
async def shop_on(running, contract, tmp_path):
    """A clinic that orders, on a server of its own."""
    url = EmbeddedPostgres(running.data_dir).application_url
    settings = read_settings({}, data_dir=running.data_dir, database_url=url)
    async with open_services(settings) as services, CheckedClient(contract, base_url=running.url, timeout=30) as client:
        clinic: Clinic = await make_clinic(services, tmp_path)
        yield await open_shop(client, services, clinic)


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("act", ["order", "case"])
@pytest.mark.parametrize(("point", "was_done"), [("answer_kept", False), ("answer_committed", True)])
async def test_after_kill_9_the_same_key_tells_what_was_done(tmp_path, contract, running, armed, point, was_done, act):
    async with shop_on(running, contract, tmp_path) as shop:
        case_id = await shop.approved_case()
        path = f"/api/v1/cases/{case_id}" if act == "order" else "/api/v1/cases"
        body = order_body() if act == "order" else case_body(shop.clinic.product_id)
        headers = shop.clinic.key | {"Idempotency-Key": KEY}

        armed.write_text(point)
        with pytest.raises(httpx.TransportError):
            await shop.client.post(path, json=body, headers=headers)
        assert not armed.exists()
        until(lambda: is_ready(running.url), 30)
        done = 1 if was_done else 0
        assert await shop.ask(_COUNTS) == [counts(act, done)]

        again = await shop.client.post(path, json=body, headers=headers)
        assert again.status_code == 200, again.text
        assert ("idempotent-replayed" in again.headers) == was_done
        assert await shop.ask(_COUNTS) == [counts(act, 1)]
        third = await shop.client.post(path, json=body, headers=headers)
        assert third.content == again.content
        told = msgspec.json.decode(third.content)["data"]
        kept = {str(row[0]) for row in await shop.ask("SELECT id FROM orders UNION ALL SELECT id FROM cases")}
        assert (told["order"]["id"] if act == "order" else told["caseId"]) in kept


def counts(act: str, done: int) -> tuple[int, int, int]:
    """Orders, cases and kept answers; one case was there before."""
    return (done, 1, done) if act == "order" else (0, 1 + done, done)
