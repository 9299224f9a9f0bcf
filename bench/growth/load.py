"""Fills a database with any number of cases, as the tables' owner."""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from bench.growth.records import NUMBERS, ROWS, SETTING

# Of each table at a time; each is on disk before the next.
_CHUNK = 50_000
# New events get numbers and places behind those that were loaded.
_COUNTERS = """
SELECT setval(pg_get_serial_sequence('events', 'number'), (SELECT max(number) FROM events)),
  setval('event_positions', (SELECT max(position) FROM events))
"""


def load(owner_url: str, large: str, cases: int) -> None:
    """Twenty organizations, of which `large` has three cases in five."""
    values: dict[str, Any] = {"large": large, "cases": cases, "base": datetime.now(UTC) - timedelta(minutes=5)}
    began = time.monotonic()
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.cursor_factory = psycopg.ClientCursor
        # What triggers would write is among the rows, and every reference leads to one of them.
        conn.execute(
            "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '256MB'"
        )
        conn.execute(SETTING, values)
        newest = conn.execute("SELECT coalesce(max(position), 0), max(number) FROM events").fetchone()
        assert newest is not None
        values |= {"behind": newest[0], "numbered": newest[1]}
        for low in range(1, cases + 1, _CHUNK):
            _load_chunk(conn, values | {"low": low, "high": min(low + _CHUNK - 1, cases)}, cases, began)
        conn.execute(_COUNTERS)
        _say("VACUUM ANALYZE", began)
        conn.execute("VACUUM ANALYZE")
        conn.execute("CHECKPOINT")
        _say("loaded", began)


def _load_chunk(conn: psycopg.Connection, values: dict[str, Any], cases: int, began: float) -> None:
    conn.execute("DROP VIEW IF EXISTS one")
    conn.execute(NUMBERS, values)
    for table, statement in ROWS.items():
        conn.execute(statement, values)
        _say(f"{table}, to case {values['high']:,} of {cases:,}", began)


def _say(text: str, began: float) -> None:
    sys.stderr.write(f"load: {time.monotonic() - began:7.1f} s {text}\n")
