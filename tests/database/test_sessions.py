"""Sessions that end, and hosts that are replaced: what a caller of `Database` sees, and where the next session goes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from carelane.kit.db import NETWORK_DEFAULTS, Database
from carelane.kit.embedded_postgres import ensure_running
from carelane.kit.errors import UnavailableError
from tests.database.switch import read_only

# Shutdown by an administrator, after a crash, while starting; connection failures; too many connections; a session that was
# idle for too long; a write that meets a read-only transaction.
OF_A_FAILOVER = ("57P01", "57P02", "57P03", "08000", "08003", "08006", "08P01", "53300", "25P03", "57P05", "25006")


@asynccontextmanager
async def opened(url: str, connections: int = 1) -> AsyncIterator[Database]:
    database = Database(url, connections)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@pytest.mark.parametrize("state", OF_A_FAILOVER)
async def test_what_a_failover_raises_is_unavailable(services, state):
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'gone' USING ERRCODE = '{state}'; END $$"
    with pytest.raises(UnavailableError, match="try again in a few seconds"):
        await _run(services.db, statement.encode())


async def _run(database: Database, statement: bytes) -> None:
    async with database.across() as conn:
        await conn.execute(statement)


async def test_a_host_that_vanished_is_given_up_soon_unless_the_url_says_otherwise(database):
    async with opened(f"{database.application_url}&connect_timeout=3") as ours, ours.across() as conn:
        found = conn.info.get_parameters()
    wanted = {name: str(value) for name, value in NETWORK_DEFAULTS.items()} | {"connect_timeout": "3"}
    assert {name: found.get(name) for name in wanted} == wanted


@pytest.fixture
def hosts(tmp_path):
    """Two servers, each with a sequence that tells them apart, and one URL for both."""
    servers = [ensure_running(tmp_path / name) for name in ("one", "two")]
    for server, start in zip(servers, (1, 1000), strict=True):
        with psycopg.connect(server.owner_url) as conn:
            conn.execute(f"CREATE SEQUENCE numbers START {start}".encode())
            conn.execute("GRANT USAGE, SELECT ON numbers TO carelane_app")
    folders = ",".join(str(server.socket_folder) for server in servers)
    url = f"postgresql://carelane@/carelane?host={folders}&port=5432,5432&target_session_attrs=read-write"
    yield servers, url
    for server in servers:
        server.stop()


async def test_of_several_hosts_the_one_that_takes_writes_is_found(hosts):
    (one, _), url = hosts
    async with opened(url) as database:
        assert await _next(database) == 1
        with read_only(one):
            with pytest.raises(UnavailableError, match="takes no writes just now"):
                await _next(database)
            # That session is gone, and the next one is with the new primary, whoever asks.
            assert await _next(database) == 1000
            assert await _last(database) == 1000


async def _next(database: Database) -> int:
    async with database.across() as conn:
        row = await (await conn.execute("SELECT nextval('numbers')")).fetchone()
    assert row is not None
    return row[0]


async def _last(database: Database) -> int:
    async with database.across() as conn:
        row = await (await conn.execute("SELECT last_value FROM numbers")).fetchone()
    assert row is not None
    return row[0]
