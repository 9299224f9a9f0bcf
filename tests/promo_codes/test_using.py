"""Uses of codes: taken as a case is made, given back when it ends without a sale, and never more than there are."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from tests.detail.asking import read_case
from tests.detail.test_round_trips import tapped_client
from tests.factories.cases import case_body
from tests.review.people import employ


async def used(services, shop, code: str) -> int:
    async with services.db.reading(UUID(shop.clinic.organization_id)) as conn:
        statement = """
            SELECT used_count, (SELECT count(*) FROM promo_code_uses u WHERE u.promo_code_id = c.id AND released_at IS NULL)
            FROM promo_codes c WHERE code = %s
        """
        ((count, rows),) = await (await conn.execute(statement, (code,))).fetchall()
    assert count == rows
    return count


@pytest.mark.parametrize(
    "sent", [{"Promo": "LOSE10"}, ["lose10"], [{"Promo": "LOSE10"}, {"Again": " Lose10 "}], [None, "LOSE10", "unknown"]]
)
async def test_a_case_uses_each_code_that_is_a_record_once_and_keeps_what_was_sent(shop, services, sent):
    answer = await shop.create(sent)
    assert answer.status_code == 200, answer.text
    assert await used(services, shop, "LOSE10") == 1
    case_id = answer.json()["data"]["caseId"]
    assert (await read_case(shop.client, shop.clinic, case_id))["promoCodes"] == sent


@pytest.mark.parametrize("sent", [{}, [], None, {"Promo": None}, {"Promo": ""}, ["never heard of"]])
async def test_what_is_no_record_is_kept_as_text(shop, services, sent):
    assert (await shop.create(sent)).status_code == 200


@pytest.mark.parametrize("code", ["OVER", "SOON", "NONE", "OFF", "OTHER"])
async def test_a_code_that_cannot_be_used_is_refused_by_its_place(shop, services, code):
    answer = await shop.create({"First": "LOSE10", "Second": code})
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["field"] == "promoCodes.Second"
    assert code not in answer.text
    # Nothing half-written remains.
    assert await used(services, shop, "LOSE10") == 0
    listed = await shop.create(["LOSE10", code])
    assert [one["field"] for one in listed.json()["errors"]] == ["promoCodes[1]"]


async def test_a_code_of_bundles_is_good_for_their_products(shop, services):
    assert (await shop.create({"Promo": "HALF"})).status_code == 200
    assert await used(services, shop, "HALF") == 1


async def test_an_abandoned_cart_uses_nothing(shop, services):
    body = case_body(shop.clinic.product_id, promoCodes=["THRICE", "OVER"], status="ABANDONED")
    answer = await shop.client.post("/api/v1/cases", json=body, headers=shop.clinic.key)
    assert answer.status_code == 200
    assert await used(services, shop, "THRICE") == 0


async def test_a_case_that_is_refused_uses_nothing(shop, services):
    email = "iris@patient.example"
    first = case_body(shop.clinic.product_id, email, promoCodes=["THRICE"])
    post = [await shop.client.post("/api/v1/cases", json=first, headers=shop.clinic.key) for _ in range(2)]
    assert [answer.status_code for answer in post] == [200, 409]
    assert await used(services, shop, "THRICE") == 1


async def test_64_at_once_use_a_code_no_more_often_than_it_may_be(shop, services):
    answers = await asyncio.gather(*(shop.create({"Promo": "THRICE"}) for _ in range(64)))
    assert Counter(answer.status_code for answer in answers) == {200: 3, 422: 61}
    assert await used(services, shop, "THRICE") == 3
    assert await shop.discounts("THRICE") == []


async def test_cases_with_the_same_codes_in_another_order_do_not_deadlock(shop, services):
    orders = [["LOSE10", "Spring-15", "HALF"], ["HALF", "Spring-15", "LOSE10"]] * 12
    answers = await asyncio.gather(*(shop.create(order) for order in orders))
    assert {answer.status_code for answer in answers} == {200}
    assert [await used(services, shop, code) for code in ("LOSE10", "Spring-15", "HALF")] == [24] * 3


async def test_a_request_that_is_repeated_uses_a_code_once(shop, services):
    body = case_body(shop.clinic.product_id, promoCodes=["THRICE"])
    headers = shop.clinic.key | {"Idempotency-Key": body["user"]["email"]}
    answers = [await shop.client.post("/api/v1/cases", json=body, headers=headers) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert await used(services, shop, "THRICE") == 1


@pytest.mark.parametrize(("reason", "left"), [("DENIED", 0), ("INELIGIBLE", 0), ("COMPLETE", 1), ("RESOLVED", 1)])
async def test_a_case_that_ends_without_a_sale_gives_its_uses_back(shop, services, reason, left):
    case_id = (await shop.create(["THRICE", "unknown"])).json()["data"]["caseId"]
    mia = (await employ(services, shop.clinic, "Mia", role="CASEMANAGER", npi=None, licenses={})).headers
    url = f"/api/staff/cases/{case_id}"
    for _ in range(2):
        archived = await shop.client.post(f"{url}/archive", json={"reason": reason}, headers=mia)
        assert archived.status_code == 200, archived.text
        assert await used(services, shop, "THRICE") == left
        reopened = await shop.client.post(f"{url}/reopen", headers=mia)
        assert reopened.status_code == 200
        assert await used(services, shop, "THRICE") == 1


async def test_what_was_given_back_and_used_up_since_is_not_taken_again(shop, services):
    case_id = (await shop.create(["THRICE"])).json()["data"]["caseId"]
    mia = (await employ(services, shop.clinic, "Mia", role="CASEMANAGER", npi=None, licenses={})).headers
    url = f"/api/staff/cases/{case_id}"
    await shop.client.post(f"{url}/archive", json={"reason": "DENIED"}, headers=mia)
    answers = [await shop.create(["THRICE"]) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 422]
    assert (await shop.client.post(f"{url}/reopen", headers=mia)).status_code == 200
    assert await used(services, shop, "THRICE") == 3


async def test_codes_cost_no_round_trip(services, tmp_path, shop):
    async with tapped_client(services, tmp_path) as (client, tap):

        async def create(**members) -> int:
            before = tap.round_trips
            body = case_body(shop.clinic.product_id, **members)
            assert (await client.post("/api/v1/cases", json=body, headers=shop.clinic.key)).status_code == 200
            return tap.round_trips - before

        await create()
        assert await create() == await create(promoCodes=["LOSE10", "unknown"]) == 2
