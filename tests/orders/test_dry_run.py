"""`?dryRun=true` tells what would happen and leaves nothing behind."""

import pytest

from tests.factories.rows import update_row
from tests.orders.bodies import drop, order_body, put, strict_body
from tests.orders.shop import open_shop
from tests.own_clinic import make_clinic

DRY = "?dryRun=true"


async def tried(shop, case_id, body, **more):
    """The answer's data; nothing was written for it."""
    before = await shop.counts()
    answer = await shop.place(case_id, body, query=DRY, **more)
    assert answer.status_code == 200, answer.text
    assert await shop.counts() == before
    told = answer.json()
    assert list(told) == ["status", "success", "message", "data"]
    outcome = "created" if told["data"]["wouldCreate"] else "refused"
    assert (told["status"], told["success"]) == (200, True)
    assert told["message"] == f"Dry run: the order would be {outcome}"
    return told["data"]


async def test_a_right_order_would_be_created(shop, case_id):
    assert await tried(shop, case_id, strict_body()) == {"wouldCreate": True, "findings": []}
    assert await shop.ask(
        "SELECT r.status FROM case_product_requests r JOIN case_products k ON k.id = r.case_product_id "
        "WHERE k.case_id = %s",
        case_id,
    ) == [("APPROVED",)]
    await shop.placed(case_id, strict_body())


async def test_warnings_are_told_and_stop_nothing(shop, case_id):
    data = await tried(shop, case_id, order_body())
    assert data["wouldCreate"] is True
    assert [(finding["field"], finding["severity"]) for finding in data["findings"]] == [
        ("order.prescriber.npi", "warn"),
        ("order.prescriber.phoneNumber", "warn"),
    ]


async def test_in_strict_they_would_be_refused(strict_shop, strict_case_id):
    data = await tried(strict_shop, strict_case_id, order_body())
    assert data["wouldCreate"] is False
    assert {finding["severity"] for finding in data["findings"]} == {"refuse"}


async def test_all_findings_come_together(shop, case_id):
    """What the body lacks, what breaks a rule, what is unknown, and what is only doubted."""
    body = drop(order_body(pharmacyId="pharmacy-unknown"), "order.prescriber.firstName")
    body = put(put(body, "order.prescriptionItems[0].quantity", 30), "order.shippingAddress.state", "XX")
    data = await tried(shop, case_id, body)
    assert data["wouldCreate"] is False
    assert {finding["field"]: finding["severity"] for finding in data["findings"]} == {
        "order.prescriber.firstName": "refuse",
        "order.prescriptionItems[0].quantity": "refuse",
        "order.shippingAddress.state": "refuse",
        "order.prescriber.npi": "warn",
        "order.prescriber.phoneNumber": "warn",
        "order.pharmacyId": "refuse",
    }


async def test_it_says_what_the_real_request_says(shop, case_id):
    body = put(drop(order_body(), "order.diagnosis"), "order.prescriber.email", "nobody")
    findings = (await tried(shop, case_id, body))["findings"]
    refused = [
        {"field": found["field"], "message": found["message"]} for found in findings if found["severity"] == "refuse"
    ]
    assert (await shop.place(case_id, body)).json()["errors"] == refused


async def test_a_used_body_key_is_told(shop, case_id):
    await shop.placed(case_id, strict_body("dry-used"))
    (finding,) = (await tried(shop, case_id, strict_body("dry-used")))["findings"]
    assert (finding["field"], finding["severity"]) == ("idempotencyKey", "refuse")


async def test_it_uses_up_neither_key(shop, case_id):
    body = strict_body("dry-first")
    for _ in range(2):
        assert (await tried(shop, case_id, body, key="dry-header"))["wouldCreate"] is True
    answer = await shop.place(case_id, body, key="dry-header")
    assert answer.status_code == 200
    assert "idempotent-replayed" not in answer.headers


async def test_a_used_header_key_is_told(shop, case_id):
    await shop.placed(case_id, strict_body(), key="dry-header-used")
    for body, said in ((strict_body(), "this very request"), (order_body(), "another request")):
        data = await tried(shop, case_id, body, key="dry-header-used")
        assert data["wouldCreate"] is False
        assert data["findings"][-1]["field"] == "Idempotency-Key"
        assert said in data["findings"][-1]["message"]


async def test_a_body_that_is_no_object_is_400_all_the_same(shop, case_id):
    assert (await shop.place(case_id, [], query=DRY)).status_code == 400


@pytest.mark.parametrize("flag", ["1", "yes", "TRUE", ""])
async def test_another_flag_is_refused_and_nothing_is_placed(shop, case_id, flag):
    answer = await shop.place(case_id, strict_body(), query=f"?dryRun={flag}")
    assert answer.status_code == 400
    assert answer.json()["error"] == "dryRun: expected `true` or `false`"


async def test_false_places_the_order(shop, case_id):
    answer = await shop.place(case_id, strict_body(), query="?dryRun=false")
    assert answer.json()["message"] == "Order created successfully"


async def test_that_it_will_wait_for_the_payment_is_told_and_stops_nothing(client, services, tmp_path):
    """Also in strict: nothing is wrong with such an order."""
    clinic = await make_clinic(services, tmp_path, validationProfile="strict")
    shop = await open_shop(client, services, clinic)
    await update_row(services, shop.id, "organizations", shop.id, order_requires_payment=True)
    case_id = await shop.approved_case()
    data = await tried(shop, case_id, strict_body())
    assert data["wouldCreate"] is True
    [finding] = data["findings"]
    assert (finding["field"], finding["severity"]) == ("caseId", "warn")
    assert finding["message"].startswith("the order will wait for the payment of the case, which is UNPAID: ")
    order_id = await shop.placed(case_id, strict_body())
    assert await shop.ask("SELECT warnings FROM orders WHERE id = %s", order_id) == [
        ([f"caseId: {finding['message']}"],)
    ]
