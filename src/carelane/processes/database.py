"""The database a command works on: your own when CARELANE_DATABASE_URL is set, else the embedded one, made ready here."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import psycopg

from carelane import migrations
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.kit.errors import MendableError
from carelane.migrations import application_role
from carelane.processes import master_key
from carelane.settings import Settings

# What the statements need; the embedded one is newer.
OLDEST_VERSION = 16


class DatabaseError(MendableError):
    """Where a setting says that a database is, there is none, or one that is too old."""


class NotMigratedError(MendableError):
    """The database is not at the newest revision; run `carelane migrate` with CARELANE_DATABASE_OWNER_URL set."""


def embedded(settings: Settings) -> EmbeddedPostgres | None:
    """The embedded server, started or not, or None when the settings name a database of your own."""
    return EmbeddedPostgres(settings.data_dir) if settings.database_url is None else None


def prepare_embedded(server: EmbeddedPostgres) -> bool:
    """Makes the server run with the newest schema. True when this call started it."""
    started = server.start()
    if not migrations.is_current(server.owner_url):
        migrations.migrate(server.owner_url)
    if not application_role.has_session_defaults(server.application_url):
        application_role.set_session_defaults(server.application_url)
    return started


def migrate(settings: Settings) -> None:
    """Brings the database to the newest schema, and gives the application role its sessions' defaults."""
    if settings.database_url is None:
        with current_database(settings):
            pass
    else:
        application_url = _checked("DATABASE_URL", settings.database_url)
        migrations.migrate(require_owner_url(settings))
        application_role.set_session_defaults(application_url)


def require_owner_url(settings: Settings) -> str:
    if settings.database_owner_url is None:
        raise ValueError("CARELANE_DATABASE_OWNER_URL: expected the database's URL as the role that owns the tables")
    return _checked("DATABASE_OWNER_URL", settings.database_owner_url)


def require_ready(settings: Settings) -> None:
    """For a database of your own. Raises what tells a person what to mend: nothing is changed unasked."""
    application_url = _checked("DATABASE_URL", settings.database_url or "")
    if not migrations.is_current(application_url):
        raise NotMigratedError((NotMigratedError.__doc__ or "").strip())
    application_role.require_good_sessions(application_url, pooled=settings.database_pooled)


@contextmanager
def ready_database(settings: Settings, *, creates_key: bool = False) -> Iterator[Settings]:
    """Settings with `database_url` set, its schema current, and under our master key.

    An embedded server that this started is stopped again. Raises what tells a person what to mend.
    """
    with current_database(settings) as ready:
        master_key.settle(ready, ready.database_url or "", creates=creates_key)
        yield ready


@contextmanager
def current_database(settings: Settings) -> Iterator[Settings]:
    """The same for what needs no key, or sees to it by itself."""
    if settings.database_url is not None:
        require_ready(settings)
        yield settings
        return
    server = EmbeddedPostgres(settings.data_dir)
    started = prepare_embedded(server)
    try:
        yield msgspec.structs.replace(
            settings, database_url=server.application_url, database_owner_url=server.owner_url
        )
    finally:
        if started:
            server.stop_if_unused()


def _checked(name: str, url: str) -> str:
    """The URL, when a PostgreSQL that is new enough answers there. Raises DatabaseError."""
    try:
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as conn:
            version = conn.info.server_version
    except psycopg.OperationalError as error:
        raise DatabaseError(
            f"CARELANE_{name}: the database cannot be reached ({' '.join(str(error).split())})"
        ) from None
    if version < OLDEST_VERSION * 10_000:
        raise DatabaseError(
            f"CARELANE_{name}: PostgreSQL {version // 10_000} answers there; expected {OLDEST_VERSION} or newer"
        )
    return url
