"""How many there are on all pages, where that costs more than the page."""

import time
from collections.abc import Hashable

# From this many on, a total may be a while old.
LARGE = 10_000
# So many times as long as it took to count it, but no shorter than the first, and no longer than the second.
_TIMES_AS_LONG = 200
_LEAST_SECONDS, _MOST_SECONDS = 2.0, 60.0
# Keys are a few hundred bytes. The oldest go first.
_MAX_REMEMBERED = 1_000


class Totals:
    """Large counts, remembered for a while: to count a hundred thousand rows costs more than to show a page of them.

    Small ones are counted every time, so that a clinic sees what it has just made.
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, tuple[float, int]] = {}

    def find(self, key: Hashable) -> int | None:
        until, total = self._known.get(key, (0.0, 0))
        return total if time.monotonic() < until else None

    def keep(self, key: Hashable, total: int, seconds: float) -> None:
        """`seconds`: what it took to count it."""
        self._known.pop(key, None)
        if total >= LARGE:
            if len(self._known) >= _MAX_REMEMBERED:
                self._known.pop(next(iter(self._known)))
            self._known[key] = (
                time.monotonic() + min(max(seconds * _TIMES_AS_LONG, _LEAST_SECONDS), _MOST_SECONDS),
                total,
            )


# Of this process: what each list's filters select, by the list's name, the organization and the filters.
TOTALS = Totals()
