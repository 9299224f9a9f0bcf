"""What a million cases showed: batches that cost what they hold, and two orders of patients without an index."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0033_at_a_million"
down_revision = "0032_retention"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
