"""Appointments that are booked here: when clinicians are free, and the slots that are taken."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0013_calendar"
down_revision = "0012_branding"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
