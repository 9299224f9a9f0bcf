"""A new master key: every organization's data key is wrapped again, in one transaction. The data keys do not change.

When the key is in its file, the order of the steps is such that a crash at any point loses nothing:

    1. the new key is on disk as `master.key.next`
    2. the data keys are wrapped again, all organizations at once
    3. every data key is read back and opened with the new key
    4. the old key is kept as `master.key.previous`, and the new one becomes `master.key`

Run again after a crash, it sees from `master.key.next` and the database how far it got, and goes on from there.
"""

import base64
import os
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg

from carelane.kit.errors import MendableError
from carelane.kit.keyring import MASTER_KEY_FILE
from carelane.kit.phi import KEY_BYTES, MasterKey, UnsealError
from carelane.settings import Settings

NEW_KEY_VARIABLE = "CARELANE_NEW_MASTER_KEY"
_LIST: LiteralString = "SELECT organization_id, version, wrapped FROM list_data_keys()"
_UPDATE: LiteralString = "UPDATE organization_data_keys SET wrapped = %s WHERE organization_id = %s AND version = %s"


class RotationError(MendableError):
    """The master key was not changed; the message says why."""


WrappedKey = tuple[UUID, int, bytes]


def rotate_file(settings: Settings, owner_url: str) -> int:
    """Changes the key in `master.key`; returns how many data keys were wrapped again. Raises RotationError."""
    current = settings.data_dir / MASTER_KEY_FILE
    following, previous = current.with_name("master.key.next"), current.with_name("master.key.previous")
    if not current.exists():
        raise RotationError(f"there is no {current}")
    if not following.exists():
        _write_whole(following, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    count = rewrap(owner_url, _read(current.read_text()), _read(following.read_text()))
    _write_whole(previous, current.read_bytes())
    following.replace(current)
    _sync_folder(current.parent)
    return count


def rotate_given(owner_url: str, old: str, new: str) -> int:
    """Changes from one given key to another; returns how many data keys were wrapped again. Raises RotationError."""
    return rewrap(owner_url, _read(old), _read(new))


def rewrap(owner_url: str, old: MasterKey, new: MasterKey) -> int:
    """One transaction for all organizations. Data keys that the new master key opens already are left alone."""
    with psycopg.connect(owner_url) as conn:
        conn.execute("LOCK TABLE organization_data_keys IN SHARE ROW EXCLUSIVE MODE")
        changed = [_rewrapped(key, old, new) for key in _list(conn) if not _opens(key, new)]
        for organization_id, version, wrapped in changed:
            conn.execute(_UPDATE, (wrapped, organization_id, version))
        # Before the commit and not after it: a fault found here undoes everything.
        if not all(_opens(key, new) for key in _list(conn)):
            raise RotationError("a data key did not open under the new master key; nothing was changed")
    return len(changed)


def _list(conn: psycopg.Connection) -> list[WrappedKey]:
    return [(row[0], row[1], bytes(row[2])) for row in conn.execute(_LIST)]


def _opens(key: WrappedKey, master_key: MasterKey) -> bool:
    try:
        master_key.unwrap(key[0], key[2])
    except UnsealError:
        return False
    return True


def _rewrapped(key: WrappedKey, old: MasterKey, new: MasterKey) -> WrappedKey:
    organization_id, version, wrapped = key
    try:
        return organization_id, version, new.wrap(organization_id, old.unwrap(organization_id, wrapped))
    except UnsealError:
        raise RotationError(
            f"the data key of organization {organization_id} does not open under the present master key"
        ) from None


def _read(text: str) -> MasterKey:
    try:
        return MasterKey(base64.b64decode(text.strip(), validate=True))
    except ValueError as error:
        raise RotationError(f"expected {KEY_BYTES} bytes in base64 ({error})") from None


def _write_whole(path: Path, content: bytes) -> None:
    """On disk, whole, readable by its owner only, before this returns."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
