"""kill -9 in the middle of a conversion: either nothing of it is there, or all of it, and asking again finds one charge."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import Services, open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import CART, get_cart, item, make_cart
from tests.own_clinic import make_clinic
from tests.processes.waiting import until
from tests.server import RunningServer, prepared, running_server


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that names the point, while somebody is to die there."""
    return tmp_path_factory.mktemp("failpoint") / "armed"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, armed: Path) -> Iterator[RunningServer]:
    with running_server(prepared(tmp_path_factory.mktemp("crash") / "data"), failpoint=str(armed)) as made:
        yield made


@pytest.mark.parametrize(("point", "was_done"), [("cart.converted", False), ("answer_committed", True)])
async def test_after_kill_9_there_is_one_charge_in_the_end(tmp_path, contract, running, armed, point, was_done):
    url = EmbeddedPostgres(running.data_dir).application_url
    settings = read_settings({}, data_dir=running.data_dir, database_url=url)
    async with (
        open_services(settings) as services,
        CheckedClient(contract, base_url=running.url, timeout=30) as client,
    ):
        own = await make_clinic(services, tmp_path)
        cart = await make_cart(client, own, item(own))
        path, body = f"{CART}/{cart['id']}/convert-to-charge", {"cartId": cart["id"]}
        headers = own.billing | {"Idempotency-Key": "the-same-key"}
        armed.write_text(point)
        with pytest.raises(httpx.TransportError):
            await client.post(path, json=body, headers=headers)
        assert not armed.exists()
        until(lambda: is_ready(running.url), 30)

        assert await _charges(services, own) == (1 if was_done else 0)
        status = (await get_cart(client, own, cart["id"]))["status"]
        assert status == ("CONVERTED" if was_done else "DRAFT")
        again = await client.post(path, json=body, headers=headers)
        assert (again.status_code, "idempotent-replayed" in again.headers) == (200, was_done)
        without_key = await client.post(path, json=body, headers=own.billing)
        assert without_key.json() == again.json()
        assert await _charges(services, own) == 1


async def _charges(services: Services, clinic: Clinic) -> int:
    async with services.db.reading(UUID(clinic.organization_id)) as conn:
        return int((await (await conn.execute("SELECT count(*) FROM charges")).fetchall())[0][0])
