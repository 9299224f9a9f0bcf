"""Answers that are the same for everybody, kept while nothing in them has changed.

An answer is kept with the storefronts that it tells of and how far each was. Whoever asks the same again costs one look at
the database, which says whether they are still there; after LIFETIME_SECONDS the answer is made anew whatever it says, for what
changes by the clock alone.
"""

import time
from collections import OrderedDict

import msgspec

from carelane.organizations.branding.queries import FoundStorefront
from carelane.organizations.branding.reads import find_storefront
from carelane.services import Services

LIFETIME_SECONDS = 5.0
MAX_BYTES = 8_388_608
# One larger than this is made anew each time.
MAX_ANSWER_BYTES = 1_048_576

# The query, the operation's name, and the variables as JSON.
Question = tuple[str, str | None, bytes]


class Asked(msgspec.Struct, frozen=True):
    """How a storefront was named, and which that was."""

    found: FoundStorefront
    link_name: str | None = None


class Kept(msgspec.Struct, frozen=True):
    """An answer, and which storefronts it tells of."""

    body: bytes
    asked: list[Asked]
    ends_at: float
    size_bytes: int


class Answers:
    """One per process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Question, Kept] = OrderedDict()
        self._size_bytes = 0

    async def find(self, services: Services, question: Question) -> Kept | None:
        """The answer, if it would be the same now."""
        kept = self._kept.get(question)
        if kept is None:
            return None
        is_same = time.monotonic() < kept.ends_at
        for each in kept.asked:
            organization_id = None if each.link_name else each.found.organization_id
            is_same = is_same and each.found == await find_storefront(
                services, link_name=each.link_name, organization_id=organization_id
            )
        if is_same:
            return kept
        self._forget(question)
        return None

    def keep(self, question: Question, body: bytes, asked: list[Asked]) -> None:
        size_bytes = len(body) + len(question[0]) + len(question[2])
        if not asked or size_bytes > MAX_ANSWER_BYTES:
            return
        self._forget(question)
        self._kept[question] = Kept(body, asked, time.monotonic() + LIFETIME_SECONDS, size_bytes)
        self._size_bytes += size_bytes
        while self._size_bytes > MAX_BYTES:
            self._forget(next(iter(self._kept)))

    def _forget(self, question: Question) -> None:
        kept = self._kept.pop(question, None)
        self._size_bytes -= kept.size_bytes if kept else 0
