"""The schema, in order: each revision in `versions/` is plain SQL with a few lines of Python around it.

`migrate` brings a database up to date; `is_current` asks at every start, and costs one small query. What the application's
role must be like is in `application_role.py`.
"""

from pathlib import Path

import psycopg

FOLDER = Path(__file__).parent
# A migration that cannot have its lock gives up rather than let every request queue up behind it.
LOCK_TIMEOUT_SECONDS = 4
# Two `migrate` at once: the second waits for the first, and finds nothing left to do.
_ADVISORY_LOCK = 8_400_001


def newest_revision() -> str:
    """The name of the last revision, which is its file's name."""
    return max(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


def is_current(url: str) -> bool:
    """Whether the database behind `url` (any role of ours) has the newest revision."""
    with psycopg.connect(url, autocommit=True) as conn:
        if conn.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return False
        return conn.execute("SELECT version_num FROM alembic_version").fetchone() == (newest_revision(),)


def migrate(owner_url: str) -> None:
    """Applies every revision the database lacks, all in one transaction. The role must own the tables, or make them."""
    # Imported here because a start on a current database does without them.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(owner_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
        config = Config()
        config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
