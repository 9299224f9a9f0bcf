"""The one source of time, so that tests and sandboxes can move it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


def _system_time() -> datetime:
    return datetime.now(UTC)


_sources: list[Callable[[], datetime]] = [_system_time]


def now() -> datetime:
    """The present, aware, in UTC."""
    return _sources[-1]()


def in_utc(moment: datetime | None) -> datetime | None:
    """A moment without a time zone is taken as UTC. Raises OverflowError when UTC has no such year."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@contextmanager
def moved(by: timedelta) -> Iterator[None]:
    """Lets time stand `by` later (or earlier) inside the block."""
    before = _sources[-1]
    _sources.append(lambda: before() + by)
    try:
        yield
    finally:
        _sources.pop()
