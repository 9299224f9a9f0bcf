"""Changing what is written on a charge, and archiving one, over HTTP."""

import asyncio
from uuid import uuid4

import pytest

from carelane.ledger.reads import shares_of
from tests.catalog.events import told_of
from tests.door import closed, in_turn
from tests.factories.carts import item, make_cart
from tests.factories.seen import take

CHARGE = "/billing/charge"


@pytest.fixture
def ask_for(client, till):
    async def send(method, path, body=None, status=200, headers=None, **params):
        own = till.billing if headers is None else headers
        content = {} if body is None else {"json": body}
        answer = await client.request(method, f"{CHARGE}/{path}", headers=own, params=params or None, **content)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


# ---------------------------------------------------------------- archive


async def test_an_archived_charge_is_not_found_any_more(money, ask_for, ask):
    external = uuid4().hex
    charge_id = await money.charge(external_id=external)
    assert await ask_for("DELETE", str(charge_id)) is True
    for path, params in ((f"get/{charge_id}", {}), ("timeline", {"charge_id": charge_id})):
        answer = await ask(path, **params)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"no charge {charge_id} here")
    filters = (
        {},
        {"status": "VOID"},
        {"location_ids": money.clinic.location_id},
        {"name": "Vale"},
        {"sort_by": "name"},
    )
    for more in filters:
        assert (await ask("table", charge_external_id=external, **more)).json() == {"data": [], "total": 0}
    listed = (await ask("list", patient_id=money.patient_id)).json()
    assert str(charge_id) not in {one["id"] for one in listed}
    only_status = (await ask("table", status="VOID")).json()
    assert str(charge_id) not in {one["id"] for one in only_status["data"]}
    assert (await money.sums(charge_id)).outstanding_cents == 0
    # Both of the same moment.
    assert sorted(await told_of(money.services, money.clinic, charge_id))[0::2] == [
        ("CHARGE_ARCHIVED", None), ("CHARGE_STATUS_CHANGED", "VOID"),
    ]  # fmt: skip
    for path, body in (("update-comment", {"comment": "x"}), ("update-details", {"comment": "x"})):
        await ask_for("POST", f"{path}/{charge_id}", body, 404)
    assert (await ask_for("DELETE", str(charge_id), status=404))["detail"] == f"no charge {charge_id} here"
    assert (await money.ask(charge_id, "void")).status_code == 404


async def test_what_was_adjusted_is_undone_with_it(money, ask_for, client, till):
    charge_id = await money.charge()
    body = {"chargeId": str(charge_id), "reason": "x"}
    for amount in (500, -100):
        answer = await client.post("/billing/adjustment/create", json=body | {"amount": amount}, headers=till.billing)
        assert answer.status_code == 200
    assert (await client.post("/billing/write-off/create", json=body, headers=till.billing)).status_code == 200
    assert await ask_for("DELETE", str(charge_id)) is True
    async with money.services.db.reading(money.id) as conn:
        assert await shares_of(conn, money.id, charge_id) == []
    assert (await money.sums(charge_id)).outstanding_cents == 0


async def test_a_void_and_a_free_charge_are_archived(money, ask_for):
    charge_id = await money.charge()
    assert (await money.ask(charge_id, "void")).status_code == 200
    assert await ask_for("DELETE", str(charge_id)) is True
    assert await ask_for("DELETE", str(await money.charge(0))) is True


async def test_what_was_paid_is_refunded_not_archived(money, ask_for):
    charge_id = await money.charge()
    await money.pay(charge_id, 1)
    answer = await ask_for("DELETE", str(charge_id), status=409)
    assert answer["detail"] == "the charge was paid, in full or in part; refund it instead"
    assert (await money.shown(charge_id))["totalOutstanding"] == 9_999


@pytest.mark.parametrize("is_paid_first", [True, False])
async def test_paying_against_archiving_is_one_of_the_two(money, client, till, owner_url, is_paid_first):
    charge_id = await money.charge()
    payment_id = await money.promise(charge_id, 10_000, wanted="TAKE")
    archiving = client.delete(f"{CHARGE}/{charge_id}", headers=till.billing)
    acts = [take(money.services, money.id, payment_id, 10_000), archiving]
    answers = await in_turn(owner_url, "charges", charge_id, *(acts if is_paid_first else acts[::-1]))
    assert answers[1 if is_paid_first else 0].status_code == (409 if is_paid_first else 200)
    sums = await money.sums(charge_id)
    assert (sums.outstanding_cents, sums.paid_cents) == (0, 10_000 if is_paid_first else 0)


