"""A new master key: every organization's data key is wrapped again, in one transaction. The data keys do not change.

Nobody else may be at work: processes that run have the old key in memory. So a change is refused beside them.

When the key is in its file, the order of the steps is such that a crash at any point loses nothing:

    1. the new key is on disk as `master.key.next`
    2. the data keys are wrapped again, all organizations at once; the database is under the new key
    3. every data key is read back and opened with the new key
    4. the old key is kept as `master.key.previous`, and the new one becomes `master.key`

Run again after a crash, it sees from `master.key.next` and the database how far it got, and goes on from there. Until then nothing
starts with a key that is no longer the database's. Keys before the previous one stay too: old backups need them.
"""

import base64
import os
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg

from carelane.kit import failpoints
from carelane.kit.errors import MendableError
from carelane.kit.keyring import MASTER_KEY_FILE, MasterKeyError, decode_master_key, sync_folder, write_secret
from carelane.kit.phi import KEY_BYTES, MasterKey, UnsealError
from carelane.processes.master_key import NEXT, PREVIOUS, find_fingerprint, shown
from carelane.settings import Settings

NEW_KEY_VARIABLE = "CARELANE_NEW_MASTER_KEY"
_LIST: LiteralString = "SELECT organization_id, version, wrapped FROM list_data_keys()"
_UPDATE: LiteralString = "UPDATE organization_data_keys SET wrapped = %s WHERE organization_id = %s AND version = %s"
_RECORD: LiteralString = """
INSERT INTO master_key (fingerprint) VALUES (%s)
ON CONFLICT (is_only) DO UPDATE SET fingerprint = excluded.fingerprint, recorded_at = now()
WHERE master_key.fingerprint <> excluded.fingerprint
"""
# Sessions of whoever may act as the application, on this machine or another; a superuser may act as anybody.
_OTHERS: LiteralString = """
SELECT count(*) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND r.rolname <> current_user AND NOT r.rolsuper
  AND pg_has_role(r.oid, 'carelane_app', 'USAGE')
"""


class RotationError(MendableError):
    """The master key was not changed; the message says why."""


WrappedKey = tuple[UUID, int, bytes]


def rotate_file(settings: Settings, owner_url: str) -> int:
    """Changes the key in `master.key`; returns how many data keys were wrapped again. Raises RotationError."""
    current = settings.data_dir / MASTER_KEY_FILE
    following = current.with_name(NEXT)
    if not current.exists():
        raise RotationError(f"there is no {current}")
    if not following.exists():
        _write_whole(following, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
    failpoints.reach("rotate.next_written")
    count = rewrap(owner_url, _read(str(current), current.read_text()), _read(str(following), following.read_text()))
    failpoints.reach("rotate.committed")
    _keep(current)
    failpoints.reach("rotate.previous_written")
    following.chmod(0o600)
    following.replace(current)
    sync_folder(current.parent)
    return count


def rotate_given(owner_url: str, old: str, new: str) -> int:
    """Changes from one given key to another; returns how many data keys were wrapped again. Raises RotationError."""
    before, after = _read("CARELANE_MASTER_KEY", old), _read(NEW_KEY_VARIABLE, new)
    if before.fingerprint == after.fingerprint:
        raise RotationError(f"{NEW_KEY_VARIABLE}: expected another key than the present one")
    return rewrap(owner_url, before, after)


def rewrap(owner_url: str, old: MasterKey, new: MasterKey) -> int:
    """One transaction for all organizations. Data keys that the new master key opens already are left alone."""
    with psycopg.connect(owner_url) as conn:
        # An organization that is being made waits, and finds then that its data key is under the wrong key.
        conn.execute("LOCK TABLE organization_data_keys, master_key IN SHARE ROW EXCLUSIVE MODE")
        _require_nobody_else(conn)
        _require_known(conn, old, new)
        changed = [_rewrapped(key, old, new) for key in _list(conn) if not _opens(key, new)]
        for organization_id, version, wrapped in changed:
            conn.execute(_UPDATE, (wrapped, organization_id, version))
        conn.execute(_RECORD, (new.fingerprint,))
        # Before the commit and not after it: a fault found here undoes everything.
        if not all(_opens(key, new) for key in _list(conn)):
            raise RotationError("a data key did not open under the new master key; nothing was changed")
        failpoints.reach("rotate.wrapped")
    return len(changed)


def _require_nobody_else(conn: psycopg.Connection) -> None:
    row = conn.execute(_OTHERS).fetchone()
    if row is None or row[0] > 0:
        raise RotationError(
            "the key was not changed: servers, workers or a connection pooler are connected to the database; stop them all, on "
            "every machine, and try again"
        )


def _require_known(conn: psycopg.Connection, old: MasterKey, new: MasterKey) -> None:
    recorded = find_fingerprint(conn)
    if recorded not in (None, old.fingerprint, new.fingerprint):
        raise RotationError(
            f"the present master key is {shown(old.fingerprint)}, but the database is under {shown(recorded or b'')}: "
            "its data keys do not open under the present master key"
        )


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


def _read(name: str, text: str) -> MasterKey:
    try:
        return decode_master_key(name, text)
    except MasterKeyError as error:
        raise RotationError(str(error)) from None


def _keep(current: Path) -> None:
    """As `master.key.previous`; the one that was there before gets the name of its fingerprint. None is ever overwritten."""
    previous = current.with_name(PREVIOUS)
    if previous.exists() and previous.read_bytes() != current.read_bytes():
        previous.rename(previous.with_name(f"{PREVIOUS}.{_name_of(previous)}"))
    _write_whole(previous, current.read_bytes())


def _name_of(path: Path) -> str:
    return _read(str(path), path.read_text()).fingerprint[:8].hex()


def _write_whole(path: Path, content: bytes) -> None:
    """Under a temporary name first: whoever sees the file sees all of it."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    write_secret(fresh, content)
    fresh.replace(path)
    sync_folder(path.parent)
