"""Reading the documents' examples, and writing the pages that are printed from the program."""

import os
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
RENEW = "CARELANE_WRITE_DOCS=1 bin/test docs"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The fenced examples of one language, in the order of the page."""
    return [text for kind, text in _BLOCK.findall(page.read_text()) if kind == language]


def check_printed(page: Path, text: str) -> None:
    """Compares a committed page with what the program prints now; with CARELANE_WRITE_DOCS set, writes it instead."""
    if os.environ.get("CARELANE_WRITE_DOCS"):
        page.write_text(text)
    committed = page.read_text() if page.exists() else ""
    assert committed == text, f"{page.relative_to(ROOT)} is out of date; renew it with: {RENEW}"


def check_printed_table(page: Path, table: str) -> None:
    """The same for one table of a page that is otherwise written by hand; it is found by its first line."""
    before, head, rest = page.read_text().partition(table.partition("\n")[0])
    assert head, f"{page.relative_to(ROOT)} has no such table"
    check_printed(page, before + table + rest[rest.index("\n\n") :])
