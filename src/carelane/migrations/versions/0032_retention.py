"""What is kept for a while only: how it is found and deleted, and ids of deliveries that tell their time."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0032_retention"
down_revision = "0031_flat"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
