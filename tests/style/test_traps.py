"""The tests that docs/design/ledger.md names for each trap are there."""

import re

from tests.style.source import ROOT, none_of

NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
TRAPS = 18


def test_each_trap_has_a_test():
    text = (ROOT / "docs/design/ledger.md").read_text().partition("## Traps seen elsewhere")[2]
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == TRAPS
    none_of(row for row in rows if not NAMED.search(row))
    named = NAMED.findall(text)
    none_of(name for file, name in named if f"def {name}(" not in (ROOT / "tests" / file).read_text())
