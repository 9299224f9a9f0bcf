"""Files of patients that belong to no case, and what patients do not want to be told of."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0018_portal_files"
down_revision = "0017_dynamic_cases"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
