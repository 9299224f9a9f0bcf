"""The core of this suite, run again against servers that reach their database through a PgBouncer in transaction mode.

It has four connections to the database for all server processes and the worker.
"""

import os
import re
import subprocess
import sys

from tests.pooler import VARIABLE, pgbouncer_path

SECONDS = 300
# What a pooler could break is how a statement meets its session, so each way in which ours do is here once: a case from the
# storefront to its clinician (transactions of many statements, advisory locks, what waits for a row), the same read back and that
# recorded, keys that repeat, carts that are converted while they are changed, and lists whose statements are put together
# (prepared anew for each filter), and the ledger read through a cursor. The worker's: events claimed and dispatched, deliveries claimed, renewed, sent and replayed.
# More inputs for the same statements prove nothing more here: they are tested without a pooler.
CORE = (
    "cases/test_create_followup.py",
    "cases/test_create_races.py",
    "detail/test_whole_shape.py",
    "detail/test_audit.py",
    "orders/test_place.py",
    "orders/test_header_key.py",
    "webhooks/test_deliveries.py",
    "carts/test_convert.py",
    "carts/test_races.py",
    "charges/test_charge_lists.py",
    "ledger/test_export.py",
)


def test_the_core_of_the_suite_behind_a_pooler(tmp_path):
    pgbouncer_path()
    # A folder of its own: pytest would shut everybody else, PostgreSQL too, out of the one that all have.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", str(tmp_path / "core")]
    command += [f"tests/{name}" for name in CORE]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=SECONDS, env=environment | {VARIABLE: "1"}
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    assert re.search(r"\d+ passed", done.stdout), done.stdout
    assert "skipped" not in done.stdout
