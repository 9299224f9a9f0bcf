"""Cases that storefronts create from a form's title, forms that are added to a case, and what storefronts do to cases."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0017_dynamic_cases"
down_revision = "0016_money"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
