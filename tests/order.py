"""In which order files run, and that in CI none is left out. Hooks of pytest, taken over by conftest.py."""

import gc
import os
from collections.abc import Generator

import pytest

# The longest files, longest first: thirds that begin with these end together. The others follow in the order of their
# folders, so that what a folder shares is made once; whose folder has a server for all of its files is not among these.
LONGEST_FIRST = (
    "safety/test_schemathesis.py",
    "processes/test_demo_stops.py",
    "scenarios/test_takeover.py",
    "processes/test_fingerprint.py",
    "database/test_pooled_core.py",
    "processes/test_installation.py",
    "scenarios/test_pharmacies.py",
    "processes/test_serve.py",
    "scenarios/test_crash_matrix.py",
    "safety/test_stalls.py",
    "console/test_a_day.py",
    "processes/test_loader.py",
    "payment_page/test_crash.py",
    "payments/test_crash.py",
    "safety/test_crash.py",
    "docs/test_backup.py",
    "processes/test_hanging.py",
    "processes/test_master_key.py",
    "review/test_made_up.py",
    "quotes/test_races.py",
    "safety/test_crash_billing.py",
    "quote_sending/test_crash.py",
    "scenarios/test_billing_model.py",
    "safety/test_generated_client.py",
    "docs/test_own_postgresql.py",
    "docs/test_walkthroughs.py",
    "webhooks/test_crash.py",
    "payments/inbox/test_crash.py",
    "orders/test_header_key_crash.py",
    "desk/test_with_pharmacy.py",
    "sending/test_jobs.py",
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Eleven thousand tests and their modules stay to the end: the garbage collector need not look through them again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        gc.set_threshold(20_000, 50, 100)


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
