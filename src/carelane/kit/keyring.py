"""Data keys in memory: loaded once per organization and process, unwrapped with the master key."""

import base64
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from carelane.kit import data_folder
from carelane.kit.db import Database
from carelane.kit.errors import MendableError
from carelane.kit.phi import KEY_BYTES, DataKey, MasterKey

MASTER_KEY_FILE = "master.key"


class MasterKeyError(MendableError):
    """The master key is missing, cannot be read, or is not the one that the database is under."""


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
    """The master key from the setting, else from its file. Raises MasterKeyError when there is none, or none that can be read."""
    found = find_master_key(data_dir, given)
    if found is None:
        raise MasterKeyError(f"CARELANE_MASTER_KEY: it is not set, and there is no {data_dir / MASTER_KEY_FILE}")
    return found


def find_master_key(data_dir: Path, given: str | None) -> MasterKey | None:
    """The same, or None when there is none. Raises MasterKeyError."""
    if given is not None:
        return decode_master_key("CARELANE_MASTER_KEY", given)
    path = data_dir / MASTER_KEY_FILE
    if not path.exists():
        return None
    close_to_others(path)
    return decode_master_key(str(path), path.read_text(errors="replace"))


def decode_master_key(name: str, text: str) -> MasterKey:
    """`name` says where the text is from. Raises MasterKeyError."""
    try:
        return MasterKey(base64.b64decode(text.strip(), validate=True))
    except ValueError:
        # Not in the error's own words: they could tell something of the key.
        raise MasterKeyError(f"{name}: expected {KEY_BYTES} bytes in base64") from None


def create_master_key(data_dir: Path) -> MasterKey:
    """A new key in its file; or the one that another process, which started together with this one, was faster to put there."""
    path = data_dir / MASTER_KEY_FILE
    data_folder.make(data_dir)
    # Written in full under a temporary name, and linked only if no other process was faster.
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    write_secret(fresh, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    with suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    sync_folder(path.parent)
    return read_master_key(data_dir, None)


def close_to_others(path: Path) -> None:
    """Takes a key's file away from everybody but its owner, and says so. Raises MasterKeyError where that cannot be done."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if not mode & 0o077:
        return
    try:
        path.chmod(mode & 0o700)
    except OSError:
        raise MasterKeyError(
            f"{path} is open to others (mode {mode:04o}): expected one that its owner alone can read, `chmod 600 {path}`"
        ) from None
    sys.stderr.write(f"carelane: {path} was open to others (mode {mode:04o}) and is closed now; if anybody read it, "
                     "change the key: `carelane rotate-master-key`\n")  # fmt: skip


def write_secret(path: Path, content: bytes) -> None:
    """On disk, whole, readable by its owner only, before this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
