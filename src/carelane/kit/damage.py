"""Sealed values as they are shown. One that does not open is shown as damaged, counted and logged: it must not hide what stands beside it.

Whoever acts on a value opens it with its key, and does nothing when it does not open.
"""

from typing import TypeVar
from uuid import UUID

import msgspec
import structlog
from prometheus_client import Counter

from carelane.kit.phi import DataKey, UnsealError

# Stands where the text would.
DAMAGED = "[damaged: this cannot be opened any more]"
FOUND = Counter("carelane_damaged_values", "Sealed values that did not open when they were to be shown", ["place"])

# Where more are damaged than this, the log has said so long ago.
_MOST_TOLD = 1_000
_told: set[tuple[str, UUID]] = set()

T = TypeVar("T")
E = TypeVar("E")
log = structlog.get_logger()


def shown(key: DataKey, sealed: bytes, place: str, row_id: UUID) -> str:
    """The text, or DAMAGED."""
    try:
        return key.open(sealed, place, row_id).decode()
    except (UnsealError, UnicodeDecodeError):
        tell(place, row_id)
        return DAMAGED


def shown_as(key: DataKey, sealed: bytes, place: str, row_id: UUID, kind: type[T], instead: E) -> T | E:
    """What was sealed as JSON, or `instead`."""
    try:
        return msgspec.json.decode(key.open(sealed, place, row_id), type=kind)
    except (UnsealError, msgspec.DecodeError):
        tell(place, row_id)
        return instead


def tell(place: str, row_id: UUID) -> None:
    """Of a value that did not open, or is lost. Each time counted; by each process logged once, for a list is asked for again and again."""
    FOUND.labels(place).inc()
    if (place, row_id) not in _told and len(_told) < _MOST_TOLD:
        _told.add((place, row_id))
        log.error("value_damaged", place=place, row_id=str(row_id))
