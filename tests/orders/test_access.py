"""Who may place an order, and for which case."""

from uuid import uuid4

import pytest

from tests.factories.pharmacies import add_drug, add_pharmacy
from tests.orders.bodies import order_body, put
from tests.orders.shop import open_shop
from tests.own_clinic import make_clinic

DENIED = {"status": 403, "success": False, "message": "Invalid request", "error": "Permission denied"}


def begins(answer, status, printed):
    body = answer.json()
    assert answer.status_code == status
    assert {name: body[name] for name in list(body)[:4]} == printed
    assert set(body) - set(printed) <= {"requestId", "errors"}


@pytest.fixture(scope="module")
async def other_shop(client, services, tmp_path_factory):
    return await open_shop(client, services, await make_clinic(services, tmp_path_factory.mktemp("other")))


async def test_no_key_is_400_and_names_the_header(shop, case_id, client):
    answer = await client.post(f"/api/v1/cases/{case_id}", json=order_body())
    begins(
        answer,
        400,
        {"status": 400, "success": False, "message": "Invalid request", "error": "cv-api-key is required"},
    )


@pytest.mark.parametrize("key", ["cvk_unknown", "x" * 5_000, "cvk_" + "nobody" * 7])
async def test_a_wrong_key_is_401(case_id, client, key):
    answer = await client.post(f"/api/v1/cases/{case_id}", json=order_body(), headers={"cv-api-key": key})
    begins(answer, 401, {"status": 401, "success": False, "message": "Invalid request", "error": "Unauthorized"})


async def test_a_bearer_token_is_no_key_here(case_id, client, shop):
    form = {
        "grant_type": "client_credentials",
        "client_id": shop.clinic.client_id,
        "client_secret": shop.clinic.client_secret,
    }
    token = (await client.post("/oauth/token", data=form)).json()["access_token"]
    headers = {"authorization": f"Bearer {token}"}
    answer = await client.post(f"/api/v1/cases/{case_id}", json=order_body(), headers=headers)
    assert answer.status_code == 400


async def test_a_key_without_the_scope_is_403(shop, case_id, client):
    answer = await client.post(f"/api/v1/cases/{case_id}", json=order_body(), headers=shop.clinic.catalog_only)
    begins(answer, 403, DENIED)


@pytest.mark.parametrize("named", ["01a20000-0000-7000-8000-00000000dead", "no-uuid", "123", "x" * 3_000, "%20"])
async def test_a_case_that_there_is_not_is_403(shop, named):
    begins(await shop.place(named, order_body()), 403, DENIED)


async def test_another_organizations_case_is_403_and_gets_nothing(shop, other_shop):
    theirs = await other_shop.approved_case()
    begins(await shop.place(theirs, order_body()), 403, DENIED)
    begins(await shop.place(theirs, order_body(), query="?dryRun=true"), 403, DENIED)
    assert await other_shop.orders_of(theirs) == []


async def test_a_case_that_is_not_ours_is_403_whatever_the_body(shop, other_shop):
    theirs = await other_shop.approved_case()
    begins(await shop.place(theirs, put(order_body(), "order.prescriber.npi", "1")), 403, DENIED)


async def test_another_organizations_pharmacy_and_drug_are_unknown(shop, other_shop, case_id):
    foreign = await add_pharmacy(other_shop.services, other_shop.id, "pharmacy-theirs")
    await add_drug(other_shop.services, other_shop.id, "drug-theirs")
    item = {"drugId": "drug-theirs", "quantity": "1"}
    for pharmacy in ("pharmacy-theirs", str(foreign)):
        answer = await shop.place(case_id, order_body(pharmacyId=pharmacy, prescriptionItems=[item]))
        assert [problem["field"] for problem in answer.json()["errors"]] == [
            "order.pharmacyId",
            "order.prescriptionItems[0].drugId",
        ]


async def test_an_idempotency_key_of_another_organization_is_free(shop, other_shop, case_id):
    body = order_body(f"shared-{uuid4().hex}")
    await shop.placed(case_id, body)
    await other_shop.placed(await other_shop.approved_case(), body)
