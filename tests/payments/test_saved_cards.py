"""Cards that are kept, as the front desk sees them: set up by the gateway's own fields, listed, taken away."""

from uuid import UUID, uuid4

import pytest

METHODS = "/billing/payment/methods"
CREATE = "/user/patient/payment-methods/create"
CONFIG = "/billing/payment-terminal/create-payment-method-config"


@pytest.fixture
def ask(till):
    async def send(method, path, body=None, headers=None, **params):
        own = till.clinic.billing if headers is None else headers
        return await till.http.request(method, path, json=body, params=params or None, headers=own)

    return send


@pytest.fixture
def patient(till):
    return till.clinic.patient_id


@pytest.fixture
def keep(ask, till, patient):
    async def send(setup_id, status=200, whose=None, **more):
        body = {"paymentMethodId": setup_id} | more
        answer = await ask("POST", CREATE, body, patient_id=whose or patient)
        assert answer.status_code == status, answer.text
        return answer.json()

    return send


@pytest.fixture
def listed(ask, patient):
    async def send(whose=None):
        answer = await ask("GET", METHODS, patient_id=whose or patient)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return send


def places(answer):
    return [problem["loc"] for problem in answer["detail"]]


async def test_a_card_that_was_set_up_is_kept_and_shown(till, keep, listed, patient):
    kept = await keep(till.saved_card("pm_card_mastercard"))
    assert (kept["patientId"], kept["brand"], kept["last4"], kept["type"]) == (patient, "mastercard", "4444", "CARD")
    assert kept["expMonth"] == 12
    assert (kept["isDefault"], kept["isArchived"]) == (True, False)
    assert kept["availableMerchantIds"] == [str(till.account_id)]
    assert kept["rainforestPaymentMethodId"].startswith("pm_")
    newer = await keep(till.saved_card())
    assert [one["id"] for one in await listed()] == [newer["id"], kept["id"]]
    assert [one["isDefault"] for one in await listed()] == [True, False]
    reads = await till.ask("SELECT record_id FROM phi_reads WHERE reason = 'payment methods of a patient'")
    assert set(reads) == {(UUID(patient),)}


async def test_a_card_that_came_with_a_case_is_there_too(till, listed):
    payment = await till.case(till.saved_card())
    [card] = await listed(str(payment.patient_id))
    assert (card["brand"], card["last4"], card["isDefault"]) == ("visa", "4242", True)


async def test_while_the_gateway_is_away_it_is_shown_without_its_digits(till, listed):
    payment = await till.case(till.saved_card())
    till.fail("payment_methods.retrieve", "server_error")
    assert [one["last4"] for one in await listed(str(payment.patient_id))] == [None]
    assert [one["last4"] for one in await listed(str(payment.patient_id))] == ["4242"]


async def test_a_setup_for_the_gateways_fields(till, ask, patient, keep):
    answer = await ask("POST", CONFIG, patient_id=patient)
    made = answer.json()
    assert (answer.status_code, made["sandbox"], made["paymentMethods"]) == (200, True, [])
    setup_id = made["paymentMethodConfigId"]
    assert made["sessionKey"].startswith(f"{setup_id}_secret_")
    till.stripe.v1.setup_intents.confirm(setup_id, {"payment_method": "pm_card_visa"})
    kept = await keep("card", paymentMethodConfigId=setup_id)
    again = await ask("POST", CONFIG, patient_id=patient)
    assert [one["id"] for one in again.json()["paymentMethods"]] == [kept["id"]]
    assert (await ask("POST", CONFIG)).json()["paymentMethods"] == []


async def test_only_a_setup_of_the_gateways_is_taken(till, keep, ask, patient):
    assert places(await keep("4242424242424242", 422)) == [["body", "paymentMethodConfigId"]]
    assert places(await keep("pm_card_visa", 422)) == [["body", "paymentMethodConfigId"]]
    assert places(await keep("seti_unknown", 422)) == [["body", "paymentMethodId"]]
    assert places(await keep("pm_other", 422, paymentMethodConfigId=till.saved_card())) == [["body", "paymentMethodId"]]
    assert places(await keep(till.saved_card(), 422, methodType="ACH")) == [["body", "methodType"]]
    unfinished = till.stripe.v1.setup_intents.create({"payment_method_types": ["card"]}).id
    assert places(await keep(unfinished, 422)) == [["body", "paymentMethodId"]]
    for wrong, field in (({}, "paymentMethodId"), ({"paymentMethodId": 5}, "paymentMethodId")):
        answer = await ask("POST", CREATE, wrong | {"methodType": "CARD"}, patient_id=patient)
        assert (answer.status_code, places(answer.json())) == (422, [["body", field]])
    assert await till.ask("SELECT id FROM payment_methods") == []


