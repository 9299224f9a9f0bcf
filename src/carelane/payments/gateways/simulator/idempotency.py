"""Idempotency keys: the first answer is given again for a day, to the same call only."""

from collections.abc import Hashable

import msgspec

from carelane.payments.gateways.simulator.errors import key_in_use, key_reused

KEPT_SECONDS = 86_400


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    request_id: str


class _Entry(msgspec.Struct):
    path: str
    body: bytes
    began_at: int
    # None while it is in progress.
    answer: Answer | None = None


class IdempotencyKeys:
    def __init__(self) -> None:
        self._entries: dict[Hashable, _Entry] = {}

    def begin(self, account: str, key: str, path: str, body: bytes, now: int) -> Answer | None:
        """The answer to give again; None when this is the first, which then must end. Raises ApiError."""
        entry = self._entries.get((account, key))
        if entry is None or (entry.answer is not None and entry.began_at + KEPT_SECONDS <= now):
            self._entries[account, key] = _Entry(path, body, now)
            return None
        if (entry.path, entry.body) != (path, body):
            raise key_reused(key, entry.path, path)
        if entry.answer is None:
            raise key_in_use(key)
        return entry.answer

    def end(self, account: str, key: str, answer: Answer | None) -> None:
        """None: nothing was begun, so that the key is free again."""
        if answer is None:
            self._entries.pop((account, key), None)
        elif (entry := self._entries.get((account, key))) is not None:
            entry.answer = answer

    def forget_all(self) -> None:
        """But for what is in progress."""
        self._entries = {key: entry for key, entry in self._entries.items() if entry.answer is None}
