"""Records what the server's own code sends to the database for one request.

The application runs in this process, on the same database; its cursors note each statement with its parameters, and each
wait for an answer. Nothing is written down twice, so the limit is always that of today's code.
"""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast
from unittest import mock

import httpx
import psycopg
import structlog
from litestar import Litestar
from psycopg.rows import TupleRow

from bench.server import Server
from carelane.app import create_litestar
from carelane.kit import ids
from carelane.kit.pipeline import HeldPipeline
from carelane.services import make_services
from carelane.settings import read_settings
from carelane.web.edge import Edge

# While a request is recorded, it is a moment far ahead: the ids made for it are known by these first digits.
STAMP = "0abcdef0"
_STAMP_NANOSECONDS = (int(STAMP, 16) << 16) * 1_000_000


class Statement:
    """SQL as the code has it, and the values it was given."""

    def __init__(self, text: str, values: Any) -> None:
        self.text = text
        self.values: dict[str, Any] = dict(values) if isinstance(values, dict) else _numbered(values)


# Statements are sent without waiting; where the code needs an answer, a round trip ends.
Trip = list[Statement]


def _numbered(values: Any) -> dict[str, Any]:
    return {f"p{number}": value for number, value in enumerate(values or (), start=1)}


class _Recorder:
    def __init__(self) -> None:
        self.trips: list[Trip] = [[]]

    def sent(self, query: Any, values: Any) -> None:
        text = query.decode() if isinstance(query, bytes) else str(query)
        self.trips[-1].append(Statement(text, values))

    def waited(self) -> None:
        if self.trips[-1]:
            self.trips.append([])

    def cursor(self) -> type[psycopg.AsyncCursor[TupleRow]]:
        recorder = self

        class Cursor(psycopg.AsyncCursor[TupleRow]):
            async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
                recorder.sent(query, params)
                return await super().execute(query, params, **options)

            async def fetchone(self) -> TupleRow | None:
                recorder.waited()
                return await super().fetchone()

            async def fetchall(self) -> list[TupleRow]:
                recorder.waited()
                return await super().fetchall()

        return Cursor


async def record(server: Server, ask: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]) -> list[Trip]:
    """The round trips of one request. It is asked twice: at the first time the process still reads keys."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings = read_settings({}, data_dir=server.data_dir, database_url=server.database.application_url)
    services, recorder = make_services(settings), _Recorder()
    # No pool of ours offers this, and none should: nothing but this recording looks inside a connection.
    services.db._pool.kwargs = {**cast("dict[str, Any]", services.db._pool.kwargs), "cursor_factory": recorder.cursor()}
    app = create_litestar(settings, services)
    with mock.patch.object(HeldPipeline, "command", _noting(recorder, HeldPipeline.command)):
        await _ask_twice(app, server, ask, recorder)
    return [trip for trip in recorder.trips if trip]


def _noting(recorder: _Recorder, command: Callable[[HeldPipeline, str], None]) -> Callable[[HeldPipeline, str], None]:
    def noted(pipeline: HeldPipeline, text: str) -> None:
        recorder.sent(text, None)
        command(pipeline, text)

    return noted


async def _ask_twice(
    app: Litestar, server: Server, ask: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]], recorder: _Recorder
) -> None:
    transport = httpx.ASGITransport(cast("Any", Edge(app)))
    client_of = partial(httpx.AsyncClient, transport=transport, base_url=server.url, headers=server.clinic.headers)
    async with app.lifespan(), client_of() as client:
        (await ask(client)).raise_for_status()
        recorder.trips = [[]]
        with mock.patch.object(ids, "time", SimpleNamespace(time_ns=lambda: _STAMP_NANOSECONDS)):
            (await ask(client)).raise_for_status()
