"""Transactions: what an error in the middle leaves behind."""

import time
from functools import partial

import psycopg
import pytest
import pytest_asyncio

from carelane.kit.auth import system_actor
from carelane.kit.db import Database
from carelane.kit.ids import parse_uuid

# psycopg prepares a statement when it meets it for the sixth time.
OFTEN = 8


@pytest_asyncio.fixture(loop_scope="session")
async def one_connection(services):
    database = Database(services.settings.database_url, 1)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def actor(clinic):
    return system_actor(parse_uuid(clinic.organization_id))


async def test_statements_behind_an_error_can_be_used_again(one_connection, actor):
    """The statement that psycopg was about to prepare is skipped with all the others behind the error."""
    for times in range(OFTEN):
        statement = f"SELECT %s + {times}"
        for _ in range(times):
            assert await _add(one_connection, actor, statement) == 40 + times
        with pytest.raises(psycopg.errors.DivisionByZero):
            await _add(one_connection, actor, "SELECT 1 / 0", statement)
        assert await _add(one_connection, actor, statement) == 40 + times


async def _add(database, actor, *statements):
    async with database.transaction(actor) as conn:
        cursors = [await conn.execute(text, (40,) if "%s" in text else None) for text in statements]
        row = await cursors[-1].fetchone()
    return row[0]


async def test_what_our_own_error_interrupts_is_undone_and_the_connection_kept(one_connection, actor):
    process_ids: set[int] = set()
    for _ in range(OFTEN):
        with pytest.raises(LookupError):
            await _rename_and_fail(one_connection, actor, process_ids)
    async with one_connection.reading(actor.organization_id) as conn:
        row = await (await conn.execute("SELECT name FROM organizations")).fetchone()
        process_ids.add(conn.info.backend_pid)
    assert row is not None
    assert row[0] != "Nobody"
    assert len(process_ids) == 1


async def _rename(conn, actor):
    await conn.execute("UPDATE organizations SET name = 'Nobody' WHERE id = %s", (actor.organization_id,))


async def _rename_and_fail(database, actor, process_ids):
    async with database.transaction(actor) as conn:
        process_ids.add(conn.info.backend_pid)
        await _rename(conn, actor)
        raise LookupError


async def _rename_as_reader(database, actor):
    async with database.reading(actor.organization_id) as conn:
        await _rename(conn, actor)


async def test_a_reader_writes_nothing(one_connection, actor):
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await _rename_as_reader(one_connection, actor)


async def test_a_refused_write_is_named_although_answers_stand_behind_it(one_connection, actor):
    """The refusal is there while the rest is still being sent, so the answers behind it come later."""
    for _ in range(OFTEN):
        with pytest.raises(psycopg.errors.UniqueViolation):
            await _write_twice(one_connection, actor)
    assert await _add(one_connection, actor, "SELECT %s + 2") == 42


async def _write_twice(database, actor):
    again = "INSERT INTO organizations SELECT * FROM organizations WHERE id = %s"
    async with database.transaction(actor) as conn:
        await conn.execute(again, (actor.organization_id,))
        # More than libpq keeps back, so that what was queued leaves now.
        await conn.execute("SELECT length(%s)", ("x" * 200_000,))
        conn._pipeline.command_queue.append(partial(time.sleep, 0.05))
