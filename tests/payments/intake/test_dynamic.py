"""dynamic-case in a clinic that verifies payments, and a payment that comes with a form for a case that is there."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from tests.cases.dynamic_bodies import dynamic_body

PATH, OLD = "/api/v1/dynamic-case", "/handleDynamicCustomerForm"
PAYMENTS = "SELECT stage, method, amount_cents, reference_type FROM payments WHERE organization_id = %s AND case_id = %s ORDER BY created_at"
EVENTS = "SELECT type FROM events WHERE organization_id = %s AND case_id = %s ORDER BY case_sequence"


def body(**more):
    return dynamic_body(isTest=True, paymentAmount=159, **more)


@pytest.mark.parametrize("path", [PATH, OLD])
async def test_a_setup_intent_is_verified(world, paid, path):
    answer = await world.send(paid, body(stripeSetupId=world.setup(paid).id), path)
    assert answer.status_code == 200, answer.text
    payment = await world.payment(paid, answer.json()["data"]["caseId"])
    assert str(payment.id) == answer.json()["data"]["paymentId"]
    assert (payment.method, payment.stage) == ("GATEWAY", "WAITING")


@pytest.mark.parametrize("name", ["stripeSetupId", "stripePaymentIntentId", "stripePaymentId"])
async def test_what_is_wrong_is_told_by_the_members_own_name(world, paid, name):
    before = await world.counts(paid)
    answer = await world.send(paid, body(**{name: "pi_unknown" if "Payment" in name else "seti_unknown"}), PATH)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["success"], told["code"]) == (False, "VALIDATION_ERROR")
    assert [problem["field"] for problem in told["errors"]] == [name]
    assert await world.counts(paid) == before


async def test_a_payment_intent_without_an_amount_is_refused(world, paid):
    sent = body(stripePaymentIntentId=world.intent(paid).id)
    del sent["paymentAmount"]
    answer = await world.send(paid, sent, PATH)
    assert answer.status_code == 400
    assert "expected a payment intent of 0.00 USD" in answer.json()["error"]


async def test_a_used_key_of_the_body_is_told_before_anything_is_asked(world, paid):
    sent = body(stripeSetupId=world.setup(paid).id, idempotencyKey="once")
    assert (await world.send(paid, sent, PATH)).status_code == 200
    calls = world.calls()
    answer = await world.send(paid, sent, PATH)
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_ERROR")
    assert world.calls() == calls


@pytest.mark.parametrize("status", ["OPEN", "ABANDONED"])
async def test_a_form_brings_a_payment_to_a_case(world, paid, status):
    created = await world.send(paid, dynamic_body(isTest=True, status=status), PATH)
    case_id = created.json()["data"]["caseId"]
    calls = world.calls()["setup_intents.create"]

    answer = await world.send(paid, body(caseId=case_id, stripeSetupId=world.setup(paid).id), PATH)

    assert answer.status_code == 200, answer.text
    payment = await world.payment(paid, case_id)
    assert answer.json()["data"] | {"formResponseId": None} == {
        "caseId": case_id, "formResponseId": None, "paymentId": str(payment.id)
    }  # fmt: skip
    assert (payment.method, payment.stage, payment.customer_id is not None) == ("GATEWAY", "WAITING", True)
    assert [kind for (kind,) in await world.rows(paid, EVENTS, UUID(case_id))][1:] == [
        "ADD_FORM_RESPONSE",
        "PAYMENT_ADDED",
    ]
    assert world.calls()["setup_intents.create"] == calls + 1
    opened = await world.send(paid, {"action": "CHANGE_CASE_STATUS", "status": "OPEN"}, f"/api/v1/cases/{case_id}")
    assert opened.status_code == 200
    assert (await world.payment(paid, case_id)).stage == "WAITING"


async def case_of(world, paid, **more):
    return (await world.send(paid, dynamic_body(**({"isTest": True} | more)), PATH)).json()["data"]["caseId"]


async def test_one_reference_that_forms_bring_to_six_cases_at_once_pays_one(world, paid):
    case_ids, setup_id = [await case_of(world, paid) for _ in range(6)], world.setup(paid).id
    # So that all of them have asked before the first has written.
    world.gateway.fail_next("setup_intents.retrieve", "slow", times=6, key=paid.key)
    sent = [body(caseId=case_id, stripeSetupId=setup_id) for case_id in case_ids]
    answers = await asyncio.gather(*(world.send(paid, one, PATH) for one in sent))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 5}
    used = "SELECT count(*) FROM payments WHERE organization_id = %s AND reference_id = %s"
    assert await world.rows(paid, used, setup_id) == [(1,)]
    late = await world.send(paid, body(caseId=await case_of(world, paid), stripeSetupId=setup_id), PATH)
    assert "pays this case alone" in late.json()["errors"][0]["message"]
    # Who came as the card was being kept for the first is told of that, who came later that it is used.
    for answer in [late, *(one for one in answers if one.status_code == 400)]:
        (problem,) = answer.json()["errors"]
        assert problem["field"] == "stripeSetupId"
        assert "pays this case alone" in problem["message"] or "refuses to keep" in problem["message"]


@pytest.mark.parametrize("is_test", [True, False])
async def test_which_money_a_form_brings_is_its_cases(world, tmp_path, is_test):
    """Whatever the body says of itself."""
    paid = await world.clinic(tmp_path, modes=("test", "live"))
    this, other = ("test", "live") if is_test else ("live", "test")
    case_id = await case_of(world, paid, isTest=is_test)
    sent = body(caseId=case_id) | {"isTest": not is_test}
    wrong = await world.send(paid, sent | {"stripeSetupId": world.setup(paid, mode=other).id}, PATH)
    assert wrong.status_code == 400
    assert f"among its {this} objects" in wrong.json()["error"]
    answer = await world.send(paid, sent | {"stripeSetupId": world.setup(paid, mode=this).id}, PATH)
    assert answer.status_code == 200, answer.text
    payment = await world.payment(paid, case_id)
    assert (payment.is_test, payment.stage) == (is_test, "WAITING")


async def test_a_form_with_a_wrong_payment_writes_nothing(world, paid):
    created = await world.send(paid, dynamic_body(isTest=True), PATH)
    case_id = created.json()["data"]["caseId"]
    before = await world.counts(paid)
    for sent in ({"stripeSetupId": "seti_unknown"}, {"stripeSetupId": world.setup(paid).id, "paymentAmount": 1.234}):
        answer = await world.send(paid, body(caseId=case_id) | sent, PATH)
        assert answer.status_code == 400
        assert await world.counts(paid) == before


async def test_money_that_was_taken_comes_with_a_form(world, paid):
    created = await world.send(paid, dynamic_body(isTest=True), PATH)
    case_id = created.json()["data"]["caseId"]
    answer = await world.send(paid, body(caseId=case_id, stripePaymentIntentId=world.intent(paid).id), PATH)
    assert answer.status_code == 200, answer.text
    assert (await world.payment(paid, case_id)).status == "PAID"
    told = [kind for (kind,) in await world.rows(paid, EVENTS, UUID(case_id))]
    assert told[1:] == ["ADD_FORM_RESPONSE", "PAYMENT_ADDED", "PAYMENT_COMPLETED"]


async def test_without_a_gateway_a_form_brings_none(world, tmp_path):
    paid = await world.clinic(tmp_path, "unverified", ())
    case_id = (await world.send(paid, dynamic_body(isTest=True), PATH)).json()["data"]["caseId"]
    answer = await world.send(paid, body(caseId=case_id, stripeSetupId="seti_1"), PATH)
    assert answer.status_code == 200
    assert "paymentId" not in answer.json()["data"]
    assert await world.rows(paid, PAYMENTS, UUID(case_id)) == []
