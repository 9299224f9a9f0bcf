"""Many clients of two organizations take turns on two connections, and nobody ever sees what is another's."""

import asyncio
import os
import random
import socket
from contextlib import AsyncExitStack, suppress
from uuid import UUID

import httpx
import msgspec
import psycopg
import pytest

from carelane.kit.auth import system_actor
from carelane.kit.db import Database
from carelane.kit.errors import UnavailableError
from tests.cast import Clinic
from tests.detail.asking import PATH, create_case
from tests.pooler import pooled_database
from tests.server import demo_data, prepared, running_server

SERVER_CONNECTIONS = 2
CLIENTS_EACH = 4
TURNS = 30
REQUESTS_EACH = 60

_WHO = """
SELECT nullif(current_setting('carelane.organization_id', true), '')::uuid, array(SELECT id FROM organizations)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = prepared(tmp_path_factory.mktemp("tenants") / "data")
    with (
        pooled_database(folder, SERVER_CONNECTIONS) as pooled,
        running_server(folder, "--workers", "1", "--no-worker", connections_per_worker="8", **pooled) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def clinics(server) -> list[Clinic]:
    demo = demo_data(server.data_dir)
    return [msgspec.convert(demo, Clinic), msgspec.convert(demo["other"], Clinic)]


class Caller:
    """A client with connections of its own. Whatever becomes of a transaction, it wrote what must never be seen."""

    def __init__(self, database: Database, organization_id: UUID) -> None:
        self.database = database
        self.organization_id = organization_id
        self.acts = [self.look, self.fail, self.give_up, self.be_canceled, self.lose_the_connection]

    async def take_turns(self, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(TURNS):
            await chance.choice(self.acts)()
            await self.look_without_organization()

    async def look(self) -> None:
        async with self.database.reading(self.organization_id) as conn:
            await self._see_only_ours(conn)

    async def look_without_organization(self) -> None:
        async with self.database.across() as conn:
            assert await (await conn.execute(_WHO)).fetchone() == (None, [])

    async def fail(self) -> None:
        with pytest.raises(psycopg.errors.DivisionByZero):
            await self._write_and("SELECT 1 / 0")

    async def give_up(self) -> None:
        with pytest.raises(LookupError):
            await self._write_and("SELECT 1", LookupError())

    async def be_canceled(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._write_and("SELECT pg_sleep(2)"), 0.05)

    async def lose_the_connection(self) -> None:
        with pytest.raises(UnavailableError):
            await self._write_and(None)

    async def _write_and(self, statement: str | None, error: Exception | None = None) -> None:
        async with self.database.transaction(system_actor(self.organization_id)) as conn:
            await conn.execute("UPDATE organizations SET name = 'Leaked'")
            await self._see_only_ours(conn)
            if statement is None:
                with socket.socket(fileno=os.dup(conn.fileno())) as line:
                    line.shutdown(socket.SHUT_RDWR)
            await (await conn.execute((statement or "SELECT 1").encode())).fetchone()
            raise error or AssertionError("it should have ended before")

    async def _see_only_ours(self, conn) -> None:
        row = await (await conn.execute(_WHO)).fetchone()
        assert row == (self.organization_id, [self.organization_id])


async def test_a_setting_never_outlives_its_transaction(server, clinics):
    async with AsyncExitStack() as stack:
        callers = []
        for clinic in clinics * CLIENTS_EACH:
            database = Database(server.settings["database_url"], 2, pooled=True)
            await database.open()
            stack.push_async_callback(database.close)
            callers.append(Caller(database, UUID(clinic.organization_id)))
        await asyncio.gather(*(caller.take_turns(seed) for seed, caller in enumerate(callers)))
        async with callers[0].database.reading(callers[0].organization_id) as conn:
            assert await (await conn.execute("SELECT name FROM organizations")).fetchone() == ("Harbor Health",)


async def test_every_answer_is_its_askers(server, clinics):
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
        cases = [str(await create_case(client, clinic)) for clinic in clinics]

        async def ask(clinic: Clinic, case_id: str) -> httpx.Response:
            return await client.get(PATH, params={"caseId": case_id}, headers=clinic.key)

        async def hang_up() -> None:
            with suppress(httpx.TimeoutException):
                await client.get(PATH, params={"caseId": cases[0]}, headers=clinics[0].key, timeout=0.005)

        async def read(ours: int) -> None:
            for _ in range(REQUESTS_EACH):
                own, foreign, _ = await asyncio.gather(
                    ask(clinics[ours], cases[ours]), ask(clinics[ours], cases[1 - ours]), hang_up()
                )
                assert own.json()["caseDetail"]["id"] == cases[ours], own.text
                assert foreign.status_code == 404

        await asyncio.gather(*(read(ours) for ours in (0, 1) for _ in range(CLIENTS_EACH)))
