"""Which test files a change can reach: `python -m tests.changed [REV]`, used by `bin/test --changed [REV]`.

Prints the test files, one a line, that can tell something about what differs from REV: by default from where this
branch left main, uncommitted and new files included.

A test file is about the noun (a folder of the package) that its own folder is named after, or those that ABOUT names; else
about all. A change reaches it when the file, its fixtures or its nouns import anything of the changed noun, at any
distance. What everything stands on (`kit/`, the surfaces, the schema, the fixtures, the versions) reaches all.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).parents[1]
SOURCE = "src/carelane/"
# What is not a noun's folder or a test's own reaches all. An ending `/` means whatever lies below.
REACHES_ALL = (
    "pyproject.toml", "constraints.txt", "bin/", ".ci/", "tests/factories/",
    *(f"{SOURCE}{name}/" for name in ("kit", "web", "processes", "surfaces", "migrations", "apply", "demo")),
)  # fmt: skip
EVERYTHING = ["everything"]
# Where the tests' folder and the package's have different names, and files that are about less than their folder.
ABOUT = {
    "desk": ["orders"],
    "detail": ["case_detail"],
    "inbox": ["orders"],
    "processes": EVERYTHING,
    "providers": ["staff"],
    "retention": EVERYTHING,
    "quote_page": ["quotes"],
    "quote_sending": ["quotes"],
    "review": ["cases"],
    "sending": ["orders"],
    "safety/test_crash.py": ["cases"],
    "safety/test_crash_billing.py": ["carts"],
    "scenarios/test_billing_model.py": ["carts", "quotes"],
    "scenarios/test_crash_matrix.py": ["orders", "webhooks"],
    "scenarios/test_pharmacies.py": ["orders", "webhooks"],
    "seeds/test_000_create_case.py": ["cases"],
    "seeds/test_001_place_order.py": ["orders"],
    "seeds/test_002_case_detail.py": ["case_detail"],
    "seeds/test_003_bundles.py": ["catalog"],
    "seeds/test_004_create_cart.py": ["carts"],
}
# Everybody uses these, and they use everything: through them each test would be about all of the package.
HUBS = (
    "tests.contract",
    "tests.conftest",
    "tests.own_clinic",
    "tests.server",
    "tests.undying",
    "tests.forked",
    "tests.forked_code",
    "carelane.app",
)


def all_tests() -> set[str]:
    return {str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py")}


def reached_by(changed: set[str]) -> set[str]:
    """The test files that any of the changed files, by their paths in the repository, can reach."""
    if any(_reaches_all(path) for path in changed):
        return all_tests()
    parts = {part for path in changed for part in _parts_of(path)}
    # Links, the settings' page, what no file may hold.
    always = {test for test in all_tests() if test.startswith(("tests/docs/", "tests/style/"))} if changed else set()
    return always | (changed & all_tests()) | {test for test in all_tests() if _reach(test) & parts}


def _reaches_all(path: str) -> bool:
    is_of_all_tests = path.startswith("tests/") and path.count("/") == 1
    is_of_all_source = path.startswith(SOURCE) and path.count("/") == 2
    return is_of_all_tests or is_of_all_source or path.startswith(REACHES_ALL)


def _parts_of(path: str) -> set[str]:
    """What changed with the file: its noun, or the module of the tests, or all of its folder when it is no module."""
    if path.startswith(SOURCE):
        return {path.removeprefix(SOURCE).split("/")[0]}
    if not path.startswith("tests/"):
        return set()
    module = path.removesuffix(".py").replace("/", ".")
    folder = module.rpartition(".")[0]
    return {module} if module in _graph().modules else {folder, *_graph().find_descendants(folder)}


@cache
def _reach(test: str) -> set[str]:
    """The nouns and the modules of the tests that the test can tell something about."""
    _, folder, file = test.split("/", 2)
    about = ABOUT.get(f"{folder}/{file}") or ABOUT.get(folder) or [folder]
    if not all(f"carelane.{name}" in _graph().modules for name in about):
        about = sorted(module.split(".")[1] for module in _graph().find_children("carelane"))
    module = test.removesuffix(".py").replace("/", ".")
    found = {module, *_graph().find_upstream_modules(module)}
    for name in about:
        found |= {f"carelane.{name}"} | _graph().find_upstream_modules(f"carelane.{name}", as_package=True)
    return {name.split(".")[1] if name.startswith("carelane.") else name for name in found}


@cache
def _graph() -> grimp.ImportGraph:
    graph = grimp.build_graph("carelane", "tests", cache_dir=None)
    for hub in HUBS:
        graph.remove_module(hub)
    # A test uses its folder's fixtures without importing them.
    for module in [name for name in graph.modules if name.split(".")[-1].startswith("test_")]:
        fixtures = f"{module.rpartition('.')[0]}.conftest"
        if fixtures in graph.modules:
            graph.add_import(importer=module, imported=fixtures)
    return graph


def changed_since(revision: str | None) -> set[str]:
    base = revision or _git("merge-base", "HEAD", "main")[0]
    return {*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")}


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


if __name__ == "__main__":
    sys.stdout.writelines(f"{test}\n" for test in sorted(reached_by(changed_since(*sys.argv[1:] or [None]))))