async def test_another_patients_card_is_not_kept(till, keep, ask):
    setup_id = till.saved_card()
    await keep(setup_id)
    made = await ask("POST", "/user/patient/create", {"firstName": "Eve"})
    other = made.json()["id"]
    assert "another patient" in (await keep(setup_id, 409, whose=other))["detail"]


async def test_sent_again_it_is_kept_once(till, ask, patient, listed):
    body = {"paymentMethodId": till.saved_card()}
    headers = till.clinic.billing | {"Idempotency-Key": "card-1"}
    answers = [await ask("POST", CREATE, body, headers=headers, patient_id=patient) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(await listed()) == 1


async def test_a_card_is_taken_away_and_comes_back_when_it_is_set_up_again(till, keep, listed, ask, patient):
    setup_id = till.saved_card()
    kept = await keep(setup_id)
    url = f"/user/patient/payment-methods/{kept['id']}"
    missing = await ask("DELETE", url)
    assert (missing.status_code, places(missing.json())) == (422, [["query", "patient_id"]])
    made = await ask("POST", "/user/patient/create", {"firstName": "Eve"})
    assert (await ask("DELETE", url, patient_id=made.json()["id"])).status_code == 404
    gone = await ask("DELETE", url, patient_id=patient)
    assert (gone.status_code, gone.json()) == (200, True)
    assert await listed() == []
    assert (await ask("DELETE", url, patient_id=patient)).status_code == 404
    [(method_id,)] = await till.ask("SELECT method_id FROM gateway_customers WHERE patient_id = %s", UUID(patient))
    assert method_id is None
    assert (await keep(setup_id))["id"] == kept["id"]
    assert [one["id"] for one in await listed()] == [kept["id"]]


async def test_a_card_that_a_payment_waits_for_stays(till, listed, ask):
    payment = await till.case(till.saved_card())
    [card] = await listed(str(payment.patient_id))
    url = f"/user/patient/payment-methods/{card['id']}"
    refused = await ask("DELETE", url, patient_id=str(payment.patient_id))
    assert refused.status_code == 409
    await till.run(await till.decide(payment, "REJECTED"))
    assert (await ask("DELETE", url, patient_id=str(payment.patient_id))).status_code == 200


async def test_the_gateway_is_away(till, ask, patient):
    setup_id = till.saved_card()
    till.fail("setup_intents.retrieve", "server_error")
    answer = await ask("POST", CREATE, {"paymentMethodId": setup_id}, patient_id=patient)
    assert answer.status_code == 503
    till.fail("setup_intents.create", "server_error")
    assert (await ask("POST", CONFIG, patient_id=patient)).status_code == 503


async def test_who_may_not(till, keep, ask, patient):
    kept = await keep(till.saved_card())
    setup_id = till.saved_card()
    narrow = till.clinic.billing | {"API-KEY": till.clinic.catalog_only_key}
    for method, path, body in (
        ("GET", METHODS, None),
        ("POST", CREATE, {"paymentMethodId": setup_id}),
        ("DELETE", f"/user/patient/payment-methods/{kept['id']}", None),
        ("POST", CONFIG, None),
    ):
        assert (await ask(method, path, body, headers={}, patient_id=patient)).status_code == 401
        assert (await ask(method, path, body, headers=narrow, patient_id=patient)).status_code == 403
        unknown = await ask(method, path, body, patient_id="pat_none")
        assert (unknown.status_code, unknown.json()) == (404, {"detail": "no patient pat_none here"})
    for ref in (str(uuid4()), "pm_1"):
        assert (await ask("DELETE", f"/user/patient/payment-methods/{ref}", patient_id=patient)).status_code == 404
    missing = await ask("GET", METHODS)
    assert (missing.status_code, places(missing.json())) == (422, [["query", "patient_id"]])
