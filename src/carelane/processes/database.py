"""The database a command works on: your own when CARELANE_DATABASE_URL is set, else the embedded one, made ready here."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from carelane import migrations
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.kit.errors import MendableError
from carelane.settings import Settings


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
    return started


def require_ready(application_url: str) -> None:
    """For a database of your own. Raises NotMigratedError or UnsafeRoleError: nothing is changed without being asked for."""
    if not migrations.is_current(application_url):
        raise NotMigratedError((NotMigratedError.__doc__ or "").strip())
    migrations.require_safe_role(application_url)


@contextmanager
def ready_database(settings: Settings) -> Iterator[Settings]:
    """Settings with `database_url` set and its schema current. An embedded server that this started is stopped again."""
    if settings.database_url is not None:
        require_ready(settings.database_url)
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
