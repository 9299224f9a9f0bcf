"""How a child process notices that its parent is gone: a pipe between them.

The parent never writes. However it ends, the system closes its end of the pipe, and the child reads end of file. Unlike a
signal on the parent's death this works on every Unix, and leaves no gap while the child starts.
"""

import os
import signal
import threading
import time


def make() -> tuple[int, int]:
    """The child's end, to be inherited, and the parent's end, which must not be."""
    return os.pipe()


def hold(child_end: int, stop_seconds: float) -> None:
    """In the child: once the parent is gone, stops this process as SIGTERM would, or by force after `stop_seconds`."""
    threading.Thread(target=_wait, args=(child_end, stop_seconds), daemon=True, name="lifeline").start()


def _wait(child_end: int, stop_seconds: float) -> None:
    while os.read(child_end, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(stop_seconds)
    os._exit(1)
