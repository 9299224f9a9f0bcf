"""POST /api/v1/dynamic-case: what is refused, and whom it answers."""

import json
from uuid import uuid4

import pytest

from tests.cases.bodies import case_body
from tests.cases.dynamic_bodies import asked, dynamic_body
from tests.cases.test_dynamic import ADDRESS, FILE


@pytest.mark.parametrize("field", ["firstName", "lastName", "email", "questions"])
async def test_a_missing_field_is_named(send, field):
    body = {name: value for name, value in dynamic_body().items() if name != field}
    answer = await send(body)
    assert answer.status_code == 400
    told = answer.json()
    assert told["message"] == "Invalid request"
    assert told["code"] == "VALIDATION_ERROR"
    assert [problem["field"] for problem in told["errors"]] == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"dob": "12/10/1985"}, "dob"),
        ({"dob": "2999-01-01"}, "dob"),
        ({"phoneNumber": "555-0123"}, "phoneNumber"),
        ({"firstName": " "}, "firstName"),
        ({"gender": "unknown"}, "gender"),
        ({"status": "CLOSED"}, "status"),
        ({"productBundleId": str(uuid4())}, "productBundleId"),
        ({"productBundleId": "none"}, "productBundleId"),
        ({"formId": str(uuid4())}, "formId"),
        ({"formId": "none"}, "formId"),
        ({"paymentAmount": 1.234}, "paymentAmount"),
        ({"paymentAmount": -1}, "paymentAmount"),
        ({"paymentAmount": "much"}, "paymentAmount"),
        ({"questions": []}, "questions"),
        ({"questions": [{"answer": "x", "type": "TEXT"}]}, "questions[0].question"),
        ({"questions": [asked(type="SECRET")]}, "questions[0].type"),
        ({"questions": [asked(required=True, answer="")]}, "questions[0].answer"),
        ({"questions": [asked(type="FILE", answer=[FILE | {"data": "%%%"}])]}, "questions[0].answer[0].data"),
        ({"questions": [asked(answer=[FILE])]}, "questions[0].answer"),
        ({"shippingAddress": ADDRESS | {"city": ""}}, "shippingAddress.city"),
        ({"languagePreferences": "en"}, "languagePreferences"),
    ],
)
async def test_a_wrong_field_is_named_and_its_value_is_not(send, changes, field):
    answer = await send(dynamic_body(**changes))
    assert answer.status_code == 400, answer.text
    told = answer.json()
    assert (told["status"], told["success"], told["code"]) == (400, False, "VALIDATION_ERROR")
    assert [problem["field"] for problem in told["errors"]] == [field]


async def test_neither_title_nor_id(send):
    answer = await send(dynamic_body(formTitle=None))
    assert answer.status_code == 400
    assert "formTitle is required" in json.dumps(answer.json())


@pytest.mark.parametrize(("headers", "status"), [({}, 401), ({"cv-api-key": "cvk_wrong"}, 401), ("catalog_only", 403)])
async def test_credentials(send, clinic, headers, status):
    answer = await send(dynamic_body(), clinic.catalog_only if headers == "catalog_only" else headers)
    assert answer.status_code == status
    assert answer.json()["success"] is False


async def test_the_other_clinics_bundle_and_form_are_unknown(send, clinic, other_clinic):
    answer = await send(dynamic_body(productBundleId=clinic.bundle_id), other_clinic.key)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == ["productBundleId"]


async def test_an_answer_that_is_phi_is_sealed(made, rows):
    created = await made(dynamic_body(questions=[asked(answer="zebra", phi=True), asked("B?", "lion", isPHI=True)]))
    kept = await rows("SELECT text FROM form_answers WHERE form_response_id = %s", created["formResponseId"])
    assert kept == [(None,), (None,)]


async def test_the_same_patient_as_of_post_cases(made, create, clinic):
    """Both paths lead to one patient, and one open case."""
    body = dynamic_body()
    await made(body)
    user = {name: body[name] for name in ("firstName", "lastName", "email", "phoneNumber", "dob")}
    assert (await create(case_body(clinic.product_id, user=user))).status_code == 409


async def test_the_old_address_takes_the_key_in_the_body(client, clinic):
    path = "/handleDynamicCustomerForm"
    answer = await client.post(path, json=dynamic_body(key=clinic.api_key))
    assert answer.status_code == 200, answer.text
    assert (await client.post(path, json=dynamic_body(key="cvk_wrong"))).status_code == 401
    assert (await client.post(path, json=dynamic_body())).status_code == 400
