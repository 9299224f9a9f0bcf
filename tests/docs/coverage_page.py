"""Prints docs/coverage.md: which of the vendors' known paths the program answers.

`vendor_paths.tsv` lists what is publicly known of both APIs: dialect, method, path, and in words what differs, if anything does.
"""

import re
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

_PATHS = Path(__file__).with_name("vendor_paths.tsv")
_TITLES = {"care": "The care dialect", "billing": "The billing dialect"}
_HEAD = """\
# Coverage

This page is printed from the program's routes and from `tests/docs/vendor_paths.tsv`, the list of paths that are publicly
known. Do not edit it.

✓ answers as known. ◐ answers, with the difference named. ✗ answers 404, or 501 where a text says so.
"""


class VendorPath(msgspec.Struct, frozen=True):
    """One known operation; `difference` is empty where ours is the same."""

    dialect: str
    method: str
    path: str
    difference: str = ""

    def mark(self, answered: set[tuple[str, str]], announced: set[tuple[str, str]]) -> str:
        """`answered` and `announced`, with 501, are operations of ours, without the names of path parameters."""
        key = (self.method, nameless(self.path))
        if key not in answered or key in announced:
            return "✗"
        return "◐" if self.difference else "✓"


def vendor_paths() -> list[VendorPath]:
    return [VendorPath(*line.split("\t")) for line in _PATHS.read_text().splitlines()]


def nameless(path: str) -> str:
    """`/cases/{caseId}/` as `/cases/{}`: vendors and we name parameters differently."""
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def operations_of(app: Litestar) -> set[tuple[str, str]]:
    return {
        (str(method), nameless(route.path_format)) for route in app.routes for method in getattr(route, "methods", ())
    }


def announced_by(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Operations that answer 501 until what they need is built."""
    return {
        (method.upper(), nameless(path))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "501" in operation["responses"]
    }


def coverage_page(app: Litestar, document: dict[str, Any]) -> str:
    answered, announced = operations_of(app), announced_by(document)
    parts = [_HEAD]
    for dialect, title in _TITLES.items():
        known = [path for path in vendor_paths() if path.dialect == dialect]
        marks = [path.mark(answered, announced) for path in known]
        rows = [
            f"| {mark} | {path.method} | `{path.path}` | {_remark(path, mark, announced)} |"
            for path, mark in zip(known, marks, strict=True)
        ]
        counts = f"Of {len(known)} operations: {marks.count('✓')} ✓, {marks.count('◐')} ◐, {marks.count('✗')} ✗."
        parts.append(
            "\n".join(
                [f"## {title}\n\n{counts}\n", "| | method | path | difference |", "| --- | --- | --- | --- |", *rows]
            )
        )
    return "\n".join(parts) + "\n"


def _remark(path: VendorPath, mark: str, announced: set[tuple[str, str]]) -> str:
    if mark == "✗" and (path.method, nameless(path.path)) in announced:
        return path.difference or "answers 501"
    return path.difference if mark == "◐" else ""
