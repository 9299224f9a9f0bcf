"""Links to bills and receipts, and invoices that bring them."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0043_links"
down_revision = "0042_desk"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
