"""Decisions that can be undone for a while, and templates of what is written again and again."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0026_decide"
down_revision = "0025_chart"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
