"""Bodies that cannot be read, or have missing or wrongly typed fields: 400, and every offending field is listed."""

import json

import pytest

from tests.cases.bodies import case_body, question, with_payment, with_questions, with_user
from tests.cases.problems import fields


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"nonsense", b"[]", b'"text"', b"null", b"7", b'{"user": NaN}', b"\xff\xfe", b'{"user": "\xc3"}'],
)
async def test_what_is_no_json_object_is_400(send_raw, content):
    response = await send_raw(content)
    assert response.status_code == 400
    assert response.json().items() >= {"success": False, "message": "Invalid request"}.items()


async def test_every_missing_field_is_listed(create):
    response = await create({"user": {}, "products": [{}]})
    assert response.status_code == 400
    assert fields(response) == [
        "products[0].id",
        "user.dob",
        "user.email",
        "user.firstName",
        "user.lastName",
        "user.phoneNumber",
    ]


async def test_an_empty_object_lacks_user_and_products(create):
    assert fields(await create({})) == ["products", "user"]


async def test_every_wrongly_typed_field_is_listed(create, clinic):
    body = case_body(clinic.product_id, isTest="true", forceCreate=1, status=5)
    body = with_user(body, firstName=1, dob=19900515, languagePreferences="en", shippingAddress=[])
    body = with_payment(body, amount={}, providerReference="seti_1")
    body["products"] += [{"id": "no-uuid", "subscription": {"interval": 1, "intervalCount": "3"}}]

    response = await create(body)

    assert response.status_code == 400
    assert fields(response) == [
        "forceCreate",
        "isTest",
        "payment.amount",
        "payment.providerReference",
        "products[1].id",
        "products[1].subscription.interval",
        "products[1].subscription.intervalCount",
        "status",
        "user.dob",
        "user.firstName",
        "user.languagePreferences",
        "user.shippingAddress",
    ]


async def test_every_unknown_choice_is_listed_with_what_would_be_accepted(create, clinic):
    body = with_user(case_body(clinic.product_id, status="CLOSED"), gender="UNKNOWN")
    body = with_payment(body, status="FREE", providerReference={"type": "CARD", "id": "1"})
    body["products"] = [{"id": clinic.product_id, "visitType": "LETTER", "subscription": {"interval": "Month"}}]

    response = await create(with_questions(body, question(kind="ESSAY")))

    assert response.status_code == 400
    assert fields(response) == [
        "payment.providerReference.type",
        "payment.status",
        "products[0].form.questions[0].type",
        "products[0].subscription.interval",
        "products[0].visitType",
        "status",
        "user.gender",
    ]
    said = {problem["field"]: problem["message"] for problem in response.json()["errors"]}
    assert "FEMALE, MALE, OTHER" in said["user.gender"]
    assert "LETTER" not in response.text


@pytest.mark.parametrize(
    ("payment", "field"),
    [
        ({}, "payment.amount"),
        ({"amount": 1, "currency": "USD"}, "payment.providerReference"),
        ({"amount": 1, "currency": "USD", "status": "PAID"}, "payment.providerReference"),
        (
            {"amount": 1, "currency": "USD", "providerReference": {"type": "SETUP_INTENT"}},
            "payment.providerReference.id",
        ),
        ({"currency": "USD", "status": "UNPAID"}, "payment.amount"),
        ({"amount": 1, "status": "UNPAID"}, "payment.currency"),
    ],
)
async def test_an_incomplete_payment_is_400(create, clinic, payment, field):
    response = await create(case_body(clinic.product_id, payment=payment))
    assert response.status_code == 400
    assert field in fields(response)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"question": "Why?", "type": "TEXT"}, "answer"),
        ({"answer": "So", "type": "TEXT"}, "question"),
        ({"question": "Why?", "answer": "So"}, "type"),
        ({"question": "Why?", "answer": {"no": "file"}, "type": "FILE"}, "answer.name"),
        ({"question": "Why?", "answer": "So", "type": "TEXT", "options": "a, b"}, "options"),
        ({"question": "Why?", "answer": "So", "type": "TEXT", "phi": "yes"}, "phi"),
    ],
)
async def test_an_incomplete_question_is_400(create, clinic, asked, field):
    response = await create(with_questions(case_body(clinic.product_id), question(), asked))
    assert response.status_code == 400
    assert f"products[0].form.questions[1].{field}" in fields(response)


@pytest.mark.parametrize("products", [[], None, {}, "9fc0d0f5-f211-4bf9-b105-485b1f29eb39"])
async def test_products_must_be_a_list_with_something_in_it(create, clinic, products):
    response = await create(case_body(clinic.product_id, products=products))
    assert response.status_code == 400
    assert fields(response) == ["products"]


async def test_a_value_is_never_repeated_in_the_answer(create, clinic):
    response = await create(with_user(case_body(clinic.product_id), gender="MARKER", dob=["MARKER"], email="MARKER"))
    assert response.status_code == 400
    assert "MARKER" not in response.text


async def test_unknown_members_are_ignored(create, clinic):
    response = await create(with_user(case_body(clinic.product_id, referrer="a friend"), nickname="Amazing"))
    assert response.status_code == 200


async def test_null_stands_for_not_sent(create, clinic):
    body = case_body(clinic.product_id, status=None, isTest=None, forceCreate=None, payment=None)
    body["products"] = [{"id": clinic.product_id, "form": None, "subscription": None, "visitType": None}]
    response = await create(with_user(body, gender=None, languagePreferences=None, shippingAddress=None))
    assert response.status_code == 200


async def test_the_character_nul_is_400_wherever_it_stands(create, clinic):
    body = with_questions(case_body(clinic.product_id), question("a\0b", "c\0d"))
    response = await create(with_user(body, lastName="Hop\0per"))
    assert response.status_code == 400
    assert fields(response) == [
        "products[0].form.questions[0].answer",
        "products[0].form.questions[0].question",
        "user.lastName",
    ]


async def test_half_of_a_surrogate_pair_is_400(send_raw, clinic):
    """JSON can spell what no UTF-8 text can hold."""
    content = json.dumps(with_user(case_body(clinic.product_id), lastName="\ud800")).encode()
    assert b"\\ud800" in content
    assert (await send_raw(content)).status_code == 400
