"""Forcing what happens at once: a row that is locked is a door, and whoever wants the row stands before it in a queue. Once all are
there it opens, and they go through in the order in which they came, each before the other has ended.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg

PATIENCE_SECONDS = 30
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Door:
    def __init__(self, holder: psycopg.Connection[Any], looker: psycopg.Connection[Any]) -> None:
        self._holder = holder
        self._looker = looker

    def open(self) -> None:
        self._holder.rollback()

    async def until(self, count: int) -> None:
        """So many stand before it."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (row := self._looker.execute(_WAITING).fetchone()) is None or row[0] < count:
            assert time.monotonic() < deadline, f"{row} of {count} came"
            await asyncio.sleep(0.01)


@asynccontextmanager
async def closed(owner_url: str, table: LiteralString, record_id: UUID) -> AsyncIterator[Door]:
    """Nobody else's locks are looked at: it takes a database where nothing happens but what the test does."""
    with psycopg.connect(owner_url) as holder, psycopg.connect(owner_url, autocommit=True) as looker:
        holder.execute(f"SELECT FROM {table} WHERE id = %s FOR NO KEY UPDATE", (record_id,))
        yield Door(holder, looker)


async def in_turn(owner_url: str, table: LiteralString, record_id: UUID, *acts: Coroutine[Any, Any, Any]) -> list[Any]:
    """What comes of acts that all want the row before any of them has it, and get it in this order."""
    async with closed(owner_url, table, record_id) as door:
        running = []
        for count, act in enumerate(acts, start=1):
            running.append(asyncio.create_task(act))
            await door.until(count)
        door.open()
        return list(await asyncio.gather(*running))
