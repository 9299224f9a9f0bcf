"""Who may tell of a payment, of which case, and what is refused."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.confirmations.conftest import URL, Shop
from tests.detail.asking import create_case
from tests.factories.cases import case_body, change_case
from tests.factories.decisions import decide
from tests.factories.staff import hire

TAKEN = {"status": 200, "success": True}


async def test_no_credential_and_wrong_ones(shop: Shop):
    for headers in ({}, {"cv-api-key": "cvk_wrong"}, shop.clinic.catalog_only):
        answer = await shop.client.post(URL, json=shop.body(), headers=headers)
        assert answer.status_code in {401, 403}
        assert answer.json()["success"] is False
    assert await shop.elsewhere() == []


@pytest.mark.parametrize("case_id", ["018f0000-0000-7000-8000-000000000000", "not an id", "0", "x" * 200])
async def test_a_case_that_is_not_there(shop: Shop, case_id: str):
    answer = await shop.send(shop.body(caseId=case_id))
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_another_clinics_case_is_not_there(shop: Shop, clinic):
    answer = await shop.client.post(URL, json=shop.body(), headers=clinic.key)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert await shop.elsewhere() == []


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": 1.005}, "amount"),
        ({"amount": "fifty"}, "amount"),
        ({"amount": 1e300}, "amount"),
        ({"amount": None}, "amount"),
        ({"amount": True}, "amount"),
        ({"status": "paid"}, "status"),
        ({"status": "PARTIAL"}, "status"),
        ({"paymentDate": "20.11.2026"}, "paymentDate"),
        ({"paymentDate": "2026-02-30"}, "paymentDate"),
        ({"validUntil": "soon"}, "validUntil"),
        ({"validUntil": "2026-11-19"}, "validUntil"),
        ({"decisionId": "none"}, "decisionId"),
        ({"decisionId": "018f0000-0000-7000-8000-000000000000"}, "decisionId"),
        ({"email": "nobody"}, "email"),
        ({"phoneNumber": "555"}, "phoneNumber"),
        ({"caseId": None}, "caseId"),
        ({"caseId": "  ", "email": " "}, "caseId"),
        ({"idempotencyKey": "k" * 256}, "idempotencyKey"),
        ({"description": "d" * 1001}, "description"),
    ],
)
async def test_what_is_refused_is_named(shop: Shop, members: dict[str, Any], field: str):
    answer = await shop.send(shop.body(**members))
    assert answer.status_code == 400, answer.text
    assert answer.json()["success"] is False
    assert any(problem["field"] == field for problem in answer.json()["errors"]), answer.text
    assert await shop.elsewhere() == []
    assert await shop.ask("SELECT 1 FROM payment_confirmations") == []


@pytest.mark.parametrize("field", ["amount", "status", "paymentDate"])
async def test_what_is_required(shop: Shop, field: str):
    body = shop.body()
    del body[field]
    assert (await shop.send(body)).status_code == 400


async def test_the_older_body_without_valid_until(shop: Shop):
    body = shop.body()
    del body["validUntil"]
    assert (await shop.send(body)).json() == TAKEN


@pytest.mark.parametrize("named", ["email", "phoneNumber", "both", "email, caseId"])
async def test_the_case_may_be_named_by_who_submitted_it(shop: Shop, named: str):
    email, phone = f"{uuid4().hex}@patient.example", f"+1212555{uuid4().int % 10_000:04}"
    body = case_body(shop.clinic.product_id, email)
    body["user"]["phoneNumber"] = phone
    older = await create_case(shop.client, shop.clinic, body)
    await change_case(shop.services, shop.id, older, status="REJECTED", is_archived=True)
    newer = await create_case(shop.client, shop.clinic, body)
    members: dict[str, Any] = {"email": f" {email.upper()} " if "email" in named or named == "both" else None}
    members["phoneNumber"] = phone if named in {"phoneNumber", "both"} else None
    members["caseId"] = str(older) if "caseId" in named else None
    await shop.told(**members)
    paid_for = older if "caseId" in named else newer
    assert await shop.ask("SELECT case_id FROM payments WHERE method = 'EXTERNAL'") == [(paid_for,)]


@pytest.mark.parametrize("members", [{"email": "x@patient.example"}, {"phoneNumber": "+12125550100"}])
async def test_who_did_not_submit_it(shop: Shop, members: dict[str, str]):
    assert (await shop.send(shop.body(**members))).status_code == 404
    assert (await shop.send(shop.body(caseId=None, **members))).status_code == 404


async def test_the_approval_that_is_paid_for(shop: Shop):
    staff_id = await hire(shop.services, shop.id, "Ada", "Berg")
    product = {"product_id": shop.clinic.product_id}
    approval = await decide(shop.services, shop.id, shop.case_id, staff_id, is_approved=True, **product)
    refusal = await decide(shop.services, shop.id, shop.case_id, staff_id, is_approved=False, **product)
    assert (await shop.send(shop.body(decisionId=str(refusal)))).status_code == 400
    await shop.told(decisionId=str(approval))
    [row] = await shop.ask(
        "SELECT decision_id, valid_until::text, paid_at::date::text FROM payments WHERE method = 'EXTERNAL'"
    )
    assert row == (approval, "2026-12-20", "2026-11-20")


async def test_a_key_is_good_once(shop: Shop):
    await shop.told(idempotencyKey="payment-1")
    for body in (shop.body(idempotencyKey="payment-1"), shop.body("REFUND", 1, idempotencyKey=" payment-1 ")):
        answer = await shop.send(body)
        assert answer.status_code == 409
        assert answer.json() == {
            "status": 409,
            "success": False,
            "code": "IDEMPOTENCY_ERROR",
            "description": "A record with the provided idempotencyKey already exists for this organization.",
        }
    await shop.told(idempotencyKey="payment-2")
    assert await shop.elsewhere() == [("PAID", "50.00")] * 2


async def test_a_key_that_was_refused_is_still_good(shop: Shop):
    assert (await shop.send(shop.body(amount=0, idempotencyKey="k"))).status_code == 400
    await shop.told(idempotencyKey="k")


async def test_another_clinic_may_use_the_same_key(shop: Shop, client, clinic):
    key = uuid4().hex
    await shop.told(idempotencyKey=key)
    case_id = await create_case(client, clinic)
    body = shop.body(caseId=str(case_id), idempotencyKey=key)
    assert (await client.post(URL, json=body, headers=clinic.key)).status_code == 200


async def test_of_many_with_one_key_at_once_one_is_taken(shop: Shop):
    """Two cases, so that the case's row does not put them in order."""
    other = await create_case(shop.client, shop.clinic)
    bodies = [shop.body(caseId=str(case), idempotencyKey="once") for case in (shop.case_id, other) for _ in range(4)]
    answers = await asyncio.gather(*map(shop.send, bodies))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    assert await shop.ask("SELECT count(*) FROM payments WHERE method = 'EXTERNAL'") == [(1,)]


async def test_the_header_gives_the_same_answer_again(shop: Shop):
    for _ in range(2):
        answer = await shop.send(shop.body(), **{"Idempotency-Key": "header-1"})
        assert (answer.status_code, answer.json()) == (200, TAKEN)
    assert await shop.elsewhere() == [("PAID", "50.00")]
