"""The front desk: quick notes, payment mediums, what is to be paid by card, and how payments are found."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0042_desk"
down_revision = "0041_desk_payments"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
