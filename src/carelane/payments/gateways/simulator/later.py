"""What becomes of an object by itself after a while: the end of a payment that is processing, of a pending refund."""

import asyncio
from collections.abc import Callable


class Later:
    def __init__(self) -> None:
        self._waiting: dict[str, list[Callable[[], None]]] = {}

    def plan(self, object_id: str, seconds: float, work: Callable[[], None]) -> None:
        """With 0 seconds only `settle` does it."""
        self._waiting.setdefault(object_id, []).append(work)
        if seconds > 0:
            asyncio.get_running_loop().call_later(seconds, lambda: self._run(object_id, work))

    def settle(self, object_id: str) -> bool:
        """False when nothing waits for it."""
        works = self._waiting.pop(object_id, [])
        for work in works:
            work()
        return bool(works)

    def settle_all(self) -> None:
        for object_id in list(self._waiting):
            self.settle(object_id)

    def forget_all(self) -> None:
        """A timer that comes later finds nothing to do."""
        self._waiting.clear()

    def _run(self, object_id: str, work: Callable[[], None]) -> None:
        works = self._waiting.get(object_id, [])
        if work in works:
            works.remove(work)
            if not works:
                del self._waiting[object_id]
            work()
