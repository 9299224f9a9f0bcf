"""Orders: staff accounts, pharmacies and drugs, the way of an order, webhooks."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0002_orders"
down_revision = "0001_the_house"


def upgrade() -> None:
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
