"""In which order files run, and that in CI none is left out. Hooks of pytest, taken over by conftest.py."""

import os

import pytest

# The longest files, longest first, about five seconds and more on an idle machine: two halves that begin with these end
# together. The others follow in the order of their folders, so that what a folder shares is made once.
LONGEST_FIRST: tuple[str, ...] = ()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {f"tests/{name}": place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.nodeid.partition("::")[0], len(places)))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where CI is set, a skipped test fails the run. The summary says which it was, and why."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("\nCI is set, so nothing may be skipped.", red=True)
