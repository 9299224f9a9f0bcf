"""Versions of records that have no column for it: what stands now, as a short text. Whoever changes a record says which one they saw.

require_same(body.version, stands)      raises ChangedMeanwhileError when it is another one by now
"""

import hashlib
from typing import Annotated

import msgspec
from msgspec import Meta

from carelane.kit.errors import ConflictError

Version = Annotated[str, Meta(max_length=40, description="As it was shown; without it whatever stands is replaced")]


class ChangedMeanwhileError(ConflictError):
    """Somebody changed this since you opened it"""

    code = "CHANGED_MEANWHILE"

    def __init__(self) -> None:
        super().__init__("somebody changed this since it was read; read it again and send its version")


def version_of(record: object) -> str:
    """The same text as long as the record says the same; the database gives the keys of objects back in another order."""
    return hashlib.sha256(msgspec.json.encode(record, order="deterministic")).hexdigest()[:20]


def require_same(seen: str | None, stands: str) -> None:
    """`seen` None: whatever stands is replaced. Raises ChangedMeanwhileError."""
    if seen is not None and seen != stands:
        raise ChangedMeanwhileError
