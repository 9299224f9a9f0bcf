"""A clinic's own words for how a payment came: made, renamed, made one, deleted; what is built in stays."""

import asyncio
from urllib.parse import quote
from uuid import UUID

import psycopg
import pytest

from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic

BASE = "/admin/payment-mediums"
BUILT_IN = [
    "POS", "VIRTUAL_TERMINAL", "PAYMENT_LINK", "PAYMENT_PLAN", "SUBSCRIPTION", "SAVED_PAYMENT_METHOD", "MEMBERSHIP",
    "EMBEDDED_TERMINAL", "CASH", "CHECK", "CARE_CREDIT", "PATIENT_CREDIT",
]  # fmt: skip
EXTERNAL = ["CASH", "CHECK", "CARE_CREDIT"]


@pytest.fixture
async def here(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
def ask(client, here):
    async def send(method, path, body=None, headers=None, **options):
        return await client.request(
            method, f"{BASE}/{path}", json=body, headers=here.billing | (headers or {}), **options
        )

    return send


@pytest.fixture
def good(ask):
    async def send(method, path, body=None, **options):
        answer = await ask(method, path, body, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


@pytest.fixture
def paid_by(services, here):
    """A payment that came by a medium."""

    async def make(medium):
        kept = {"method": "EXTERNAL", "medium": medium, "stage": "DONE", "status": "PAID", "is_test": False}
        amount = {"amount_cents": 500, "currency": "USD", "patient_id": here.patient_id}
        return await insert_row(services, UUID(here.organization_id), "payments", **kept, **amount)

    return make


@pytest.fixture
async def medium_of(owner_url):
    async def read(payment_id):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            row = await (await conn.execute("SELECT medium FROM payments WHERE id = %s", (payment_id,))).fetchone()
            return row[0]

    return read


def names(mediums):
    return [one["name"] for one in mediums]


def places(answer):
    assert answer.status_code == 422, answer.text
    return [problem["loc"] for problem in answer.json()["detail"]]


async def test_own_ones_stand_after_those_that_are_built_in(good):
    made = await good("POST", "create", {"name": "Venmo"})
    assert (made["name"], made["isSystem"], made["isArchived"], made["updatedDate"]) == ("Venmo", False, False, None)
    await good("POST", "create", {"name": "Bank Transfer"})
    shown = await good("GET", "list")
    assert names(shown) == [*BUILT_IN, "Bank Transfer", "Venmo"]
    assert [one["isSystem"] for one in shown] == [True] * len(BUILT_IN) + [False, False]
    assert names(await good("GET", "list-external")) == [*EXTERNAL, "Bank Transfer", "Venmo"]


async def test_a_name_is_taken_however_it_is_written(good, ask):
    await good("POST", "create", {"name": "Venmo"})
    for name in ("Venmo", "VENMO", " venmo "):
        answer = await ask("POST", "create", {"name": name})
        assert (answer.status_code, answer.json()) == (409, {"detail": "there is a payment medium Venmo already"})
    for name in ("Cash", "care credit", "PATIENT_CREDIT"):
        answer = await ask("POST", "create", {"name": name})
        assert answer.status_code == 409
        assert "is built in" in answer.json()["detail"]


async def test_every_fault_is_named(good, ask):
    await good("POST", "create", {"name": "Venmo"})
    for name in ("", "  ", "a/b", "x" * 101, 5):
        assert places(await ask("POST", "create", {"name": name})) == [["body", "name"]]
        # Of what need not be said, "" says nothing.
        if name != "":
            assert places(await ask("PUT", "update/Venmo", {"name": name})) == [["body", "name"]]
    assert places(await ask("POST", "create", {"nam": "x"})) == [["body", "name"]]
    assert places(await ask("PUT", "update/Venmo", {"isArchived": "perhaps"})) == [["body", "isArchived"]]
    assert places(await ask("PUT", "update/Venmo", {"name": "x"}, params={"merge": "perhaps"})) == [["query", "merge"]]


async def test_what_is_built_in_stays_and_what_is_unknown_is_404(ask):
    for method, path, body in (("PUT", "update/CASH", {"name": "Coins"}), ("DELETE", "delete/check", None)):
        answer = await ask(method, path, body)
        assert answer.status_code == 409
        assert "is built in" in answer.json()["detail"]
    for method, path, body in (("PUT", "update/Nothing", {"name": "x"}), ("DELETE", "delete/Nothing", None)):
        answer = await ask(method, path, body)
        assert (answer.status_code, answer.json()) == (404, {"detail": "no payment medium Nothing here"})


async def test_a_new_name_is_that_of_old_payments_too(good, ask, paid_by, medium_of):
    await good("POST", "create", {"name": "Venmo"})
    payment, other = await paid_by("Venmo"), await paid_by("CHECK")
    changed = await good("PUT", "update/venmo", {"name": "Venmo (desk)"})
    assert (changed["name"], changed["isArchived"]) == ("Venmo (desk)", False)
    assert changed["updatedDate"] is not None
    assert (await medium_of(payment), await medium_of(other)) == ("Venmo (desk)", "CHECK")
    assert (await ask("DELETE", "delete/Venmo")).status_code == 404
    again = await good("PUT", f"update/{quote('Venmo (desk)')}", {"name": "VENMO (DESK)"})
    assert again["name"] == "VENMO (DESK)"


async def test_two_become_one_if_that_is_wanted(good, ask, paid_by, medium_of):
    for name in ("Venmo", "Vemno"):
        await good("POST", "create", {"name": name})
    payment = await paid_by("Vemno")
    refused = await ask("PUT", "update/Vemno", {"name": "venmo"})
    assert refused.status_code == 409
    assert "merge=true" in refused.json()["detail"]
    assert await medium_of(payment) == "Vemno"
    kept = await good("PUT", "update/Vemno", {"name": "venmo"}, params={"merge": "true"})
    assert kept["name"] == "Venmo"
    assert await medium_of(payment) == "Venmo"
    assert names(await good("GET", "list-external")) == [*EXTERNAL, "Venmo"]
    into_built_in = await ask("PUT", "update/Venmo", {"name": "CASH"}, params={"merge": "true"})
    assert into_built_in.status_code == 409


async def test_a_deleted_name_stays_on_payments_and_may_come_back(good, ask, paid_by, medium_of):
    await good("POST", "create", {"name": "Venmo"})
    payment = await paid_by("Venmo")
    assert await good("DELETE", "delete/Venmo") is True
    assert (await ask("DELETE", "delete/Venmo")).status_code == 404
    assert names(await good("GET", "list-external")) == EXTERNAL
    assert (await good("GET", "list"))[-1] | {"createdDate": 0, "updatedDate": 0} == {
        "name": "Venmo", "isSystem": False, "isArchived": True, "createdDate": 0, "updatedDate": 0,
    }  # fmt: skip
    assert await medium_of(payment) == "Venmo"
    assert (await good("POST", "create", {"name": "Venmo"}))["isArchived"] is False
    assert (await good("PUT", "update/Venmo", {"is_archived": True}))["isArchived"] is True
    assert (await good("PUT", "update/Venmo", {"isArchived": False}))["isArchived"] is False


async def test_sent_again_it_is_made_once(ask, good):
    answers = [await ask("POST", "create", {"name": "Once"}, headers={"Idempotency-Key": "m-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert names(await good("GET", "list")).count("Once") == 1


async def test_of_many_who_make_the_same_one_does(ask):
    answers = await asyncio.gather(*(ask("POST", "create", {"name": name}) for name in ("Zelle", "zelle", "ZELLE")))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]


ROUTES = [
    ("GET", "list", None), ("GET", "list-external", None), ("POST", "create", {"name": "New"}),
    ("PUT", "update/Venmo", {"name": "x"}), ("DELETE", "delete/Venmo", None),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
async def test_who_may_not(client, here, other_clinic, good, method, path, body):
    await good("POST", "create", {"name": "Venmo"})

    async def knock(headers):
        return await client.request(method, f"{BASE}/{path}", json=body, headers=headers)

    for headers in ({}, here.billing | {"API-KEY": "cvk_wrong"}, here.billing | {"TENANT": other_clinic.tenant}):
        assert (await knock(headers)).status_code == 401
    assert (await knock(here.billing | {"API-KEY": here.catalog_only_key})).status_code == 403
    theirs = await knock(other_clinic.billing)
    assert theirs.status_code == (404 if "Venmo" in path else 200)
    assert "Venmo" not in theirs.text or theirs.status_code == 404
    assert "Venmo" in names(await good("GET", "list-external"))
