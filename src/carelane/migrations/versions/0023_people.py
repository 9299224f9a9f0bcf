"""How members of staff come in by themselves: invitations, resets of passwords, recovery codes, sessions they can tell apart."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0023_people"
down_revision = "0022_money"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
