"""A database that is told to take no writes, as a primary is that was replaced by another."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from carelane.kit.embedded_postgres import EmbeddedPostgres
from tests.processes.waiting import until

_READ_ONLY = "default_transaction_read_only"


@contextmanager
def read_only(database: EmbeddedPostgres) -> Iterator[None]:
    """Every session takes no writes from its next transaction on, until the block ends."""
    _administer(database, f"ALTER SYSTEM SET {_READ_ONLY} = on", "SELECT pg_reload_conf()")
    try:
        _wait_until_it_is(database, "on")
        yield
    finally:
        _administer(database, f"ALTER SYSTEM RESET {_READ_ONLY}", "SELECT pg_reload_conf()")
        _wait_until_it_is(database, "off")


@contextmanager
def read_only_sessions(database: EmbeddedPostgres) -> Iterator[None]:
    """Sessions that begin during the block take no writes as long as they live; those from before it are ended."""
    _administer(database, f"ALTER DATABASE carelane SET {_READ_ONLY} = on")
    try:
        end_sessions(database)
        yield
    finally:
        _administer(database, f"ALTER DATABASE carelane RESET {_READ_ONLY}")


def end_sessions(database: EmbeddedPostgres) -> None:
    """As an orderly shutdown does."""
    _administer(database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'carelane'")


def _administer(database: EmbeddedPostgres, *statements: str) -> None:
    with psycopg.connect(database.owner_url, autocommit=True, options=f"-c {_READ_ONLY}=off") as conn:
        for statement in statements:
            conn.execute(statement.encode())


def _wait_until_it_is(database: EmbeddedPostgres, value: str) -> None:
    """The old sessions have been told once a new one begins so."""

    def look() -> bool:
        with psycopg.connect(database.application_url) as conn:
            return conn.execute(f"SHOW {_READ_ONLY}".encode()).fetchone() == (value,)

    until(look)
