"""A child process shows that it works, and not only that it is there: a byte each second, written by its event loop.

One that is stopped (SIGSTOP), deadlocked or caught in a loop is silent, and its parent replaces it. What is counted are the
parent's own looks, so that a machine that slept, or a parent that was stopped itself, takes nobody for dead.
"""

import asyncio
import os
from contextlib import suppress

BEAT_SECONDS = 1.0
# A child that ends by itself finishes what it has in hand first, in silence.
MAX_SILENT_BEATS = 15
# To be loaded, and to wait for the database, takes longer.
MAX_BEATS_TO_START = 100


class Heartbeat:
    """The parent's side: a pipe, one for each start of a child."""

    def __init__(self) -> None:
        self._parent_end, self.child_end = os.pipe()
        for end in (self._parent_end, self.child_end):
            os.set_blocking(end, False)

    def let_child_hold(self) -> None:
        """Once the child has its end, the parent needs it no more."""
        os.close(self.child_end)

    async def until_silent(self) -> None:
        """Returns when the child has been silent for too long."""
        left = MAX_BEATS_TO_START
        while left:
            await asyncio.sleep(BEAT_SECONDS)
            left = MAX_SILENT_BEATS if self._was_heard() else left - 1

    def close(self) -> None:
        os.close(self._parent_end)

    def _was_heard(self) -> bool:
        with suppress(BlockingIOError):
            return bool(os.read(self._parent_end, 4096))
        return False


def beat(child_end: int) -> None:
    """In the child. A parent that does not listen, or is gone, is not waited for."""
    with suppress(BlockingIOError, BrokenPipeError):
        os.write(child_end, b".")


async def keep_beating(child_end: int) -> None:
    while True:
        beat(child_end)
        await asyncio.sleep(BEAT_SECONDS)
