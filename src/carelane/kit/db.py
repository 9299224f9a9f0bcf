"""The database: a pool of connections acting as the application role, and transactions bound to one organization.

Every statement runs inside a transaction that names its organization; row-level security hides all other rows. The
connection is in pipeline mode: statements are sent as they are executed and answers waited for only where they are
fetched, so a transaction of ten writes costs two or three round trips.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
import structlog
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from carelane.kit.auth import Actor
from carelane.kit.errors import UnavailableError

POOL_WAIT_SECONDS = 10.0
# Statements that run longer are a fault of ours; the limit keeps one from holding a connection for good.
STATEMENT_TIMEOUT_MILLISECONDS = 30_000
# Every statement looks rows up by their keys, so its values change nothing about the best plan; planning once is enough.
OPTIONS = f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS} -c timezone=UTC -c plan_cache_mode=force_generic_plan"

_TENANT = "carelane_tenant"
_PREPARE_TENANT: LiteralString = (
    "PREPARE carelane_tenant (text) AS SELECT set_config('carelane.organization_id', $1, true)"
)

Connection = psycopg.AsyncConnection[TupleRow]
Cursor = psycopg.AsyncCursor[TupleRow]
log = structlog.get_logger()


class Database:
    """A pool on one PostgreSQL database. `open()` before use, `close()` after."""

    def __init__(self, url: str, most_connections: int) -> None:
        self._pool = AsyncConnectionPool(
            url,
            open=False,
            min_size=min(2, most_connections),
            max_size=most_connections,
            timeout=POOL_WAIT_SECONDS,
            kwargs={
                "autocommit": True,
                "options": OPTIONS,
                "application_name": "carelane",
            },
            name="carelane",
            configure=_prepare,
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, actor: Actor) -> AsyncIterator[Connection]:
        """One transaction for the actor's organization: committed when the block ends, undone when it raises.

        Raises UnavailableError when the database cannot be reached or goes away in the middle.
        """
        async with self._bound(actor.organization_id, "BEGIN") as conn:
            yield conn

    @asynccontextmanager
    async def reading(self, organization_id: UUID) -> AsyncIterator[Connection]:
        """A borrowed connection that sees the organization's rows and can write nothing."""
        async with self._bound(organization_id, "BEGIN READ ONLY") as conn:
            yield conn

    @asynccontextmanager
    async def across(self) -> AsyncIterator[Connection]:
        """A transaction of no organization: it sees no tenant's rows, and calls the functions that carelane_system owns."""
        async with self._bound(None, "BEGIN") as conn:
            yield conn

    async def ping(self) -> None:
        """Raises UnavailableError unless the database answers."""
        async with self.across() as conn:
            await (await conn.execute("SELECT 1")).fetchone()

    @asynccontextmanager
    async def _bound(self, organization_id: UUID | None, begin: str) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as conn:
                pipeline = conn._pipeline = _HeldPipeline(conn)
                try:
                    async with pipeline:
                        pipeline.command(begin)
                        if organization_id is not None:
                            pipeline.name_tenant(organization_id)
                        yield conn
                        pipeline.command("COMMIT")
                finally:
                    conn._pipeline = None
                    await _undo_what_is_open(conn)
        except (psycopg.OperationalError, PoolTimeout) as error:
            log.warning("database_unavailable", error=type(error).__name__)
            raise UnavailableError("the database cannot be reached just now; try again in a few seconds") from error


async def _undo_what_is_open(conn: Connection) -> None:
    """Leaving the pipeline waited for the server. Whatever is still open then was not committed.

    After an error in the database the server has skipped what was queued behind it, prepared statements included, and psycopg
    no longer knows which are there: such a connection is closed, and the pool makes another.
    """
    status = conn.info.transaction_status
    if status == psycopg.pq.TransactionStatus.INTRANS:
        await conn.wait(conn._exec_command(b"ROLLBACK"))
    elif status != psycopg.pq.TransactionStatus.IDLE:
        await conn.close()


async def _prepare(conn: Connection) -> None:
    """Every transaction begins by naming its organization; the statement is parsed once for each connection."""
    await conn.execute(_PREPARE_TENANT, prepare=False)


class _HeldPipeline(psycopg.AsyncPipeline):
    """A pipeline that sends when an answer is waited for, and then everything at once.

    psycopg's own sends each statement as it comes: a dozen system calls for a create-case, and for each the database
    process is woken (measured: docs/design/performance.md). It relies on psycopg's inner names, so pyproject.toml names the
    one minor version it was written for, and `tests/cases/test_create_round_trips.py` counts what is sent.
    """

    def command(self, text: str) -> None:
        """Queues BEGIN or COMMIT, whose answer nobody reads; costs a tenth of a cursor's `execute`."""
        self._queue(partial(self.pgconn.send_query_params, text.encode(), None))

    def name_tenant(self, organization_id: UUID) -> None:
        """Queues what row-level security compares with, for the length of this transaction."""
        self._queue(partial(self.pgconn.send_query_prepared, _TENANT.encode(), [str(organization_id).encode()]))

    def _queue(self, send: Callable[[], None]) -> None:
        self.command_queue.append(send)
        self.result_queue.append(None)

    def _communicate_gen(self) -> Any:
        """Called after each statement: nothing is sent yet."""
        yield from ()

    def _sync_gen(self) -> Any:
        self._enqueue_sync()
        yield from self._fetch_gen(flush=False)

    def _exit_gen(self) -> Any:
        self._enqueue_sync()
        yield from self._fetch_gen(flush=True)

    def _fetch_gen(self, *, flush: bool) -> Any:
        # Each command only fills the library's buffer; the buffer leaves in one piece.
        while self.command_queue:
            self.command_queue.popleft()()
        yield from super()._communicate_gen()
        yield from super()._fetch_gen(flush=flush)


def to_json(rows: Any) -> str:
    """Rows as the one parameter of an `INSERT … SELECT … FROM json_populate_recordset(null::table, %s)`.

    One parameter for any number of rows keeps the client's work small: msgspec writes the JSON, PostgreSQL reads it.
    """
    return _ENCODER.encode(rows).decode()


def uuid_array(ids: Iterable[UUID]) -> str:
    """Ids as the text of a `uuid[]`: psycopg's own way to write a list costs more than the statement it is for."""
    return "{" + ",".join(map(str, ids)) + "}"


def _encode_hook(value: object) -> Any:
    if isinstance(value, Sealed):
        return "\\x" + value.data.hex()
    raise NotImplementedError(type(value).__name__)


class Sealed:
    """Bytes, mostly ciphertext, on their way to a bytea column through JSON."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_hook)
