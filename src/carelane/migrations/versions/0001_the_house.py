"""The first schema, and the job queue's own tables."""

from pathlib import Path
from typing import LiteralString, cast

import psycopg
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001_the_house"
down_revision = None

# The application may use the queue, and read which revision the database has.
_GRANTS: LiteralString = """
GRANT SELECT, INSERT, UPDATE, DELETE ON procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,
  procrastinate_workers TO carelane_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO carelane_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM carelane_app;
"""


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
    conn.execute(SchemaManager.get_schema())
    conn.execute(_GRANTS)
