"""What needs a person among orders: the board's indexes, and what somebody did about an order or a callback."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0028_orders"
down_revision = "0027_search"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
