"""How a child process notices that its parent is gone: a pipe between them.

The parent never writes. However it ends, the system closes its end of the pipe, and the child reads end of file. Unlike a
signal on the parent's death this works on every Unix, and leaves no gap while the child starts.
"""

import os
import select
import signal
import threading
import time
from collections.abc import Sequence


def make() -> tuple[int, int]:
    """The child's end, to be inherited, and the parent's end, which must not be."""
    return os.pipe()


def hold(child_ends: Sequence[int], stop_seconds: float) -> None:
    """In the child: once a parent is gone, stops this process as SIGTERM would, or by force after `stop_seconds`."""
    threading.Thread(target=_wait, args=(child_ends, stop_seconds), daemon=True, name="lifeline").start()


def is_cut(child_end: int) -> bool:
    """Whether the parent is gone."""
    return bool(select.select([child_end], [], [], 0)[0])


def _wait(child_ends: Sequence[int], stop_seconds: float) -> None:
    select.select(child_ends, [], [])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(stop_seconds)
    os._exit(1)
