"""Every column of the database is either in SECURITY.md's PHI map or declared to say nothing of a person."""

import re

import psycopg

from carelane.kit.embedded_postgres import EmbeddedPostgres
from tests.docs.non_personal import NON_PERSONAL
from tests.docs.pages import ROOT

_ROW = re.compile(r"^\| `(\w+)` \| ((?:`\w+`,? ?)+) \|", re.MULTILINE)
_COLUMNS = """
SELECT c.table_name, c.column_name FROM information_schema.columns c
JOIN pg_tables t ON t.schemaname = c.table_schema AND t.tablename = c.table_name WHERE c.table_schema = 'public'
"""


def in_the_map() -> list[tuple[str, str]]:
    _, _, section = (ROOT / "SECURITY.md").read_text().partition("## PHI map")
    return [(table, column) for table, columns in _ROW.findall(section) for column in re.findall(r"\w+", columns)]


def non_personal() -> list[tuple[str, str]]:
    return [(table, column) for table, columns in NON_PERSONAL.items() for column in columns.split()]


def test_every_column_is_decided_once(server):
    # Not the fixture `owner_url`: it is made once for the whole run, on the server of the other tests.
    with psycopg.connect(EmbeddedPostgres(server.data_dir).owner_url) as conn:
        existing = set(conn.execute(_COLUMNS).fetchall())
    decided = [*in_the_map(), *non_personal()]
    assert sorted(existing - set(decided)) == [], "decide: the PHI map in SECURITY.md, or tests/docs/non_personal.py"
    assert sorted(set(decided) - existing) == [], "these columns are gone"
    assert len(decided) == len(set(decided)), "a column is decided twice"


def test_what_is_named_sealed_is_in_the_map():
    assert {column for _, column in in_the_map()} >= {"sealed", "text_sealed", "decision_text_sealed"}
