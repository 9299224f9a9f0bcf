"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Soon at first, and more seldom the longer it takes: looking costs what is waited for its time on the processor.
FIRST_PAUSE_SECONDS = 0.02
LONGEST_PAUSE_SECONDS = 0.2


def until(look: Callable[[], T], seconds: float = 15.0) -> T:
    """The first true thing that `look` returns."""
    deadline = time.monotonic() + seconds
    pause_seconds = FIRST_PAUSE_SECONDS
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 1.5, LONGEST_PAUSE_SECONDS)
