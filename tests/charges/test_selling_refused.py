"""What is not sold: each wrong member, what is unknown, and who may not."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.charges.selling import CREATE, MARK, problems
from tests.factories.rows import insert_row

LINE = {"quantity": 1, "price": 10}
BAD = {
    "status": {"status": "PAID"},
    "items": {"items": []},
    "ruleSetId": {"ruleSetId": "x"},
    "memberId": {"memberId": "x"},
    "merchantAccountId": {"merchantAccountId": "x"},
    "id": {"id": "table"},
    "externalCreatedDate": {"externalCreatedDate": "0001-01-01T00:00:00+14:00"},
    "items.0.itemId": {"items": [LINE]},
    "items.0.packageId": {"items": [LINE | {"itemId": "a", "packageId": "b"}]},
    **{
        f"items.0.{name}": {"items": [LINE | {"name": "x", name: value}]}
        for name, value in {
            "soldPackageId": "x", "bankedQuantity": 1, "bankedItemId": "x", "issuedDiscountId": "x", "pricingId": "x",
            "shipmentIds": [],
        }.items()
    },
    "patientId": {"patientId": ""},
    "totalOutstanding": {"totalOutstanding": "ten"},
    "items.0.quantity": {"items": [LINE | {"name": "x", "quantity": 1.5}]},
    "items.0.price": {"items": [LINE | {"name": "x", "price": -1}]},
    "items.0.discountPercentage": {"items": [LINE | {"name": "x", "discountPercentage": 101}]},
    "items.0.name": {"items": [LINE | {"name": " "}]},
    "tips.0.amount": {"tips": [{"amount": 0, "providerId": "x"}]},
    "tips.0.providerId": {"tips": [{"amount": 1, "providerId": ""}]},
    "tips": {"tips": [{"amount": 1, "providerId": "x"}] * 51},
    "payments": {"payments": [{}]},
    "adjustments": {"adjustments": [{}]},
    "discountAmount": {"discountAmount": -1},
    "comment": {"comment": "x" * 10_001},
    "meta": {"meta": {"x": "x" * 20_001}},
}  # fmt: skip


@pytest.mark.parametrize("field", BAD)
async def test_each_wrong_member_is_named(sell, sale, field):
    answer = await sell(sale(10) | BAD[field], status=422)
    assert field in problems(answer), answer
    listed = await sell([sale(0), sale(0) | BAD[field]], MARK, status=422)
    assert f"1.{field}" in problems(listed), listed


async def test_amounts_beyond_all_bounds(sell, till):
    most = 9_999_999_999
    line = {"name": "Gold", "quantity": 2, "price": most}
    answer = await sell({"patientId": till.patient_id, "totalOutstanding": most, "items": [line]}, status=422)
    assert problems(answer) == {"items.0.quantity": f"expected a total of at most {most} cents"}
    lines = [line | {"quantity": 1}] * 2
    answer = await sell({"patientId": till.patient_id, "totalOutstanding": most, "items": lines}, status=422)
    assert problems(answer) == {"items": f"expected a total of at most {most} cents"}


async def test_all_that_is_unknown_is_named_and_others_records_are_not_there(sell, till, stranger, ask):
    line = {"quantity": 1, "price": 1}
    body = {
        "patientId": stranger.patient_id, "creatorId": stranger.creator_id, "locationId": stranger.location_id,
        "totalOutstanding": 3,
        "items": [
            line | {"itemId": stranger.item_id, "soldByProviderId": "nobody"}, line | {"packageId": stranger.package_id},
        ],
    }  # fmt: skip
    answer = await sell(body, status=404)
    assert answer["detail"] == "; ".join(
        f"no {what} here"
        for what in (
            f"patient {stranger.patient_id}", f"member of staff {stranger.creator_id}", f"location {stranger.location_id}",
            "member of staff nobody", f"item {stranger.item_id}", f"package {stranger.package_id}",
        )
    )  # fmt: skip


async def test_what_is_archived_is_not_sold(sell, sale, services, till, till_id):
    gone = await insert_row(
        services, till_id, "patients", email=f"{uuid4().hex}@x.example", archived_at=datetime.now(UTC)
    )
    assert (await sell(sale(patientId=str(gone)), status=404))["detail"] == f"no patient {gone} here"
    old = await insert_row(services, till_id, "products", name="Old", price_cents=1, currency="USD", is_active=False)
    answer = await sell(sale() | {"items": [{"itemId": str(old), "quantity": 1, "price": 10_000}]}, status=422)
    assert problems(answer) == {"items.0.itemId": f"expected one that is sold; {old} is archived"}


async def test_who_may_not_is_refused(sell, sale, till, stranger):
    for path, body in ((CREATE, sale()), (MARK, [sale(0)])):
        assert (await sell(body, path, {}, 401))["detail"]
        assert (await sell(body, path, till.billing | {"API-KEY": "cvk_wrong"}, 401))["detail"]
        assert (await sell(body, path, till.billing | {"API-KEY": till.catalog_only_key}, 403))["detail"]
        assert (await sell(body, path, stranger.billing, 404))["detail"].startswith("no patient")


async def test_a_parameter_that_is_none_is_refused(client, till, sale):
    answer = await client.post(f"{CREATE}?dryrun=1", json=sale(), headers=till.billing)
    assert answer.status_code == 400, answer.text
