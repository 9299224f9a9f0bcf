"""The core of this suite, run again against servers that reach their database through a PgBouncer in transaction mode.

It has four connections to the database for all server processes and the worker.
"""

import os
import re
import subprocess
import sys

from tests.pooler import VARIABLE, pgbouncer_path

SECONDS = 300
# A case from the storefront to the patient's door: created, shown, assigned, ordered, sent to a pharmacy, told to a receiver;
# what repeats and what races; carts, and lists of the billing dialect.
CORE = (
    "cases/test_create_conflict.py",
    "cases/test_create_files.py",
    "cases/test_create_followup.py",
    "cases/test_create_races.py",
    "detail/test_whole_shape.py",
    "detail/test_audit.py",
    "orders/test_place.py",
    "orders/test_body_key.py",
    "orders/test_header_key.py",
    "desk/test_with_pharmacy.py",
    "webhooks/test_deliveries.py",
    "carts/test_create.py",
    "carts/test_convert.py",
    "carts/test_list.py",
    "carts/test_races.py",
    "charges/test_charge_lists.py",
)


def test_the_core_of_the_suite_behind_a_pooler():
    pgbouncer_path()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/{name}" for name in CORE)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=SECONDS, env=environment | {VARIABLE: "1"}
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    assert re.search(r"\d+ passed", done.stdout), done.stdout
    assert "skipped" not in done.stdout
