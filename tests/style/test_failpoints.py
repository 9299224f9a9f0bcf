"""Each named point at which a process can be killed is one at which a test kills it, and each that a test names is there."""

import ast
import re
from pathlib import Path
from typing import get_args

from carelane.kit import failpoints
from carelane.payments.states import AttemptKind
from tests.payments.test_crash import MATRIX
from tests.style.source import ROOT, modules, none_of, texts

# Where the code names a point by what is tried; a page at the gateway's has points of its own.
TRIED = {"point": ("hold", "charge", "capture", "release", "refund"), "attempt.kind.lower()": ("hold", "charge")}
# Only the files that a test of this kind can be in; `ELSEWHERE` there says what others kill at.
KILLERS = re.compile(r"\bfailpoint\b|\barmed\b")


def points() -> set[str]:
    found = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == f"failpoints.{failpoints.reach.__name__}":
                found |= set(_names(node.args[0]))
    return found


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    assert isinstance(node, ast.JoinedStr), ast.unparse(node)
    [value] = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
    [rest] = [part.value for part in node.values if isinstance(part, ast.Constant)]
    return [f"{kind}{rest}" for kind in TRIED[ast.unparse(value)]]


def killed_at() -> set[str]:
    """What tests name; lists of what other files do are no tests."""
    found = {point for _, point in MATRIX}
    for path in Path(ROOT / "tests").rglob("test_*.py"):
        text = path.read_text()
        if path.parent.name != "style" and KILLERS.search(text):
            tree = ast.parse(text)
            tree.body = [node for node in tree.body if not _is_list_of_others(node)]
            found |= set(texts(tree))
    return found


def _is_list_of_others(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "ELSEWHERE"


def test_every_point_is_one_where_a_test_kills():
    none_of(sorted(points() - killed_at()))


def test_every_kind_of_try_is_killed_between_its_row_and_its_answer():
    kinds = {kind.lower() for kind in get_args(AttemptKind)}
    assert {point.partition(".")[0] for point in points() if point.endswith(".begun")} == kinds
    assert {point.partition(".")[0] for point in points() if point.endswith(".answered")} == kinds


def test_the_matrix_of_money_names_points_that_are_there():
    none_of(sorted({point for _, point in MATRIX} - points()))
