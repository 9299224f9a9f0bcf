"""`carelane reconcile`: what it prints, and how it ends."""

import json
import subprocess

from carelane.payments.invariants import reads
from carelane.payments.invariants.schemas import Progress
from tests.payments.checks.conftest import Books
from tests.processes import commands


def reconcile(books: Books, counter, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    named = {"gateway_simulator_url": books.till.bank.url, "gateway_timeout_seconds": "5"} | settings
    return commands.run("reconcile", "--data-dir", counter.data_dir, *options, **named)


async def test_books_that_are_in_order_end_with_0(books: Books, counter):
    told = reconcile(books, counter, "--organization", books.till.clinic.tenant)
    assert (told.returncode, told.stdout) == (0, "1 organization: nothing found, the money is in order\n"), told.stderr
    assert told.stderr == ""


async def test_a_cent_ends_with_1_and_a_line_that_names_it(books: Books, counter):
    payment = books.refunded
    books.add("payments", "refunded_cents", 1, "id = %s", payment.id)
    try:
        told = reconcile(books, counter, "--organization", books.till.clinic.tenant)
        as_json = reconcile(books, counter, "--json", "--organization", books.till.clinic.tenant)
    finally:
        books.add("payments", "refunded_cents", -1, "id = %s", payment.id)
    assert told.returncode == as_json.returncode == 1
    line = f"payment {payment.id}: says another amount than its refunds gave back: expected 4000, found 4001 USD"
    assert told.stdout.splitlines() == [
        f"{books.till.clinic.tenant}: CAPTURED_IS_RECORDED {line}",
        "1 organization: 1 findings",
    ]
    printed = json.loads(as_json.stdout)
    assert (printed["isClean"], printed["findingCount"]) == (False, 1)
    (organization,) = printed["organizations"]
    assert organization["tenant"] == books.till.clinic.tenant
    (finding,) = organization["findings"]
    assert (finding["id"], finding["expected"], finding["found"], finding["currency"]) == (
        str(payment.id), 4_000, 4_001, "USD",
    )  # fmt: skip


async def test_how_far_it_is_is_told_to_the_end(books: Books, monkeypatch):
    monkeypatch.setattr(reads, "PAGE", 2)
    told: list[Progress] = []
    till = books.till
    assert await reads.check_money(till.services, till.actor, told=told.append) == []
    steps: dict[str, list[Progress]] = {}
    for progress in told:
        steps.setdefault(progress.what, []).append(progress)
    assert steps.keys() == {"payments", "charges", "postings", "accounts", "gateway accounts"}
    for what, each in steps.items():
        done = [one.done for one in each]
        assert done == sorted(set(done)), what
        assert done[-1] == each[-1].of > 0, what
    assert [one.done for one in steps["payments"]] == [2, 4, 5]


async def test_all_organizations_are_checked_where_none_is_named(books: Books, counter):
    told = reconcile(books, counter, "--books-only", "--json")
    printed = json.loads(told.stdout)
    assert told.returncode == (0 if printed["isClean"] else 1)
    assert {books.till.clinic.tenant, "harbor-health"} <= {each["tenant"] for each in printed["organizations"]}


async def test_what_cannot_be_checked_ends_with_2_and_says_why(books: Books, counter, tmp_path):
    away = {"gateway_simulator_url": "http://127.0.0.1:9"}
    tenant = ["--organization", books.till.clinic.tenant]
    told = reconcile(books, counter, *tenant, **away)
    assert (told.returncode, told.stdout) == (2, "")
    assert "--books-only" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert reconcile(books, counter, "--books-only", *tenant, **away).returncode == 0
    unknown = reconcile(books, counter, "--organization", "nobody-here")
    assert (unknown.returncode, "nobody-here" in unknown.stderr) == (2, True)
    nowhere = reconcile(books, counter, "--data-dir", str(tmp_path / "nothing"))
    assert nowhere.returncode == 2
