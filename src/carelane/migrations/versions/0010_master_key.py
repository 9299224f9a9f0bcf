"""Which master key the database is under."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0010_master_key"
down_revision = "0009_storefronts"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
