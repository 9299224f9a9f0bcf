"""`carelane ledger balance`: what each account comes to, for people and for programs."""

import json
from uuid import uuid4

import pytest

from carelane.kit.auth import system_actor
from carelane.ledger import entries
from carelane.ledger.actions import post
from carelane.ledger.schemas import Books
from tests.processes import commands

OWNERS = {"gateway_account_id": uuid4(), "patient_id": uuid4()}


@pytest.fixture(scope="module", autouse=True)
async def posted(services, shop, shop_id):
    async with services.db.transaction(system_actor(shop_id)) as conn:
        for books in (Books("USD", True), Books("USD", False), Books("JPY", False)):
            intent_id = uuid4()
            taken = entries.capture(intent_id, books, **OWNERS, amount_cents=10_005)
            kept = entries.fee(intent_id, books, gateway_account_id=OWNERS["gateway_account_id"], amount_cents=320)
            await post(conn, shop_id, taken, kept)


def carelane(server, *arguments):
    return commands.run("ledger", "balance", "--data-dir", server.data_dir, *arguments)


def test_each_set_of_books_adds_up_to_nothing(server, shop):
    done = carelane(server, "--organization", shop.tenant, "--json")
    assert done.returncode == 0, done.stderr
    books = json.loads(done.stdout)["books"]
    assert [(book["tenant"], book["isTest"], book["currency"]) for book in books] == [
        (shop.tenant, False, "JPY"),
        (shop.tenant, False, "USD"),
        (shop.tenant, True, "USD"),
    ]
    gateway, patient = OWNERS["gateway_account_id"], OWNERS["patient_id"]
    assert books[1]["lines"] == [
        {"account": f"assets:gateway:{gateway}", "debit": "100.05", "credit": "3.20", "balance": "96.85"},
        {"account": "expenses:gateway-fees", "debit": "3.20", "credit": "0.00", "balance": "3.20"},
        {"account": f"liabilities:credit:{patient}", "debit": "0.00", "credit": "100.05", "balance": "-100.05"},
        {"account": "total", "debit": "103.25", "credit": "103.25", "balance": "0.00"},
    ]
    assert books[0]["lines"][-1] == {"account": "total", "debit": "10325", "credit": "10325", "balance": "0"}
    assert all(line["account"].startswith("test:") for line in books[2]["lines"][:-1])


def test_people_get_a_table(server, shop, other_clinic):
    done = carelane(server)
    assert done.returncode == 0, done.stderr
    assert f"{shop.tenant}, live money, USD" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["total", "103.25", "103.25", "0.00"] in rows
    # Nothing was posted there.
    assert f"{other_clinic.tenant}, test money" not in done.stdout


def test_an_organization_that_is_not_there(server):
    done = carelane(server, "--organization", "nobody")
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected the tenant of an organization here, not nobody" in done.stderr
