"""The first schema."""

from pathlib import Path
from typing import LiteralString, cast

import psycopg
from alembic import op

revision = "0001_the_house"
down_revision = None

# The application may read which revision the database has. Databases of the first versions got Procrastinate's tables here;
# 0004 takes them away.
_GRANTS: LiteralString = """
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO carelane_app;
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM carelane_app;
"""


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
    conn.execute(_GRANTS)
