"""Tips: what patients give the members of staff who looked after them, on top of a charge."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0045_tips"
down_revision = "0043_links"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
