"""Listeners of storefronts in the billing dialect, the secret in a header, and names that switched-off endpoints give back."""

from pathlib import Path
from typing import cast

import psycopg
from alembic import op

revision = "0019_hooks"
down_revision = "0018_portal_files"


def upgrade() -> None:
    # The driver's own connection takes several statements at once and leaves percent signs and colons alone.
    conn = cast("psycopg.Connection", op.get_bind().connection.driver_connection)
    conn.execute(Path(__file__).with_suffix(".sql").read_bytes())
