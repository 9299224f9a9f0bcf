"""GET /billing/cart and GET /billing/cart/list."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from carelane.services import Services
from carelane.web.totals import Totals
from tests.cast import Clinic
from tests.contract import CheckedClient
from tests.factories.carts import CART, get_cart, item, make_cart, package
from tests.factories.rows import insert_row, update_row
from tests.factories.staff import hire

LIST = f"{CART}/list"


async def _page(client: CheckedClient, clinic: Clinic, **query: Any) -> tuple[list[str], int]:
    answer = await client.get(CART, params=query, headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["data", "total"]
    return [cart["id"] for cart in answer.json()["data"]], answer.json()["total"]


async def _patient(services: Services, clinic: Clinic, first_name: str, last_name: str, **values: Any) -> str:
    names = {"first_name": first_name, "last_name": last_name}
    return str(await insert_row(services, UUID(clinic.organization_id), "patients", **names, **values))


async def test_pages_follow_each_other_newest_first(client: CheckedClient, own: Clinic, services: Services):
    patient = await _patient(services, own, "Page", "Turner")
    made = [(await make_cart(client, own, item(own), patientId=patient))["id"] for _ in range(5)]
    pages = [await _page(client, own, patient_id=patient, page=page, size=2) for page in (1, 2, 3, 4)]
    assert [carts for carts, _ in pages] == [[made[4], made[3]], [made[2], made[1]], [made[0]], []]
    assert {total for _, total in pages} == {5}


async def test_a_listed_cart_is_the_cart_as_it_is_shown(client: CheckedClient, own: Clinic):
    lines = [item(own, notes="mine"), package(own), item(own, quantity=2)]
    cart = await make_cart(client, own, *lines, creatorId=own.creator_id)
    paged = (await client.get(CART, params={"size": 1}, headers=own.billing)).json()["data"]
    listed = (await client.get(LIST, headers=own.billing)).json()
    assert paged == [cart] == listed[:1] == [await get_cart(client, own, cart["id"])]


async def test_filters_by_patient_creator_and_statuses_work_alone_and_together(
    client: CheckedClient, own: Clinic, services: Services
):
    here = (services, UUID(own.organization_id))
    patient, creator = await _patient(services, own, "Fil", "Ter"), str(await hire(*here, "Only", "Once"))
    first = await make_cart(client, own, patientId=patient)
    second = await make_cart(client, own, patientId=patient, creatorId=creator)
    third = await make_cart(client, own, creatorId=creator)
    await update_row(*here, "carts", UUID(first["id"]), status="EXPIRED")
    await update_row(*here, "carts", UUID(third["id"]), status="ABANDONED")
    assert await _page(client, own, patient_id=patient) == ([second["id"], first["id"]], 2)
    assert await _page(client, own, creator_id=creator) == ([third["id"], second["id"]], 2)
    assert await _page(client, own, creator_id=creator, patient_id=patient) == ([second["id"]], 1)
    assert await _page(client, own, patient_id=patient, statuses="EXPIRED") == ([first["id"]], 1)
    assert await _page(client, own, statuses=["EXPIRED", "ABANDONED"]) == ([third["id"], first["id"]], 2)
    assert await _page(client, own, statuses="ABANDONED", creator_id=creator) == ([third["id"]], 1)
    assert await _page(client, own, patient_id=str(uuid4())) == ([], 0)
    listed = (await client.get(LIST, params={"patient_id": patient, "status": "EXPIRED"}, headers=own.billing)).json()
    assert [cart["id"] for cart in listed] == [first["id"]]


async def test_carts_are_sorted_as_asked_for(client: CheckedClient, own: Clinic, services: Services):
    patient = await _patient(services, own, "Sor", "Ted")
    values = ((300, "2030-01-01T00:00:00Z"), (100, None), (200, "2029-01-01T00:00:00Z"))
    a, b, c = [
        (await make_cart(client, own, item(own, unitPrice=price), patientId=patient, expiresDate=date))["id"]
        for price, date in values
    ]
    wanted = {
        ("total", "asc"): [b, c, a],
        ("total", "desc"): [a, c, b],
        ("createdDate", "asc"): [a, b, c],
        ("created_date", "desc"): [c, b, a],
        ("expiresDate", "asc"): [c, a, b],
        ("expires_date", "desc"): [a, c, b],
        ("updated_date", "asc"): [a, b, c],
    }
    for (column, way), order in wanted.items():
        found = await _page(client, own, patient_id=patient, sort_by=column, sort_direction=way)
        assert found == (order, 3), (column, way)


async def test_a_search_finds_names_ids_statuses_and_what_is_in_the_cart(
    client: CheckedClient, own: Clinic, services: Services
):
    here = (services, UUID(own.organization_id))
    patient = await _patient(services, own, "Ottilie", "Quist", given_id="not-used")
    creator = str(await hire(*here, "Zdenka", "Marek"))
    product = str(await insert_row(*here, "products", name="Elderberry 100%_pure", currency="USD", price_cents=1))
    bundle = str(await insert_row(*here, "bundles", name="Winter kit", currency="USD", price_cents=1))
    one = (await make_cart(client, own, patientId=patient, id="needle"))["id"]
    two = (await make_cart(client, own, {"itemId": product}, creatorId=creator))["id"]
    three = (await make_cart(client, own, {"packageId": bundle}, patientId=patient))["id"]
    await update_row(*here, "carts", UUID(two), status="REJECTED")
    assert await _page(client, own, search="ottilie qu") == ([three, one], 2)
    assert await _page(client, own, search=" QUIST ", page=2, size=1) == ([one], 2)
    assert await _page(client, own, search="needle") == ([one], 1)
    assert await _page(client, own, search=two) == ([two], 1)
    assert await _page(client, own, search=patient) == ([three, one], 2)
    assert await _page(client, own, search="zdenka") == ([two], 1)
    assert await _page(client, own, search="reject") == ([two], 1)
    assert await _page(client, own, search="100%_p") == ([two], 1)
    assert await _page(client, own, search="winter") == ([three], 1)
    assert await _page(client, own, search="winter", patient_id=own.patient_id) == ([], 0)
    assert await _page(client, own, search="quist", statuses="DRAFT", sort_direction="asc") == ([one, three], 2)
    assert await _page(client, own, search="%") == ([two], 1)
    assert await _page(client, own, search="nobody has this") == ([], 0)


async def test_archived_carts_are_left_out(client: CheckedClient, own: Clinic, services: Services):
    patient = await _patient(services, own, "Arch", "Ived")
    cart = await make_cart(client, own, item(own), patientId=patient)
    await client.delete(f"{CART}/{cart['id']}", headers=own.billing)
    assert await _page(client, own, patient_id=patient) == ([], 0)
    assert await _page(client, own, search="arch ived") == ([], 0)
    assert (await client.get(LIST, params={"patient_id": patient}, headers=own.billing)).json() == []


async def test_another_clinics_carts_are_in_no_list(client: CheckedClient, own: Clinic, stranger: Clinic):
    theirs = await make_cart(client, stranger, item(stranger), creatorId=stranger.creator_id)
    for query in (
        {"patient_id": stranger.patient_id},
        {"creator_id": stranger.creator_id},
        {"search": theirs["id"]},
        {"search": stranger.patient_id},
    ):
        assert await _page(client, own, **query) == ([], 0)
    assert await _page(client, stranger, search="robin") == ([theirs["id"]], 1)


async def test_reading_a_list_is_written_down_once(client: CheckedClient, own: Clinic, services: Services):
    async def count() -> int:
        async with services.db.reading(UUID(own.organization_id)) as conn:
            cursor = await conn.execute("SELECT count(*) FROM phi_reads WHERE record_kind = 'carts'")
            return int((await cursor.fetchall())[0][0])

    before = await count()
    await _page(client, own)
    await client.get(LIST, headers=own.billing)
    assert await count() == before + 2


@pytest.mark.parametrize(
    ("url", "query", "loc"),
    [
        (CART, {"page": "-1"}, "page"),
        (CART, {"size": "101"}, "size"),
        (CART, {"size": "many"}, "size"),
        (CART, {"statuses": ["DRAFT", "OPEN"]}, "statuses"),
        (CART, {"sort_by": "name"}, "sort_by"),
        (CART, {"sort_direction": "up"}, "sort_direction"),
        (CART, {"search": "x" * 201}, "search"),
        (LIST, {"status": "OPEN"}, "status"),
    ],
)
async def test_wrong_queries_are_refused(client: CheckedClient, own: Clinic, url: str, query: dict[str, str], loc: str):
    answer = await client.get(url, params=query, headers=own.billing)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:2] == ["query", loc]


async def test_lists_want_the_right_credential(client: CheckedClient, own: Clinic, stranger: Clinic):
    wrong = {"API-KEY": stranger.api_key, "TENANT": own.tenant}
    weak = {"API-KEY": own.catalog_only_key, "TENANT": own.tenant}
    for url in (CART, LIST):
        assert [(await client.get(url, headers=headers)).status_code for headers in ({}, wrong, weak)] == [
            401,
            401,
            403,
        ]


def test_a_large_total_is_remembered_for_a_moment_and_a_small_one_is_not():
    totals, key = Totals(), (uuid4(), None, None, None)
    totals.keep(key, 9_999, 0.01)
    assert totals.find(key) is None
    totals.keep(key, 10_000, 0.01)
    assert (totals.find(key), totals.find((key[0], uuid4(), None, None))) == (10_000, None)
    totals.keep(key, 9_999, 0.01)
    assert totals.find(key) is None
