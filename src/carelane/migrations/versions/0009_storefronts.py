"""Storefronts: the codes that come with a case, and the origins whose pages may call us."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0009_storefronts"
down_revision = "0008_portal"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
