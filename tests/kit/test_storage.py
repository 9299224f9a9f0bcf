"""The document store, asked by many at once."""

import asyncio

from carelane.kit.storage import Storage


async def test_many_may_ask_at_once_whether_it_can_be_written_to(tmp_path):
    storage = Storage(None, tmp_path)
    await asyncio.gather(*(storage.require_writable() for _ in range(64)))
    assert [path for path in (tmp_path / "documents").rglob("*") if path.is_file()] == []
