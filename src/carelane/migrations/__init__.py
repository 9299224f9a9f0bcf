"""The schema, in order: each revision in `versions/` is plain SQL with a few lines of Python around it.

`migrate` brings a database up to date; `is_current` asks at every start, and costs one small query. What the application's
role must be like is in `application_role.py`.

A revision that must complete many rows leaves a procedure `backfill_…`, which commits batch by batch: it is called when the
schema is there, while everybody works on, and then dropped. As long as there is one, the database is not current.
"""

from pathlib import Path
from typing import LiteralString

import psycopg
from psycopg import sql

FOLDER = Path(__file__).parent
# A migration that cannot get its lock gives up rather than let every request queue up behind it.
LOCK_TIMEOUT_SECONDS = 4
# Two `migrate` at once: the second waits for the first, and finds nothing left to do.
_ADVISORY_LOCK = 8_400_001
_BACKFILL_LOCK = 8_400_002
_BACKFILLS: LiteralString = """
SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND p.prokind = 'p' AND starts_with(p.proname, 'backfill_') ORDER BY p.proname
"""


def newest_revision() -> str:
    """The name of the last revision, which is its file's name."""
    return max(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))


def is_current(url: str) -> bool:
    """Whether the database behind `url` (any role of ours) has the newest revision."""
    with psycopg.connect(url, autocommit=True) as conn:
        if conn.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return False
        if conn.execute("SELECT version_num FROM alembic_version").fetchone() != (newest_revision(),):
            return False
        return conn.execute(_BACKFILLS).fetchone() is None


def migrate(owner_url: str) -> None:
    """Applies every revision the database lacks, all in one transaction; then completes the rows of before, in many small ones.

    The role must own the tables, or make them.
    """
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
    _fill_back(owner_url)


def _fill_back(owner_url: str) -> None:
    """Whatever was interrupted is done again from its beginning, which changes nothing of what is done."""
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute("SELECT pg_advisory_lock(%s)", (_BACKFILL_LOCK,))
        conn.execute("SELECT set_config('lock_timeout', %s, false)", (f"{LOCK_TIMEOUT_SECONDS}s",))
        for (name,) in conn.execute(_BACKFILLS).fetchall():
            conn.execute(sql.SQL("CALL {}()").format(sql.Identifier(name)))
            conn.execute(sql.SQL("DROP PROCEDURE {}()").format(sql.Identifier(name)))
