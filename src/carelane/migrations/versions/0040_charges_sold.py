"""Charges that are sold without a cart: what a caller says of one, adjustments, and charges that were archived."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0040_charges_sold"
down_revision = "0033_at_a_million"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
