"""How often the server waits for its database while it answers: the whole case comes in two round trips."""

from contextlib import asynccontextmanager

import httpx
import msgspec

from carelane.app import create_litestar
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.services import make_services
from carelane.web.edge import Edge
from tests.detail.asking import PATH
from tests.detail.test_whole_shape import EVERYTHING, whole  # noqa: F401 - a fixture
from tests.detail.wire_tap import tapped


@asynccontextmanager
async def tapped_client(services, tmp_path, **more):
    """The same application in this process, with its database behind a counting door."""
    database = EmbeddedPostgres(services.settings.data_dir)
    async with tapped(database.socket_folder / ".s.PGSQL.5432", tmp_path) as tap:
        url = f"postgresql://carelane@/carelane?host={tmp_path}&port=5432"
        settings = msgspec.structs.replace(services.settings, database_url=url, connections_per_worker=1, **more)
        app = create_litestar(settings, make_services(settings))
        async with app.lifespan():
            transport = httpx.ASGITransport(Edge(app))
            async with httpx.AsyncClient(transport=transport, base_url="http://carelane") as client:
                yield client, tap


async def count(services, tmp_path, clinic, case_id) -> int:
    """Round trips of one answer, when key and data key are known already."""
    query = EVERYTHING | {"caseId": str(case_id)}
    async with tapped_client(services, tmp_path) as (client, tap):
        assert (await client.get(PATH, params=query, headers=clinic.key)).status_code == 200
        before = tap.round_trips
        assert (await client.get(PATH, params=query, headers=clinic.key)).status_code == 200
        return tap.round_trips - before


async def test_a_case_with_everything_takes_two_round_trips(services, tmp_path, juniper, whole):  # noqa: F811
    assert await count(services, tmp_path, juniper, whole.id) == 2


async def test_a_small_case_takes_no_fewer(services, tmp_path, juniper, case_id):
    assert await count(services, tmp_path, juniper, case_id) == 2
