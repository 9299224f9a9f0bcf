"""What records are found by: one table of tokens, kept by triggers and filled in after the migration, batch by batch."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0027_search"
down_revision = "0026_decide"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
