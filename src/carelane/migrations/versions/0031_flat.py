"""Lists cost the same however much there is: indexes in the order that lists have, and the state that a case waits in."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0031_flat"
down_revision = "0030_due_work"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
