"""Debian's hledger, a stranger's program: it reads the journal, refuses what does not balance, and adds up for itself."""

import csv
import os
import shutil
import subprocess
from decimal import Decimal
from io import StringIO

import pytest

SECONDS = 60


def run(journal: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Skips the test where there is no hledger; where CI is set, it fails instead."""
    if shutil.which("hledger") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "there is no hledger here; bin/test installs it on Debian"
        )
    command = ["hledger", "-f", "-", *arguments]
    return subprocess.run(command, input=journal, capture_output=True, text=True, timeout=SECONDS, check=False)


def check(journal: str) -> None:
    """Everything it can find wrong: undeclared accounts and commodities, what does not balance, assertions, dates out of order."""
    for arguments in (("check", "--strict"), ("check", "ordereddates")):
        done = run(journal, *arguments)
        assert done.returncode == 0, done.stderr


def balances(journal: str) -> set[tuple[str, str]]:
    """What each account comes to in each currency, as hledger prints it; nothing of those that come to nothing."""
    done = run(journal, "balance", "--flat", "--no-total", "-O", "csv")
    assert done.returncode == 0, done.stderr
    return {(row[0], amount) for row in list(csv.reader(StringIO(done.stdout)))[1:] for amount in row[1].split(", ")}


def dollars_by_code(journal: str) -> dict[str, Decimal]:
    """What all accounts of a kind come to together, such as `gateway`; debits count as more."""
    found: dict[str, Decimal] = {}
    for name, amount in balances(journal):
        code = name.removeprefix("test:").split(":")[1]
        assert amount.endswith(" USD"), amount
        found[code] = found.get(code, Decimal(0)) + Decimal(amount.removesuffix(" USD"))
    return {code: sum_ for code, sum_ in found.items() if sum_}
