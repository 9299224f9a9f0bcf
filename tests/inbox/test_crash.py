"""kill -9 between keeping a callback and judging it: it is judged after all."""

from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import open_services
from carelane.settings import read_settings
from tests.cast import Clinic
from tests.inbox.calling import message, open_pharmacy
from tests.processes.waiting import until
from tests.server import demo_data, prepared, running_server

STATES = "SELECT b.status, o.status FROM pharmacy_callbacks b LEFT JOIN orders o ON o.id = b.order_id WHERE b.message_id = %s"


def states(data_dir: Path, message_id: str) -> list[tuple]:
    with psycopg.connect(EmbeddedPostgres(data_dir).owner_url) as conn:
        return conn.execute(STATES, (message_id,)).fetchall()


async def test_what_a_dead_server_kept_is_judged_by_the_sweep(tmp_path):
    armed = tmp_path / "armed"
    armed.write_text("callback.stored")
    with running_server(prepared(tmp_path / "data"), failpoint=str(armed)) as server:
        clinic = msgspec.convert(demo_data(server.data_dir), Clinic)
        settings = read_settings(
            {}, data_dir=server.data_dir, database_url=EmbeddedPostgres(server.data_dir).application_url
        )
        async with open_services(settings) as services, httpx.AsyncClient(base_url=server.url, timeout=30) as client:
            pharmacy = await open_pharmacy(client, services, clinic)
            _, external_id = await pharmacy.order()
            sent = message(external_id, "ACCEPTED")
            with pytest.raises(httpx.TransportError):
                await pharmacy.call(sent)
            assert not armed.exists()
            until(lambda: states(server.data_dir, sent["messageId"]) == [("APPLIED", "ACCEPTED")], 40)
            assert (await pharmacy.call(sent)).json() == {"status": "duplicate"}
