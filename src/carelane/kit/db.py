"""The database: a pool of connections acting as the application role, and transactions bound to one organization.

Every statement runs inside a transaction that names its organization; row-level security hides all other rows. Statements
are sent in pipeline mode, and answers waited for only where they are fetched, so a transaction of ten writes costs two or
three round trips.

Nothing outlives its transaction on the server but prepared statements, and behind a connection pooler there are none: so
one connection of the pooler's may serve another client with each transaction.

Connections are shared out: however much one organization asks for at once, some are left for the others.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

import msgspec
import psycopg
import structlog
from prometheus_client import Counter
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from carelane.kit.auth import Actor
from carelane.kit.errors import StatementTimeoutError, UnavailableError
from carelane.kit.pipeline import HeldPipeline
from carelane.kit.turns import NoTurnError, Turns

POOL_WAIT_SECONDS = 10.0
# Of the connections, one organization leaves so many to the others: a quarter, but for the smallest pools.
_LEFT_TO_OTHERS = 4
# Where several hosts are named, or the name moves to another, connections must not stay with the old one for long.
CONNECTION_LIFE_SECONDS = 300.0
# The pool doubles its wait after each failed attempt to connect; given up this soon, an attempt is made anew by the next
# request, so that a database that was away for an hour is met again within seconds.
RECONNECT_SECONDS = 5.0
# A connection prepares what it is sent for the second time. psycopg's own five would have each statement planned six times over
# on each connection, which for the larger ones takes longer than to run them, and a connection lives for minutes only.
_PREPARE_AFTER = 1
# The defaults of the application role's sessions; `carelane migrate` and the embedded start set them. They are not sent with
# each connection, because poolers refuse such options.
SESSION_DEFAULTS = {
    # Statements that run longer are a fault of ours; the limit keeps one from holding a connection for good.
    "statement_timeout": "30s",
    "timezone": "UTC",
    # Every statement looks rows up by their keys, so its values change nothing about the best plan; planning once is enough.
    "plan_cache_mode": "force_generic_plan",
    # A page is read faster than helpers are started; and they would take the cores that other requests need.
    "max_parallel_workers_per_gather": "0",
}
# A host that vanished without a word is given up this soon, where the system would take a quarter of an hour. The URL may
# say otherwise; on a Unix socket these mean nothing.
NETWORK_DEFAULTS = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}

# A deadlock, or a lock that others hold for too long.
_IN_THE_WAY = (
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    psycopg.errors.LockNotAvailable,
)
# The server ended the session, or it was never had; nothing is wrong with what was asked.
_SESSION_LOST = (psycopg.OperationalError, psycopg.errors.IdleInTransactionSessionTimeout)

_BEGIN_READING = "BEGIN READ ONLY"
_BEGIN_MOMENT = "BEGIN READ ONLY ISOLATION LEVEL REPEATABLE READ"
# At the end of a statement that finds rows: they stay as they are until the transaction ends.
LOCK: LiteralString = " FOR NO KEY UPDATE"

TIMED_OUT = Counter(
    "carelane_statements_timed_out", "Statements that took longer than the database allows, or were ended"
)

Connection = psycopg.AsyncConnection[TupleRow]
Cursor = psycopg.AsyncCursor[TupleRow]
log = structlog.get_logger()


class Database:
    """A pool on one PostgreSQL database. `open()` before use, `close()` after.

    `pooled` says that the URL leads to a connection pooler: then no statement is prepared.
    """

    def __init__(self, url: str, max_connections: int, *, pooled: bool = False) -> None:
        options = {"autocommit": True, "application_name": "carelane"}
        self._turns = Turns(
            max_connections, max(1, max_connections - max_connections // _LEFT_TO_OTHERS), POOL_WAIT_SECONDS
        )
        self._pool = AsyncConnectionPool(
            open=False,
            min_size=min(2, max_connections),
            max_size=max_connections,
            timeout=POOL_WAIT_SECONDS,
            max_lifetime=CONNECTION_LIFE_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs=NETWORK_DEFAULTS
            | conninfo_to_dict(url)
            | options
            | {"prepare_threshold": None if pooled else _PREPARE_AFTER},
            name="carelane",
        )

    async def open(self) -> None:
        await self._pool.open()

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def transaction(self, actor: Actor) -> AsyncIterator[Connection]:
        """One transaction for the actor's organization: committed when the block ends, undone when it raises.

        Raises UnavailableError when the database cannot be reached, goes away in the middle, or takes no writes just now, and
        StatementTimeoutError when it takes too long.
        """
        async with self._bound(actor.organization_id, "BEGIN") as conn:
            yield conn

    @asynccontextmanager
    async def reading(self, organization_id: UUID, *, at_one_moment: bool = False) -> AsyncIterator[Connection]:
        """A borrowed connection that sees the organization's rows, each statement or all of them as they stand when it begins,
        and can write nothing."""
        async with self._bound(organization_id, _BEGIN_MOMENT if at_one_moment else _BEGIN_READING) as conn:
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
        owner = "" if organization_id is None else organization_id.hex
        began = asyncio.get_running_loop().time()
        try:
            await self._turns.take(owner)
        except NoTurnError:
            raise UnavailableError("too many requests at once; try again in a few seconds") from None
        try:
            left_seconds = began + POOL_WAIT_SECONDS - asyncio.get_running_loop().time()
            async with self._pool.connection(max(left_seconds, 0.1)) as conn:
                pipeline = conn._pipeline = HeldPipeline(conn)
                try:
                    async with pipeline:
                        pipeline.command(begin)
                        if organization_id is not None:
                            pipeline.command(_name_tenant(organization_id))
                        yield conn
                        pipeline.command("COMMIT")
                finally:
                    conn._pipeline = None
                    await _undo_what_is_open(conn)
        except psycopg.errors.ReadOnlySqlTransaction as error:
            if begin in (_BEGIN_READING, _BEGIN_MOMENT):
                raise
            raise _unavailable("the database takes no writes just now", error) from error
        except psycopg.errors.QueryCanceled as error:
            TIMED_OUT.inc()
            log.warning("statement_timed_out", error=type(error).__name__)
            raise StatementTimeoutError from error
        except _IN_THE_WAY as error:
            raise _unavailable("others work on the same records just now", error) from error
        except _SESSION_LOST as error:
            raise _unavailable("the database cannot be reached just now", error) from error
        finally:
            self._turns.give_back(owner)


def _name_tenant(organization_id: UUID) -> str:
    """What row-level security compares with, until the transaction ends. SET takes no parameter; hex digits need none.

    It costs the database as little as a prepared statement would, and a third of a `set_config` that is not prepared.
    """
    return f"SET LOCAL carelane.organization_id = '{organization_id.hex}'"


def _unavailable(what: str, error: psycopg.Error) -> UnavailableError:
    log.warning("database_unavailable", error=type(error).__name__)
    return UnavailableError(f"{what}; try again in a few seconds")


async def _undo_what_is_open(conn: Connection) -> None:
    """Leaving the pipeline waited for the server. Whatever is still open then was not committed.

    A connection on which the database found an error is closed, and the pool makes another, for two reasons. The server has
    skipped what was queued behind the error, prepared statements included, and psycopg no longer knows which are there. And a
    database that takes no writes may stay so for the sessions it has, while a new one is given to the new primary.
    """
    status = conn.info.transaction_status
    if status == psycopg.pq.TransactionStatus.INTRANS:
        await conn.wait(conn._exec_command(b"ROLLBACK"))
    elif status != psycopg.pq.TransactionStatus.IDLE:
        await conn.close()


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
