"""One look for all queues of a process at whether anything is due, in place of a claim from each of them, several times a second.

A queue that has nothing to do rests until the bell rings for it. The look judges more widely than the claims do, and is repeated for
as long as something is due, so no ring can be missed for good. Even so a queue looks for itself from time to time: whether work is
done must not hang on one statement.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

LONGEST_REST_SECONDS = 5.0


class Bell:
    """`list_due` returns the names of the queues that have anything due. Somebody must call `look` again and again."""

    def __init__(self, list_due: Callable[[], Awaitable[Collection[str]]]) -> None:
        self._list_due = list_due
        self._rings: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def look(self) -> int:
        """Rings for whoever has anything due. Always 0, so that `claims.repeat` rests before the next."""
        for name in await self._list_due():
            self._rings[name].set()
        return 0

    async def rest(self, name: str, seconds: float) -> None:
        """Until it rings for the queue, but at least so many seconds, and not for long."""
        loop, ring = asyncio.get_running_loop(), self._rings[name]
        ends_at = loop.time() + seconds
        ring.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_REST_SECONDS):
                await ring.wait()
        await asyncio.sleep(ends_at - loop.time())
