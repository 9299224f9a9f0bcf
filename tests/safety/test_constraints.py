"""What the schema promises: every key, reference, check and trigger is there, and refuses what it is there for.

`constraints.txt` lists them, so that one cannot be lost unseen: `CARELANE_WRITE_DOCS=1 bin/test safety/test_constraints.py`
writes it again after a migration.
"""

import os
from pathlib import Path

import psycopg
import pytest

from tests.detail import whole_case, whole_subject
from tests.detail.asking import read_case
from tests.safety import every_table
from tests.safety.breaking import Breaker, list_constraints
from tests.safety.money_tables import fill_snapshots

# What the triggers call that which they hold.
HOLDING = dict.fromkeys(
    ("hold_cart", "hold_quote", "hold_new_lines", "hold_changed_lines", "hold_removed_lines"), "{}s_lifecycle"
) | {"hold_person": "cases_person"}
LIST = Path(__file__).with_name("constraints.txt")
# Alembic's own.
NOT_OURS = {"alembic_version"}
# Triggers that refuse nothing: they complete what an older version writes.
FILLING_IN = ("complete_", "follow_", "index_", "order_case", "keep_pause", "place_case", "move_patient")


@pytest.fixture(scope="module")
async def rows_everywhere(client, services, clinic):
    whole = await whole_case.build(client, services, clinic)
    await read_case(client, clinic, whole.id)
    (event_id,) = await whole_subject.ask_one(whole, "SELECT id FROM events WHERE case_id = %s LIMIT 1", whole.id)
    await every_table.fill(services, whole.organization_id, whole.id, event_id)


@pytest.fixture
def owner(owner_url):
    with psycopg.connect(owner_url) as conn:
        yield conn
        conn.rollback()


# A row of what reading a case, and a row in each of its tables, does not fill.
_MORE_ROWS = """
INSERT INTO timed_jobs (name) VALUES ('row') ON CONFLICT DO NOTHING;
INSERT INTO promo_codes (organization_id, id, code, currency, discount_percentage)
  SELECT organization_id, gen_random_uuid(), 'row', 'USD', 5 FROM patients LIMIT 1;
"""


def test_none_is_missing(owner):
    found = "".join(f"{one}\n" for one in list_constraints(owner) if one.on_table not in NOT_OURS)
    if os.environ.get("CARELANE_WRITE_DOCS"):
        LIST.write_text(found)
    assert LIST.read_text().splitlines() == found.splitlines()


def test_each_refuses_what_it_is_there_for(owner, rows_everywhere):
    owner.execute(_MORE_ROWS)
    fill_snapshots(owner)
    breaker = Breaker(owner)
    unlike: list[str] = []
    for one in list_constraints(owner):
        if one.on_table in NOT_OURS or one.name.startswith(FILLING_IN):
            continue
        refused_by = breaker.breaks(one)
        wanted = HOLDING.get(one.name, one.name) if one.kind == "t" else one.name
        wanted = wanted.format(one.on_table.removesuffix("_lines").removesuffix("s"))
        if refused_by != wanted:
            unlike.append(f"{one}: refused by {refused_by}")
    assert not unlike, "\n".join(unlike)
