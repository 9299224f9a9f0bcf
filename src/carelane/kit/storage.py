"""Files: sealed before they leave the process, kept in a folder or an object store (obstore), found by a random key.

An object is written before the row that names it. A crash in between leaves an object that no row names: it holds
nothing readable, and the timed job `documents.jobs.delete_orphans` removes it.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from carelane.kit.phi import DataKey

_PLACE = "storage.object"
# Larger files are sealed and opened in another thread, and so many at a time that memory holds few copies.
_LARGE_BYTES = 1_048_576
_MOST_LARGE_AT_ONCE = 2
_MOST_LISTED = 1_000


class Storage:
    """Puts, gets and deletes sealed objects."""

    def __init__(self, url: str | None, data_dir: Path) -> None:
        if url is None:
            folder = data_dir.resolve() / "documents"
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            url = folder.as_uri()
        try:
            self._store: ObjectStore = from_url(url)
        except (BaseError, ValueError) as error:
            # Its second half repeats what it was given.
            why = str(error).partition("Debug source")[0].strip()
            raise ValueError(f"CARELANE_DOCUMENTS_URL: it cannot be opened ({why})") from None
        self._large = asyncio.Semaphore(_MOST_LARGE_AT_ONCE)

    async def put(self, data_key: DataKey, storage_key: str, object_id: UUID, content: bytes | bytearray) -> None:
        if len(content) <= _LARGE_BYTES:
            await obstore.put_async(self._store, storage_key, data_key.seal(content, _PLACE, object_id))
            return
        async with self._large:
            sealed = await asyncio.to_thread(data_key.seal_in_pieces, content, _PLACE, object_id)
            await obstore.put_async(self._store, storage_key, sealed)

    async def get(self, data_key: DataKey, storage_key: str, object_id: UUID) -> bytes:
        """Raises FileNotFoundError, or UnsealError when the object was changed."""
        result = await obstore.get_async(self._store, storage_key)
        sealed = bytes(await result.bytes_async())
        if len(sealed) <= _LARGE_BYTES:
            return data_key.open(sealed, _PLACE, object_id)
        return await asyncio.to_thread(data_key.open, sealed, _PLACE, object_id)

    async def delete(self, storage_keys: list[str]) -> None:
        if storage_keys:
            await obstore.delete_async(self._store, storage_keys)

    async def list_older(self, before: datetime) -> AsyncIterator[list[str]]:
        """The storage keys of objects last written before `before`, in batches of at most a thousand."""
        async for batch in obstore.list(self._store, chunk_size=_MOST_LISTED):
            yield [entry["path"] for entry in batch if entry["last_modified"] < before]
