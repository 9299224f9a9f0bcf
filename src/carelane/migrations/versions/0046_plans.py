"""Payment plans: instalments that the worker takes on their day."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0046_plans"
down_revision = "0045_tips"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
