"""Files: sealed before they leave the process, kept in a folder or an object store (obstore), found by a random key.

An object is written before the row that names it. A crash in between leaves an object that no row names: it holds
nothing readable, and the timed job `documents.jobs.delete_orphans` removes it.

A store that is full, read-only or away is nobody's fault who asks for something: it is unavailable, as the database may be.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from carelane.kit.errors import UNWRITABLE, UnavailableError
from carelane.kit.phi import DataKey

_PLACE = "storage.object"
# Larger files are sealed and opened in another thread, and so many at a time that memory holds few copies.
_LARGE_BYTES = 1_048_576
_MOST_LARGE_AT_ONCE = 2
_MOST_LISTED = 1_000
# An object store gets this long in all, tried again within it. The callers' own patience is not much longer.
_RETRY_SECONDS = 10
_TIMEOUT_SECONDS = 30
# Whoever asks whether the store can be written to is told what was so within this time.
_REMEMBERED_SECONDS = 10.0
# More than fits beside an entry of a folder, so that it needs room of its own.
_PROBE = bytes(8_192)
_UNREADABLE = "the document store cannot be reached just now"

log = structlog.get_logger()


class Storage:
    """Puts, gets and deletes sealed objects."""

    def __init__(self, url: str | None, data_dir: Path) -> None:
        if url is None:
            folder = data_dir.resolve() / "documents"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            url = folder.as_uri()
        try:
            self._store: ObjectStore = _opened(url)
        except (BaseError, ValueError) as error:
            # Its second half repeats what it was given.
            why = str(error).partition("Debug source")[0].strip()
            raise ValueError(f"CARELANE_DOCUMENTS_URL: it cannot be opened ({why})") from None
        self._large = asyncio.Semaphore(_MOST_LARGE_AT_ONCE)
        self._probe = f"probe/{uuid4().hex}"
        self._probing = asyncio.Lock()
        self._is_writable = True
        self._asked_at = -_REMEMBERED_SECONDS

    async def put(self, data_key: DataKey, storage_key: str, object_id: UUID, content: bytes | bytearray) -> None:
        """Raises UnavailableError."""
        if len(content) <= _LARGE_BYTES:
            await self._write(obstore.put_async(self._store, storage_key, data_key.seal(content, _PLACE, object_id)))
            return
        async with self._large:
            sealed = await asyncio.to_thread(data_key.seal_in_pieces, content, _PLACE, object_id)
            await self._write(obstore.put_async(self._store, storage_key, sealed))

    async def get(self, data_key: DataKey, storage_key: str, object_id: UUID) -> bytes:
        """Raises FileNotFoundError, UnavailableError, or UnsealError when the object was changed."""
        with _unavailable(_UNREADABLE):
            result = await obstore.get_async(self._store, storage_key)
            sealed = bytes(await result.bytes_async())
        if len(sealed) <= _LARGE_BYTES:
            return data_key.open(sealed, _PLACE, object_id)
        return await asyncio.to_thread(data_key.open, sealed, _PLACE, object_id)

    async def delete(self, storage_keys: list[str]) -> None:
        if storage_keys:
            await obstore.delete_async(self._store, storage_keys)

    async def list_folders(self, folder: str | None = None) -> list[str]:
        """The paths of the folders in `folder`, or of the outermost ones."""
        found = await obstore.list_with_delimiter_async(self._store, folder)
        return list(found["common_prefixes"])

    async def list_older(self, folder: str, before: datetime) -> AsyncIterator[list[str]]:
        """The storage keys of objects in it last written before `before`, in batches of at most a thousand."""
        async for batch in obstore.list(self._store, folder, chunk_size=_MOST_LISTED):
            yield [entry["path"] for entry in batch if entry["last_modified"] < before]

    async def require_writable(self) -> None:
        """Raises UnavailableError unless the store takes a file, or took one a few seconds ago.

        Of two who ask at once, the second is told what the first found: else one deletes the other's file.
        """
        async with self._probing:
            if self._is_writable and time.monotonic() - self._asked_at < _REMEMBERED_SECONDS:
                return
            await self._write(obstore.put_async(self._store, self._probe, _PROBE))
            await self._write(obstore.delete_async(self._store, self._probe))

    async def _write(self, act: Awaitable[Any]) -> None:
        self._is_writable = False
        with _unavailable(UNWRITABLE):
            await act
        self._is_writable, self._asked_at = True, time.monotonic()


def _opened(url: str) -> ObjectStore:
    if url.startswith("file:"):
        return from_url(url)
    retries, options = (
        {"max_retries": 3, "retry_timeout": timedelta(seconds=_RETRY_SECONDS)},
        {"timeout": f"{_TIMEOUT_SECONDS}s"},
    )
    return from_url(url, retry_config=retries, client_options=options)  # type: ignore[call-overload,no-any-return]


@contextmanager
def _unavailable(what: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        # The store is there, and the object is not.
        raise
    except (BaseError, OSError) as error:
        log.warning("storage_unavailable", error=type(error).__name__)
        raise UnavailableError(f"{what}; try again in a few seconds") from error
