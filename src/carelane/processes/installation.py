"""Which installation a command works on: the one that is named, the one in this folder, or the one that runs.

An installation is a data folder with an embedded database in it, or a database of your own. `carelane serve` makes one, and
while it runs it says where in the person's own state folder, so that commands beside it need not be told.
"""

import fcntl
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from carelane.kit import data_folder
from carelane.kit.errors import MendableError
from carelane.settings import PREFIX, Settings

_LOCK = "serve.lock"
_MAKE_ONE = "`carelane serve` makes one"


class NoInstallationError(MendableError):
    """There is no installation where the command looked, or more than one; the message says how to name or make one."""


class RunsAlreadyError(MendableError):
    """A server runs on the data folder."""


def require_existing(settings: Settings, *, is_named: bool) -> Settings:
    """The settings with the data folder of an installation that exists. Makes nothing. Raises NoInstallationError.

    `is_named`: the folder is not the usual one, but one that the person chose.
    """
    if settings.database_url is not None or is_installed(settings.data_dir):
        if settings.database_url is None and not is_named:
            _require_no_other_runs(settings.data_dir)
        return settings
    elsewhere = list_running()
    if is_named or not elsewhere:
        raise NoInstallationError(
            f"there is no installation in {settings.data_dir}; name one with --data-dir or {PREFIX}DATA_DIR, or your own "
            f"database with {PREFIX}DATABASE_URL; {_MAKE_ONE}{_told(elsewhere)}"
        )
    if len(elsewhere) > 1:
        raise NoInstallationError(f"several servers run here; name one with --data-dir{_told(elsewhere)}")
    sys.stderr.write(f"carelane: working on {elsewhere[0]}, where a server runs\n")
    return msgspec.structs.replace(settings, data_dir=elsewhere[0])


def is_installed(data_dir: Path) -> bool:
    """Raises DataFolderError where that cannot be seen."""
    try:
        found = (data_dir / "postgres").is_dir()
    except OSError:
        found = True
    if found:
        data_folder.make(data_dir)
    return found


def _require_no_other_runs(data_dir: Path) -> None:
    """What lies in this folder need not be meant when a server runs on another."""
    elsewhere = [folder for folder in list_running() if folder != data_dir.resolve()]
    if elsewhere and not is_running(data_dir):
        raise NoInstallationError(
            f"no server runs on {data_dir}, but on another folder; name one with --data-dir{_told(elsewhere)}"
        )


def _told(folders: list[Path]) -> str:
    return "".join(f"; a server runs on {folder}" for folder in folders)


@contextmanager
def locked(data_dir: Path, task: str) -> Iterator[None]:
    """Keeps every other server off the folder; the system releases the lock when this process ends, however it ends."""
    data_folder.make(data_dir)
    with (data_dir / _LOCK).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunsAlreadyError(f"a `carelane serve` runs on {data_dir}; {task}") from None
        yield


def is_running(data_dir: Path) -> bool:
    try:
        with (data_dir / _LOCK).open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def announced(data_dir: Path) -> Iterator[None]:
    """Notes for `list_running` that a server runs on the folder. Where nothing can be noted, people name the folder."""
    folder = data_dir.resolve()
    note = _notes() / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        note.write_text(str(folder))
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink()


def list_running() -> list[Path]:
    """The data folders on which servers of this user run now. Notes of servers that were killed are taken away."""
    running: set[Path] = set()
    with suppress(OSError):
        for note in _notes().iterdir():
            folder = Path(note.read_text())
            if is_running(folder):
                running.add(folder)
            else:
                note.unlink()
    return sorted(running)


def _notes(environment: Mapping[str, str] = os.environ) -> Path:
    """As the XDG Base Directory Specification has it."""
    state = environment.get("XDG_STATE_HOME", "")
    return (Path(state) if state.startswith("/") else Path("~/.local/state").expanduser()) / "carelane" / "running"
