"""A person is not an e-mail address: several patients may share one, a case keeps whom it is about, patients can be merged."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0015_people"
down_revision = "0014_promo_codes"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
