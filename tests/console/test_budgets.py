"""What a page may cost: statements, rows, bytes, measured in the full clinic; the numbers are in `examples/`. -rP tells the time."""

import time
from contextvars import ContextVar

import httpx
import psycopg
import pytest
import pytest_asyncio

from carelane.app import create_litestar, fill
from carelane.sessions.access import COOKIE
from carelane.web.edge import Edge
from tests.console.pages import PAGES, ROLES, every_page, may

MAX_BYTES = 100_000

spent: ContextVar[dict[str, int] | None] = ContextVar("spent", default=None)


def count(what, number=1):
    counted = spent.get()
    if counted is not None:
        counted[what] += number


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counting():
    """Each statement that the driver is given, and each row that it hands out."""
    plain = {name: getattr(psycopg.AsyncCursor, name) for name in ("execute", "fetchone", "fetchall", "fetchmany")}

    async def execute(cursor, *args, **options):
        count("statements")
        return await plain["execute"](cursor, *args, **options)

    async def fetchone(cursor):
        row = await plain["fetchone"](cursor)
        count("rows", int(row is not None))
        return row

    async def fetchall(cursor):
        rows = await plain["fetchall"](cursor)
        count("rows", len(rows))
        return rows

    async def fetchmany(cursor, size=0):
        rows = await plain["fetchmany"](cursor, size)
        count("rows", len(rows))
        return rows

    with pytest.MonkeyPatch.context() as patched:
        for function in (execute, fetchone, fetchall, fetchmany):
            patched.setattr(psycopg.AsyncCursor, function.__name__, function)
        yield


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def inside(services, counting):
    """The application in this process, over the same database, so that the driver can be listened to."""
    app = create_litestar(services.settings, services)
    fill(app.state, services.settings, services)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(Edge(app)), base_url="http://console.test") as client:
        yield client


async def look(inside, world, path, member):
    example = PAGES[path]
    address = world.path(path, example.query)
    headers = {"Cookie": f"{COOKIE.name}={member.token}"}
    # The first time, data keys are unwrapped and kept.
    await inside.get(address, headers=headers)
    counted = {"statements": 0, "rows": 0}
    spent.set(counted)
    began = time.perf_counter()
    try:
        answer = await inside.get(address, headers=headers)
    finally:
        spent.set(None)
    # Told, and not asserted: the machine that tests run on is busy.
    print(f"{path}: {(time.perf_counter() - began) * 1000:.1f} ms, {counted}, {len(answer.content)} bytes")  # noqa: T201
    assert answer.status_code == example.answer, answer.text[:2000]
    return answer, counted


@pytest.mark.parametrize("path", every_page())
async def test_a_page_keeps_to_its_budget(world, inside, path):
    example = PAGES[path]
    role = next(role for role in ROLES if may(role, example))
    answer, counted = await look(inside, world, path, world.staff[role])
    assert counted["statements"] == example.statements, (
        f"{path}: {counted}; the number in tests/console/examples is another"
    )
    assert counted["rows"] <= example.rows, f"{path}: {counted}"
    assert len(answer.content) <= MAX_BYTES
