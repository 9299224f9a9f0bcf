"""Taking turns at what there is little of, such as memory: so much at once, and of one owner no more than a share.

Who finds nothing left waits. Owners are served in rotation, each in the order in which it came, so that one who asks a
thousand times is no more in the way than one who asks once.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec


class NoTurnError(Exception):
    """The turn did not come in time."""


class _Waiting(msgspec.Struct, eq=False):
    amount: int
    came: asyncio.Future[None]


class Turns:
    """One per process and thing. An amount beyond a share is let in when its owner holds nothing else."""

    def __init__(self, total: int, share: int, wait_seconds: float) -> None:
        self._left = total
        self._share = share
        self._wait_seconds = wait_seconds
        self._held: dict[str, int] = {}
        self._queues: dict[str, deque[_Waiting]] = {}

    @asynccontextmanager
    async def turn(self, owner: str, amount: int = 1) -> AsyncIterator[None]:
        """Raises NoTurnError."""
        await self.take(owner, amount)
        try:
            yield
        finally:
            self.give_back(owner, amount)

    async def take(self, owner: str, amount: int = 1) -> None:
        """To be given back by `give_back`. Raises NoTurnError."""
        if not self._queues and self._fits(owner, amount):
            self._hold(owner, amount)
            return
        waiting = _Waiting(amount, asyncio.get_running_loop().create_future())
        self._queues.setdefault(owner, deque()).append(waiting)
        self._let_in()
        try:
            async with asyncio.timeout(self._wait_seconds):
                await waiting.came
        except BaseException as error:
            self._forget(owner, waiting)
            if isinstance(error, TimeoutError):
                raise NoTurnError from None
            raise

    def give_back(self, owner: str, amount: int = 1) -> None:
        self._left += amount
        self._held[owner] -= amount
        if not self._held[owner]:
            del self._held[owner]
        self._let_in()

    def _is_within_share(self, owner: str, amount: int) -> bool:
        held = self._held.get(owner, 0)
        return not held or held + amount <= self._share

    def _fits(self, owner: str, amount: int) -> bool:
        # What is larger than everything there is gets its turn when nobody holds anything.
        return self._is_within_share(owner, amount) and (amount <= self._left or not self._held)

    def _hold(self, owner: str, amount: int) -> None:
        self._left -= amount
        self._held[owner] = self._held.get(owner, 0) + amount

    def _let_in(self) -> None:
        """Whoever was let in goes to the end of the rotation."""
        while (owner := self._next()) is not None:
            queue = self._queues.pop(owner)
            waiting = queue.popleft()
            if queue:
                self._queues[owner] = queue
            self._hold(owner, waiting.amount)
            waiting.came.set_result(None)

    def _next(self) -> str | None:
        """Who wants more than there is holds up those behind it, or its turn would never come; who has used up its share
        holds up nobody."""
        for owner, queue in list(self._queues.items()):
            while queue and queue[0].came.done():
                queue.popleft()
            if not queue:
                del self._queues[owner]
            elif self._fits(owner, queue[0].amount):
                return owner
            elif self._is_within_share(owner, queue[0].amount):
                return None
        return None

    def _forget(self, owner: str, waiting: _Waiting) -> None:
        """Its turn may have come in the very moment in which it gave up."""
        if waiting.came.done() and not waiting.came.cancelled():
            self.give_back(owner, waiting.amount)
            return
        waiting.came.cancel()
        self._let_in()
