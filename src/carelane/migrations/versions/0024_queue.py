"""The queue by what runs out first; leases, by which staff do not work on the same case twice; saved views."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0024_queue"
down_revision = "0023_people"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
