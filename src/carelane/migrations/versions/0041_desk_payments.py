"""The desk takes money: payments of several charges, in cash and from credit, and where refunds go."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0041_desk_payments"
down_revision = "0040_charges_sold"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
