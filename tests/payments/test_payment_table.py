"""The table of payments: every filter, order and page; what it says of a payment is what a charge says of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.factories.gateways import add_account
from tests.factories.rows import insert_link, insert_row, update_row
from tests.factories.staff import hire
from tests.own_clinic import make_clinic
from tests.payments.desk_world import FrontDesk

TABLE = "/billing/payment/table"
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
async def shop(services, tmp_path):
    return await make_clinic(services, tmp_path)


@pytest.fixture
def shop_id(shop):
    return UUID(shop.organization_id)


@pytest.fixture
def table(client, shop):
    async def send(expected=200, **params):
        answer = await client.get(TABLE, params=params or None, headers=shop.billing)
        assert answer.status_code == expected, answer.text
        return answer.json()["items"] if expected == 200 else [one["loc"] for one in answer.json()["detail"]]

    return send


@pytest.fixture
def listed(table):
    """What the payments are called, in order; every one of these is there once, so that a total must agree."""

    async def send(**params):
        found = await table(**params)
        assert found["total"] == len(found["data"])
        return [one["comment"] for one in found["data"]]

    return send


@pytest.fixture
def paid(services, shop, shop_id):
    """A payment with a name of its own; each is an hour younger than the one before."""
    made = []

    async def make(name, **more):
        usual = {
            "description": name, "patient_id": UUID(shop.patient_id), "amount_cents": 1_000, "currency": "USD", "method": "EXTERNAL",
            "stage": "DONE", "status": "PAID", "is_test": False, "created_at": MIDNIGHT + timedelta(hours=len(made)),
        }  # fmt: skip
        made.append(name)
        return await insert_row(services, shop_id, "payments", **(usual | more))

    return make


async def test_a_payment_at_the_desk_as_the_table_shows_it(till):
    desk = FrontDesk(till)
    charge, card = await desk.charge(5_000), await desk.card()
    answer = await desk.paid(card, await desk.config(charge, creatorId=till.clinic.creator_id))
    found = await desk.good("GET", TABLE)
    assert (found["hasInsurancePayments"], found["items"]["total"]) == (False, 1)
    [shown] = found["items"]["data"]
    assert (shown["id"], shown["amount"], shown["currency"], shown["status"]) == (
        answer["payinId"],
        5_000,
        "USD",
        "SUCCEEDED",
    )
    assert (shown["patientId"], shown["firstName"], shown["lastName"]) == (till.clinic.patient_id, "Robin", "Vale")
    assert (shown["paymentMedium"], shown["paymentMethod"]["id"], shown["paymentMethod"]["last4"]) == (
        "VIRTUAL_TERMINAL", card, "4242",
    )  # fmt: skip
    assert (shown["creator"]["id"], shown["refunds"], shown["fee"] > 0) == (till.clinic.creator_id, [], True)
    assert [(one["chargeId"], one["quantity"], one["pricePerItem"]) for one in shown["items"]] == [(charge, 1, 5_000)]
    same = (await desk.good("GET", f"/billing/charge/get/{charge}"))["payments"][0]["payment"]
    assert {name: shown[name] for name in ("status", "paymentMedium", "amount", "fee", "refunds")} == {
        name: same[name] for name in ("status", "paymentMedium", "amount", "fee", "refunds")
    }
    reads = await till.ask("SELECT record_kind FROM phi_reads WHERE reason = 'table of payments'")
    assert reads == [("payments",)]
    assert (await desk.good("GET", TABLE, params={"last4": "4242"}))["items"]["total"] == 1
    assert (await desk.good("GET", TABLE, params={"type": "card", "payment_mediums": "VIRTUAL_TERMINAL"}))["items"][
        "total"
    ] == 1


async def test_pages_and_orders(paid, table, listed):
    for name, cents in (("a", 300), ("b", 100), ("c", 200), ("d", 200)):
        await paid(name, amount_cents=cents)
    assert await listed() == ["d", "c", "b", "a"]
    assert await listed(sort_direction="asc") == ["a", "b", "c", "d"]
    assert (await listed(sort_by="amount"))[0] == "a"
    assert (await listed(sort_by="amount", sort_direction="asc"))[0] == "b"
    second = await table(page=2, per_page=3)
    assert ([one["comment"] for one in second["data"]], second["total"]) == (["a"], 4)
    assert (await table(page=3, per_page=3))["data"] == []
    by_amount = [await table(page=page, per_page=1, sort_by="amount", sort_direction="asc") for page in (1, 2, 3, 4)]
    assert sorted(page["data"][0]["comment"] for page in by_amount) == ["a", "b", "c", "d"]


async def test_filters_by_whom(paid, listed, services, shop_id, client, shop):
    person = {"id": "pat_ida", "firstName": "Ida", "lastName": "O'Neil", "externalId": "crm-7"}
    await client.post("/user/patient/create", json=person, headers=shop.billing)
    [ida] = (await client.get("/user/patient/list", params={"patient_ids": "pat_ida"}, headers=shop.billing)).json()
    ida_id = await _patient_id(services, shop_id)
    tag = await insert_row(services, shop_id, "patient_tags", name="VIP")
    await insert_link(services, shop_id, "patient_tag_assignments", patient_id=ida_id, tag_id=tag)
    await paid("robins")
    payment = await paid("idas", patient_id=ida_id)
    for params in (
        {"patient_id": "pat_ida"}, {"external_patient_id": "crm-7"}, {"payer": "ida oneil"}, {"payer": "neil"}, {"tags": str(tag)},
        {"id": str(payment)}, {"patient_id": "pat_ida", "payer": "ida", "tags": [str(tag), "none"]},
    ):  # fmt: skip
        assert await listed(**params) == ["idas"], params
    for params in (
        {"patient_id": "nobody"}, {"external_patient_id": "crm-8"}, {"payer": "zzz"}, {"tags": "none"}, {"id": "pay_none"},
        {"patient_id": "pat_ida", "payer": "robin"}, {"payer_type": "INSURANCE"}, {"type": "ACH"},
    ):  # fmt: skip
        assert await listed(**params) == [], params
    assert await listed(payer_type="PATIENT", type="PAYMENT") == ["idas", "robins"]
    assert ida["id"] == "pat_ida"


async def _patient_id(services, organization_id):
    async with services.db.reading(organization_id) as conn:
        row = await (await conn.execute("SELECT id FROM patients WHERE given_id = 'pat_ida'")).fetchone()
    return row[0]


async def test_filters_by_what(paid, listed, services, shop_id):
    await paid("small", amount_cents=100, medium="CHECK")
    await paid("big", amount_cents=9_900, method="CASH")
    await paid("credit", method="CREDIT", status="REFUND")
    await paid("open", status="UNPAID", stage="NEEDS_CARD", medium="Venmo", card_last4="1881")
    assert await listed(amount=[100, 100]) == ["small"]
    assert await listed(amount=[1_000, 9_900], sort_by="amount") == ["big", "open", "credit"]
    for mediums, expected in (
        (["CHECK"], ["small"]), (["CASH", "PATIENT_CREDIT"], ["credit", "big"]), (["Venmo", "Venmo"], ["open"]), (["POS"], []),
    ):  # fmt: skip
        assert await listed(payment_mediums=mediums) == expected
    assert await listed(status="FAILED") == ["open"]
    assert await listed(status=["SUCCEEDED", "FAILED"], payment_mediums=["CASH", "Venmo"]) == ["open", "big"]
    assert await listed(status="CANCELED") == []
    assert await listed(last4="1881") == ["open"]
    assert await listed(comment="RED") == ["credit"]
    assert await listed(comment="nothing") == []


async def test_filters_by_when_where_and_who(paid, listed, services, shop, shop_id):
    other_place = await insert_row(services, shop_id, "locations", name="Elsewhere", timezone="UTC")
    cleo = await hire(services, shop_id, "Cleo", "Marsh")
    account = await add_account(services, shop_id, "sk_test_x")
    main = UUID(shop.location_id)
    await paid("main", location_id=main, created_by_staff_id=UUID(shop.creator_id))
    await paid("other", location_id=other_place, created_by_staff_id=cleo)
    card = {
        "method": "GATEWAY",
        "gateway_account_id": account,
        "policy": "on_page",
        "stage": "WAITING",
        "status": "UNPAID",
    }
    await paid("card", created_at=MIDNIGHT - timedelta(minutes=30), is_test=True, **card)
    assert await listed(location_id=str(main)) == ["main"]
    assert await listed(location_ids=[str(main), str(other_place)]) == ["other", "main"]
    assert await listed(location_id=str(main), location_ids=[str(other_place)]) == []
    assert await listed(creator_id=str(cleo)) == await listed(provider_id=str(cleo)) == ["other"]
    assert await listed(creator_name="CLEO MAR") == ["other"]
    assert await listed(creator_name="Cleo", creator_id=shop.creator_id) == []
    assert await listed(merchant_account_ids=[str(account)]) == ["card"]
    assert await listed(payment_mediums="PAYMENT_LINK", status="CREATED") == ["card"]
    assert await listed(created_date="2026-03-02") == ["other", "main"]
    assert await listed(created_date=["2026-03-01", "2026-03-01"]) == ["card"]
    assert await listed(created_date="2026-03-01", tz="America/New_York") == ["other", "main", "card"]


async def test_archived_payments_are_left_out(paid, listed, services, shop_id):
    payment = await paid("gone")
    assert await listed() == ["gone"]
    await update_row(services, shop_id, "payments", payment, deleted_at=MIDNIGHT)
    assert await listed() == []


async def test_every_fault_is_named(table):
    for params, place in (
        ({"page": -1}, "page"), ({"per_page": 0}, "per_page"), ({"sort_by": "shoe"}, "sort_by"), ({"sort_direction": "up"}, "sort_direction"),
        ({"amount": [5]}, "amount"), ({"amount": [5, 1]}, "amount"), ({"status": "DONE"}, "status"), ({"created_date": "yesterday"}, "created_date"),
        ({"tz": "Mars/One"}, "tz"), ({"payer": "x" * 201}, "payer"),
    ):  # fmt: skip
        assert [where[:2] for where in await table(422, **params)] == [["query", place]], params


async def test_who_may_not(client, shop, other_clinic, paid):
    await paid("ours")
    assert (await client.get(TABLE)).status_code == 401
    narrow = shop.billing | {"API-KEY": shop.catalog_only_key}
    assert (await client.get(TABLE, headers=narrow)).status_code == 403
    theirs = await client.get(TABLE, params={"comment": "ours"}, headers=other_clinic.billing)
    assert theirs.json()["items"] == {"data": [], "total": 0}


async def test_what_it_finds_by_is_what_it_shows(services, shop_id, shop, table):
    """The words of the database are those of the program, for every stage, status, policy and method there is."""
    account = await add_account(services, shop_id, "sk_test_y")
    stages = (
        "UNVERIFIED",
        "UNCHECKED",
        "WAITING",
        "DUE",
        "RELEASING",
        "NEEDS_PATIENT",
        "NEEDS_CARD",
        "NEEDS_STAFF",
        "DONE",
    )
    statuses = ("UNPAID", "PAID", "CANCELED", "IN_DISPUTE", "LOST_DISPUTE", "REFUND", "ERROR")
    usual = {"patient_id": UUID(shop.patient_id), "amount_cents": 1, "currency": "USD", "is_test": True}
    for stage in stages:
        for status in statuses:
            ways = [
                ("GATEWAY", "at_desk"),
                ("GATEWAY", "on_page"),
                ("CASH", "unverified"),
                ("CREDIT", "unverified"),
                ("EXTERNAL", "unverified"),
            ]
            method, policy = ways[(stages.index(stage) + statuses.index(status)) % len(ways)]
            by_card = {"gateway_account_id": account} if method == "GATEWAY" else {}
            await insert_row(
                services,
                shop_id,
                "payments",
                **usual,
                **by_card,
                stage=stage,
                status=status,
                method=method,
                policy=policy,
            )
    everything = (await table(per_page=100))["data"]
    assert len(everything) == len(stages) * len(statuses)
    for name, member in (("status", "status"), ("payment_mediums", "paymentMedium")):
        for word in {one[member] for one in everything}:
            answer = await table(per_page=100, **{name: word})
            assert {one["id"] for one in answer["data"]} == {one["id"] for one in everything if one[member] == word}


@pytest.mark.parametrize("column", ["location_id", "created_by_staff_id", "gateway_account_id"])
async def test_an_index_of_what_few_have_holds_no_others(services, shop_id, column):
    """And is read nevertheless where one of them is asked for."""
    statement = (
        f"EXPLAIN SELECT y.id FROM (SELECT DISTINCT v FROM unnest(%s::uuid[]) v) v, LATERAL (SELECT y.id FROM payments y"
        f" WHERE y.organization_id = %s AND y.deleted_at IS NULL AND y.{column} = v.v"
        " ORDER BY y.created_at DESC, y.id DESC LIMIT 10) y"
    )
    async with services.db.reading(shop_id) as conn:
        found = await conn.execute(
            "SELECT indexdef, indexname FROM pg_indexes WHERE tablename = 'payments' AND indexdef LIKE %s",
            (f"%(organization_id, {column}, created_at DESC%",),
        )
        ((definition, name),) = await found.fetchall()
        assert f"({column} IS NOT NULL)" in definition
        await conn.execute("SET LOCAL enable_seqscan = off")
        await conn.execute("SET LOCAL enable_sort = off")
        plan = await (await conn.execute(statement.encode(), ([shop_id], shop_id))).fetchall()
    assert name in str(plan)
