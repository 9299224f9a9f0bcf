"""The source as the style tests read it."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "carelane"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def none_of(offenders: Iterable[object]) -> None:
    """Fails with a list of all offenders when there are any."""
    found = [str(offender) for offender in offenders]
    if found:
        pytest.fail("\n".join(found), pytrace=False)


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package by its path within it."""
    return {str(path.relative_to(PACKAGE)): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def functions() -> Iterator[tuple[str, Function]]:
    """Every function of the package, with the path of its module."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield path, node


def length_of(node: Function) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


@cache
def calls() -> list[tuple[str, str]]:
    """Every call in the package: its place, and the name of what is called with all dots."""
    return [
        (f"{path}:{node.lineno}", ast.unparse(node.func))
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    ]


def texts(tree: ast.Module) -> Iterator[str]:
    """Every string in the code, without docstrings."""
    remarks = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in remarks:
            yield node.value


@cache
def repository_files() -> list[Path]:
    """What is under version control, or would be: ignored files are left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
