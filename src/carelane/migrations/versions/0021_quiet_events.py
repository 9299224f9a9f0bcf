"""Events that no webhook tells of, as whoever caused them asked."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0021_quiet_events"
down_revision = "0020_kinds_of_requests"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