async def test_a_payment_begun_at_the_same_moment_keeps_the_charge(money, client, till, owner_url):
    charge_id = await money.charge()
    async with closed(owner_url, "charges", charge_id) as door:
        asked = asyncio.create_task(client.delete(f"{CHARGE}/{charge_id}", headers=till.billing))
        await door.until(1)
        await money.promise(charge_id, 10_000)
        door.open()
        answer = await asked
    assert (answer.status_code, answer.json()["detail"]) == (
        409, "a payment of the charge was begun at this moment; ask again",
    )  # fmt: skip


async def test_of_many_that_archive_at_once_one_does(money, client, till):
    charge_id = await money.charge()
    answers = await asyncio.gather(*(client.delete(f"{CHARGE}/{charge_id}", headers=till.billing) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [404] * 7


async def test_a_cart_whose_charge_is_archived_is_not_converted_again(money, ask_for, client, till):
    cart_id = (await make_cart(client, till, item(till)))["id"]
    url = f"/billing/cart/{cart_id}/convert-to-charge"
    made = (await client.post(url, json={"cartId": cart_id}, headers=till.billing)).json()
    await ask_for("DELETE", made["id"])
    again = await client.post(url, json={"cartId": cart_id}, headers=till.billing)
    assert (again.status_code, again.json()["detail"]) == (
        409, "the charge that was made of it is archived; make another cart",
    )  # fmt: skip


# ---------------------------------------------------------------- what is written on it


async def test_the_comment_and_the_details_change(money, ask_for):
    charge_id = await money.charge(description="Before")
    assert await ask_for("POST", f"update-comment/{charge_id}", {"comment": "Called"}) is True
    shown = await money.shown(charge_id)
    assert (shown["comment"], shown["description"], shown["externalCreatedDate"]) == ("Called", "Before", None)
    new = {"description": "After", "external_created_date": "2026-02-03T04:05:06Z"}
    assert await ask_for("POST", f"update-details/{charge_id}", new) is True
    shown = await money.shown(charge_id)
    after = ("Called", "After", "2026-02-03T04:05:06Z")
    assert (shown["comment"], shown["description"], shown["externalCreatedDate"]) == after
    # What is null stays.
    await ask_for("POST", f"update-details/{charge_id}", {"description": None, "comment": "Again"})
    shown = await money.shown(charge_id)
    assert (shown["comment"], shown["description"], shown["externalCreatedDate"]) == ("Again", *after[1:])
    await ask_for("POST", f"update-comment/{charge_id}", {"comment": ""})
    assert (await money.shown(charge_id))["comment"] is None
    told = (await told_of(money.services, money.clinic, charge_id))[1:]
    assert told == [("CHARGE_UPDATED", what) for what in ("COMMENT", "DETAILS", "COMMENT", "COMMENT")]
    ((text,),) = await money.rows("SELECT c.*::text FROM charges c WHERE c.id = %s", charge_id)
    assert "After" not in text


@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("update-comment", "comment", {}),
        ("update-comment", "comment", {"comment": None}),
        ("update-comment", "comment", {"comment": "x" * 10_001}),
        ("update-details", "description", {"description": 5}),
        ("update-details", "externalCreatedDate", {"externalCreatedDate": "today"}),
        ("update-details", "externalCreatedDate", {"externalCreatedDate": "0001-01-01T00:00:00+14:00"}),
    ],
)
async def test_each_wrong_member_is_named(money, ask_for, path, field, body):
    answer = await ask_for("POST", f"{path}/{await money.charge()}", body, 422)
    assert [one["loc"] for one in answer["detail"]] == [["body", field]]


