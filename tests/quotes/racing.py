"""Simultaneous requests: all wait for the cart's row, which the test has locked until every one of them waits."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
import psycopg

Act = Callable[[], Awaitable[httpx.Response]]

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'carelane' AND wait_event_type = 'Lock'"


async def in_line(
    owner_url: str, cart_id: str, acts: Sequence[Act], meanwhile: str | None = None
) -> list[httpx.Response]:
    """The answers, in the order of the acts. Each comes when those before it wait for the row, and gets it in that order.

    `meanwhile` is a statement about the cart's quotes (`%s` is the cart), committed while all wait.
    """
    async with (
        await psycopg.AsyncConnection.connect(owner_url) as holder,
        await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as watcher,
    ):
        await holder.execute("SELECT FROM carts WHERE id = %s FOR NO KEY UPDATE", (cart_id,))
        tasks = []
        for act in acts:
            tasks.append(asyncio.ensure_future(act()))
            await _until_waiting(watcher, len(tasks))
        if meanwhile is not None:
            await holder.execute(meanwhile, (cart_id,))
        await holder.commit()
        return await asyncio.gather(*tasks)


async def _until_waiting(watcher: psycopg.AsyncConnection[Any], count: int, seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        row = await (await watcher.execute(_WAITING)).fetchone()
        if row is not None and row[0] >= count:
            return
        assert time.monotonic() < deadline, f"{row} of {count} wait for the cart"
        await asyncio.sleep(0.01)


# What is wrong in a clinic, whatever was asked for in whatever order; nothing is.
INCONSISTENT = """
SELECT c.id, c.status, c.archived_at IS NOT NULL, array_agg(q.status), count(DISTINCT h.id)
FROM carts c LEFT JOIN quotes q ON q.organization_id = c.organization_id AND q.cart_id = c.id
LEFT JOIN charges h ON h.organization_id = c.organization_id AND h.cart_id = c.id
WHERE c.organization_id = %s
GROUP BY c.organization_id, c.id, c.status, c.archived_at, c.charge_id
HAVING NOT coalesce(bool_and(CASE q.status
    WHEN 'ACCEPTED' THEN c.status = 'ACCEPTED'
    WHEN 'CONVERTED' THEN c.status = 'CONVERTED' AND q.charge_id = c.charge_id AND h.quote_id = q.id
    WHEN 'DECLINED' THEN true
    WHEN 'EXPIRED' THEN true
    ELSE c.status = 'DRAFT' AND c.archived_at IS NULL END), true)
  OR (c.status = 'ACCEPTED') <> (count(*) FILTER (WHERE q.status = 'ACCEPTED') = 1)
  OR (c.status = 'CONVERTED') <> (count(h.id) > 0)
  OR count(DISTINCT h.id) > 1
"""
