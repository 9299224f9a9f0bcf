"""Amounts are in the smallest unit that their currency has; what billing callers say of items and locations is kept."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0016_money"
down_revision = "0015_people"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
