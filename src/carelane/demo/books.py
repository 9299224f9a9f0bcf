"""The clinic's books when the story has been told: what every account came to, and whether anybody finds something wrong."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec

from carelane.demo.processes import command

_SECONDS = 60
_TITLES = ("", "debit", "credit", "balance")


class Books(msgspec.Struct, frozen=True):
    """As `carelane ledger balance --json` prints them; `reconciled` is what `carelane reconcile` said at its end, `checked` what
    hledger found wrong with the journal, None where there is none on this machine."""

    books: list[dict[str, Any]]
    is_clean: bool
    reconciled: str
    checked: str | None

    @property
    def is_good(self) -> bool:
        totals = [book["lines"][-1]["balance"] for book in self.books]
        return bool(totals) and set(totals) == {"0.00"} and self.is_clean and not self.checked

    def lines(self) -> Iterator[str]:
        for book in self.books:
            yield f"The books, {'test' if book['isTest'] else 'live'} money in {book['currency']}:"
            yield _row(*_TITLES)
            for line in book["lines"]:
                yield _row(line["account"], line["debit"], line["credit"], line["balance"])
            yield ""
        yield f"carelane reconcile, gateway and ledger compared: {self.reconciled}"
        if self.checked is not None:
            yield f"hledger, on what carelane ledger export prints: {self.checked or 'the books are in order'}"


def read_books(data_dir: Path, gateway_url: str, tenant: str) -> Books:
    commands = (["ledger", "balance", "--json"], ["ledger", "export"], ["reconcile"])
    mine = ["--organization", tenant]
    with ThreadPoolExecutor() as pool:
        printed, journal, reconciled = pool.map(lambda each: command([*each, *mine], data_dir, gateway_url), commands)
    return Books(
        json.loads(printed.stdout or '{"books": []}')["books"],
        reconciled.returncode == 0,
        (reconciled.stdout or reconciled.stderr).strip(),
        _check(journal.stdout) if journal.returncode == 0 else journal.stderr.strip(),
    )


def _check(journal: str) -> str | None:
    hledger = shutil.which("hledger")
    if hledger is None:
        return None
    done = subprocess.run(  # noqa: S603 - the program that the path names
        [hledger, "-f", "-", "check", "--strict"],
        input=journal,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    return "" if done.returncode == 0 else done.stderr.strip() or "it ended with an error"


def _row(account: str, debit: str, credit: str, balance: str) -> str:
    return f"  {account:<62}{debit:>12}{credit:>12}{balance:>12}"