async def test_who_sold_it_is_said_and_taken_back(money, ask_for, till):
    charge_id = await money.charge()
    (line,) = (await money.shown(charge_id))["items"]
    asked = {"item_id": line["id"], "item_type": "charge_item"}
    answer = await ask_for("POST", "update-sold-by-provider", **asked, provider_id=till.creator_id)
    assert answer == {"itemId": line["id"], "itemType": "charge_item", "providerId": till.creator_id}
    assert (await money.shown(charge_id))["items"][0]["soldByProviderId"] == till.creator_id
    assert await ask_for("POST", "update-sold-by-provider", **asked) == {
        "itemId": line["id"], "itemType": "charge_item",
    }  # fmt: skip
    assert (await money.shown(charge_id))["items"][0]["soldByProviderId"] is None
    assert (await told_of(money.services, money.clinic, charge_id))[1:] == [("CHARGE_UPDATED", "SOLD_BY")] * 2


async def test_what_cannot_have_been_sold_is_named(money, ask_for, till, stranger):
    (line,) = (await money.shown(await money.charge()))["items"]
    path, asked = "update-sold-by-provider", {"item_id": line["id"], "item_type": "CHARGE_ITEM"}
    answer = await ask_for("POST", path, status=422, **asked | {"item_type": "gift"})
    assert answer["detail"][0]["loc"] == ["query", "item_type"]
    assert (await ask_for("POST", path, status=422, item_type="CHARGE_ITEM"))["detail"]
    assert (await ask_for("POST", path, status=422, item_id=line["id"]))["detail"]
    answer = await ask_for("POST", path, status=404, **asked | {"item_type": "SOLD_PACKAGE"})
    assert answer["detail"] == f"no sold package {line['id']} here"
    answer = await ask_for("POST", path, status=404, **asked, provider_id=stranger.creator_id)
    assert answer["detail"] == f"no member of staff {stranger.creator_id} here"
    answer = await ask_for("POST", path, status=404, headers=stranger.billing, **asked)
    assert answer["detail"] == f"no line of a charge {line['id']} here"


async def test_whose_charges_they_are(money, ask_for, till, stranger):
    charge_id, archived = await money.charge(), await money.charge()
    await ask_for("DELETE", str(archived))
    ids = [str(charge_id), str(archived), "chg_none"]
    found = await ask_for("GET", "patients-by-ids", charge_ids=ids)
    assert list(found) == [str(charge_id)]
    patient = found[str(charge_id)]
    assert (patient["id"], patient["firstName"], patient["type"]) == (till.patient_id, "Robin", "PATIENT")
    assert await ask_for("GET", "patients-by-ids", headers=stranger.billing, charge_ids=ids) == {}
    assert (await ask_for("GET", "patients-by-ids", status=422))["detail"]


# ---------------------------------------------------------------- who may


def doors(charge_id, line_id):
    yield "DELETE", f"{charge_id}", None, {}
    yield "POST", f"update-comment/{charge_id}", {"comment": "x"}, {}
    yield "POST", f"update-details/{charge_id}", {"comment": "x"}, {}
    yield "POST", "update-sold-by-provider", None, {"item_id": line_id, "item_type": "CHARGE_ITEM"}
    yield "GET", "patients-by-ids", None, {"charge_ids": charge_id}


async def test_who_may_not_is_refused(money, ask_for, till):
    charge_id = await money.charge()
    before = await money.shown(charge_id)
    for method, path, body, params in doors(charge_id, before["items"][0]["id"]):
        await ask_for(method, path, body, 401, {}, **params)
        await ask_for(method, path, body, 401, till.billing | {"API-KEY": "cvk_wrong"}, **params)
        await ask_for(method, path, body, 403, till.billing | {"API-KEY": till.catalog_only_key}, **params)
    assert await money.shown(charge_id) == before


async def test_another_clinics_charge_is_not_there(money, ask_for, stranger):
    charge_id = await money.charge()
    before = await money.shown(charge_id)
    for method, path, body, params in doors(charge_id, before["items"][0]["id"]):
        if method != "GET":
            await ask_for(method, path, body, 404, stranger.billing, **params)
    assert await money.shown(charge_id) == before


async def test_the_same_request_again_is_answered_the_same(money, ask_for, till):
    charge_id = await money.charge()
    line_id = (await money.shown(charge_id))["items"][0]["id"]
    for method, path, body, params in doors(charge_id, line_id):
        if method != "POST":
            continue
        headers = till.billing | {"Idempotency-Key": f"change-{uuid4()}"}
        first, second = [await ask_for(method, path, body, headers=headers, **params) for _ in range(2)]
        assert first == second
