"""Many callers, one transaction: what comes while one batch of an organization is under way goes together in the next."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")


class Batches(Generic[ItemT, ResultT]):
    """`act(organization_id, items)` returns a result, or the error to raise, for each of the items, in their order.

    At most `max_at_once` organizations' batches are under way at a time: they share the database's connections.
    """

    def __init__(
        self, act: Callable[[UUID, list[ItemT]], Awaitable[Sequence[ResultT | Exception]]], max_at_once: int
    ) -> None:
        self._act = act
        self._places = asyncio.Semaphore(max_at_once)
        self._waiting: dict[UUID, list[tuple[ItemT, asyncio.Future[ResultT]]]] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}

    async def add(self, organization_id: UUID, item: ItemT) -> ResultT:
        """The item's result, once its batch has ended. Raises the item's error."""
        result: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(organization_id, []).append((item, result))
        # Whatever comes in the same moment goes along.
        await asyncio.sleep(0)
        async with self._locks.setdefault(organization_id, asyncio.Lock()), self._places:
            batch = self._waiting.pop(organization_id, [])
            # Empty: whoever had the lock before has taken this item along.
            if batch:
                await self._run(organization_id, batch)
        return await result

    async def _run(self, organization_id: UUID, batch: list[tuple[ItemT, asyncio.Future[ResultT]]]) -> None:
        results: Sequence[ResultT | Exception]
        try:
            results = await self._act(organization_id, [item for item, _ in batch])
        except Exception as error:
            results = [error] * len(batch)
        for (_, future), result in zip(batch, results, strict=True):
            if future.done():
                continue
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
