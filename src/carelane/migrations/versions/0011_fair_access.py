"""Devices that members of staff are known by, and limits that outlive no clock that was ahead."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0011_fair_access"
down_revision = "0010_master_key"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
