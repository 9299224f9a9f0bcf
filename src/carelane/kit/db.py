"""The database: a pool of connections acting as the application role, and transactions bound to one organization.

Every statement runs inside a transaction that names its organization; row-level security hides all other rows. The
connection is in pipeline mode: statements are sent as they are executed and answers waited for only where they are
fetched, so a transaction of ten writes costs two or three round trips.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
                "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MILLISECONDS} -c timezone=UTC",
                "application_name": "carelane",
            },
            name="carelane",
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

    @asynccontextmanager
    async def _bound(self, organization_id: UUID | None, begin: LiteralString) -> AsyncIterator[Connection]:
        try:
            async with self._pool.connection() as conn:
                try:
                    _hold_back(conn)
                    async with conn.pipeline():
                        await conn.execute(begin)
                        if organization_id is not None:
                            await conn.execute(
                                "SELECT set_config('carelane.organization_id', %s, true)", (str(organization_id),)
                            )
                        yield conn
                        await conn.execute("COMMIT")
                finally:
                    # Leaving the pipeline waits for the server. Whatever is still open then was not committed.
                    if not conn.closed and conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
                        await conn.rollback()
        except (psycopg.OperationalError, PoolTimeout) as error:
            log.warning("database_unavailable", error=type(error).__name__)
            raise UnavailableError("the database cannot be reached just now; try again in a few seconds") from error


class _HeldPipeline(psycopg.AsyncPipeline):
    """A pipeline that sends when an answer is waited for, and then everything at once.

    psycopg's own sends each statement as it comes: fourteen system calls for a create-case, and for each the database
    process is woken (measured: docs/design/performance.md).
    """

    def _communicate_gen(self) -> Any:
        # None is the mark of a sync: the end of the transaction, where everything must leave.
        if self.result_queue and self.result_queue[-1] is None:
            yield from self._send_all()

    def _fetch_gen(self, *, flush: bool) -> Any:
        if self.command_queue:
            yield from self._send_all()
        yield from super()._fetch_gen(flush=flush)

    def _send_all(self) -> Any:
        # Each command only fills the library's buffer; the buffer leaves in one piece.
        while self.command_queue:
            self.command_queue.popleft()()
        yield from super()._communicate_gen()


def _hold_back(conn: Connection) -> None:
    """`conn.pipeline()` uses the pipeline that is there; what it would make itself cannot be chosen from outside."""
    conn._pipeline = _HeldPipeline(conn)


def to_json(rows: Any) -> str:
    """Rows as the one parameter of an `INSERT … SELECT … FROM json_populate_recordset(null::table, %s)`.

    One parameter for any number of rows keeps the client's work small: msgspec writes the JSON, PostgreSQL reads it.
    """
    return _ENCODER.encode(rows).decode()


def _encode_hook(value: object) -> Any:
    if isinstance(value, Sealed):
        return "\\x" + value.data.hex()
    raise NotImplementedError(type(value).__name__)


class Sealed:
    """Ciphertext on its way to a bytea column through JSON."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


_ENCODER = msgspec.json.Encoder(enc_hook=_encode_hook)
