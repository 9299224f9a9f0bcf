"""Data keys in memory: loaded once per organization and process, unwrapped with the master key."""

import base64
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from carelane.kit.db import Database
from carelane.kit.phi import KEY_BYTES, DataKey, MasterKey

MASTER_KEY_FILE = "master.key"


class Keyring:
    """Hands out each organization's DataKey."""

    def __init__(self, master_key: MasterKey, db: Database) -> None:
        self._master_key = master_key
        self._db = db
        self._data_keys: dict[UUID, DataKey] = {}

    async def data_key(self, organization_id: UUID) -> DataKey:
        """The organization's key. Raises UnsealError when the master key is not the one it was wrapped with."""
        found = self._data_keys.get(organization_id)
        if found is None:
            wrapped = await self._load(organization_id)
            found = DataKey(organization_id, self._master_key.unwrap(organization_id, wrapped))
            self._data_keys[organization_id] = found
        return found

    async def _load(self, organization_id: UUID) -> bytes:
        async with self._db.reading(organization_id) as conn:
            cursor = await conn.execute(
                "SELECT wrapped FROM organization_data_keys WHERE organization_id = %s AND version = 1",
                (organization_id,),
            )
            row = await cursor.fetchone()
        if row is None:
            raise LookupError("the organization has no data key")
        return bytes(row[0])


def read_master_key(data_dir: Path, given: str | None) -> MasterKey:
    """The master key from the setting, else from its file, which is created on first start, readable by its owner only.

    Raises ValueError when the key is not 32 bytes in base64.
    """
    if given is None:
        given = _read_or_create(data_dir / MASTER_KEY_FILE)
    try:
        return MasterKey(base64.b64decode(given.strip(), validate=True))
    except ValueError as error:
        raise ValueError(f"CARELANE_MASTER_KEY: expected {KEY_BYTES} bytes in base64 ({error})") from None


def _read_or_create(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written in full under a temporary name, and linked only if no other process was faster: two that start together
        # end up with one key.
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return path.read_text()
