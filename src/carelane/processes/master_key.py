"""The master key and the database belong together: the database knows the fingerprint of the key that its data keys are under.

Nothing starts with another key, and a new key is made for a new database only: beside existing data it could open nothing.
"""

from pathlib import Path
from typing import LiteralString

import psycopg

from carelane.kit.keyring import (
    MASTER_KEY_FILE,
    MasterKeyError,
    close_to_others,
    create_master_key,
    decode_master_key,
    find_master_key,
)
from carelane.kit.phi import MasterKey, UnsealError
from carelane.settings import Settings

PREVIOUS = "master.key.previous"
NEXT = "master.key.next"
# So much of a fingerprint is enough for people to tell one from another.
_SHOWN_BYTES = 4

_FIND: LiteralString = "SELECT fingerprint FROM master_key"
_RECORD: LiteralString = "INSERT INTO master_key (fingerprint) VALUES (%s) ON CONFLICT DO NOTHING"
_LIST: LiteralString = "SELECT organization_id, wrapped FROM list_data_keys()"


def settle(settings: Settings, application_url: str, *, creates: bool) -> None:
    """Records the key's fingerprint in a database that knows none yet. Raises MasterKeyError unless the key is the database's.

    With `creates` a key is made where there is none, if no data keys exist that it could not open.
    """
    with psycopg.connect(application_url, autocommit=True, prepare_threshold=None) as conn:
        key = find_master_key(settings.data_dir, settings.master_key)
        recorded = find_fingerprint(conn)
        if recorded is None:
            key = _first_key(conn, settings, key, creates=creates)
            conn.execute(_RECORD, (key.fingerprint,))
            # Another process may have been faster, with another key.
            recorded = find_fingerprint(conn)
    assert recorded is not None
    if key is None:
        raise MasterKeyError(
            f"CARELANE_MASTER_KEY: it is not set and there is no {settings.data_dir / MASTER_KEY_FILE}, but this database's data "
            f"is under the master key {shown(recorded)}. {_what_to_do(settings, recorded)}"
        )
    if key.fingerprint != recorded:
        raise MasterKeyError(
            f"CARELANE_MASTER_KEY: {_where(settings)} is the master key {shown(key.fingerprint)}, but this database's data is "
            f"under {shown(recorded)}. {_what_to_do(settings, recorded)}"
        )


def find_fingerprint(conn: psycopg.Connection) -> bytes | None:
    """Of the key that the database is under; None before its first start."""
    row = conn.execute(_FIND).fetchone()
    return None if row is None else bytes(row[0])


def shown(fingerprint: bytes) -> str:
    return f"{fingerprint[:_SHOWN_BYTES].hex()}…"


def _first_key(conn: psycopg.Connection, settings: Settings, key: MasterKey | None, *, creates: bool) -> MasterKey:
    """The key to be recorded: the one that is there, if it opens every data key, or a new one."""
    wrapped = [(row[0], bytes(row[1])) for row in conn.execute(_LIST)]
    path = settings.data_dir / MASTER_KEY_FILE
    if key is None:
        if wrapped or not creates:
            raise MasterKeyError(
                f"CARELANE_MASTER_KEY: it is not set, and there is no {path}. "
                + (
                    "Put back the key from your backup."
                    if wrapped
                    else "`carelane serve` makes one for a new database."
                )
            )
        return create_master_key(settings.data_dir)
    try:
        for organization_id, data_key in wrapped:
            key.unwrap(organization_id, data_key)
    except UnsealError:
        raise MasterKeyError(
            f"CARELANE_MASTER_KEY: {_where(settings)} does not open this database's data keys. {_what_to_do(settings, None)}"
        ) from None
    return key


def _where(settings: Settings) -> str:
    return "what is set" if settings.master_key is not None else f"what is in {settings.data_dir / MASTER_KEY_FILE}"


def _what_to_do(settings: Settings, recorded: bytes | None) -> str:
    found = None if recorded is None else _file_with(settings.data_dir, recorded)
    if found is None:
        return "Put that key back from your backup: without it, answers, notes and documents can never be read again."
    if found.name == NEXT:
        return "A change of the key was interrupted: run `carelane rotate-master-key` again."
    place = "set CARELANE_MASTER_KEY to what" if settings.master_key is not None else f"copy to {MASTER_KEY_FILE} what"
    return f"That key is here: {place} {found} holds."


def _file_with(data_dir: Path, fingerprint: bytes) -> Path | None:
    """The file, among those that earlier changes of the key left, that holds the key with the fingerprint."""
    for path in sorted(data_dir.glob(f"{MASTER_KEY_FILE}*")):
        try:
            close_to_others(path)
            if decode_master_key(path.name, path.read_text(errors="replace")).fingerprint == fingerprint:
                return path
        except (MasterKeyError, OSError):
            continue
    return None
