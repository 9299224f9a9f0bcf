"""The largest that is taken, and what happens beyond."""

import json

import pytest

from tests.cases.bodies import case_body, question, with_questions, with_user
from tests.cases.problems import fields


@pytest.mark.parametrize("opening", [b"[", b'{"user":', b'{"products":[{"form":', b'{"user":{"shippingAddress":['])
async def test_deep_nesting_is_400(send_raw, opening):
    response = await send_raw(opening * 100_000)
    assert response.status_code == 400


async def test_deep_nesting_that_is_closed_is_400(send_raw):
    response = await send_raw(b'{"user": ' + b"[" * 20_000 + b"]" * 20_000 + b"}")
    assert response.status_code == 400


async def test_a_huge_body_is_413(send_raw):
    response = await send_raw(b'{"user": "' + b"x" * 36_700_160 + b'"}')
    assert response.status_code == 413
    assert response.json().items() >= {"success": False, "message": "Request body too large"}.items()


async def test_five_hundred_questions_are_kept_in_their_order(created, detail, clinic):
    asked = [question(f"Question {number}", f"Answer {number}", phi=number % 2 == 0) for number in range(500)]
    case_id = await created(with_questions(case_body(clinic.product_id), *asked))

    (response,) = (await detail(case_id))["responses"]

    assert [answer["text"] for answer in response["responses"]] == [sent["answer"] for sent in asked]
    assert [answer["question"]["index"] for answer in response["responses"]] == list(range(500))


async def test_more_than_five_hundred_questions_are_400(create, clinic):
    response = await create(with_questions(case_body(clinic.product_id), *[question()] * 501))
    assert response.status_code == 400
    assert fields(response) == ["products[0].form.questions"]


async def test_more_than_a_thousand_questions_in_all_forms_are_400(create, created, clinic):
    form = {"questions": [question(f"Question {number}") for number in range(20)]}
    most = case_body(clinic.product_id, products=[{"id": clinic.product_id, "form": form}] * 50)
    await created(most)
    most["products"][0]["form"] = {"questions": [*form["questions"], question()]}
    response = await create(most)
    assert response.status_code == 400
    assert fields(response) == ["products"]


async def test_four_mib_of_words_are_taken_and_more_are_413(create, clinic):
    def body(size):
        return with_questions(case_body(clinic.product_id), question(answer="x" * size))

    assert (await create(body(4_000_000))).status_code == 200
    response = await create(body(4_200_000))
    assert response.status_code == 413
    assert response.json()["message"] == "Request body too large"


async def test_a_document_counts_for_itself_beside_the_words(create, clinic):
    words, document = question(answer="x" * 4_000_000), question("Which?", "QUJD" * 500_000, "FILE")
    assert (await create(with_questions(case_body(clinic.product_id), words, document))).status_code == 200


async def test_fifty_products_are_taken_and_fifty_one_are_400(create, clinic):
    product = {"id": clinic.product_id}
    assert (await create(case_body(clinic.product_id, products=[product] * 50))).status_code == 200
    assert (await create(case_body(clinic.product_id, products=[product] * 51))).status_code == 400


async def test_at_most_a_hundred_problems_are_listed(create, clinic):
    response = await create(with_questions(case_body(clinic.product_id), *[{}] * 500))
    assert len(response.json()["errors"]) == 100


async def test_text_beyond_its_field_is_400(create, clinic):
    response = await create(with_user(case_body(clinic.product_id), firstName="x" * 201, lastName="y" * 201))
    assert response.status_code == 400
    assert fields(response) == ["user.firstName", "user.lastName"]


async def test_characters_of_every_script_come_back_as_sent(created, detail, clinic):
    name = "Zoë 李 \N{MUSICAL SYMBOL G CLEF} \u202e\u0001 O'Brien \\x41 %s {} \"; DROP TABLE cases; --"
    answer = "\u2028 \ufeff \N{PILE OF POO} \t\r\n ' \\ \" \\u0041"
    body = with_questions(case_body(clinic.product_id), question(answer, answer), question("Secret?", answer, phi=True))

    shown = await detail(await created(with_user(body, firstName=name)))

    assert shown["submitter"]["firstName"] == name
    assert [entry["text"] for entry in shown["responses"][0]["responses"]] == [answer, answer]
    assert shown["responses"][0]["responses"][0]["question"]["text"] == answer


async def test_a_number_beyond_all_bounds_is_refused(send_raw, clinic):
    text = json.dumps(case_body(clinic.product_id))
    for number in ("1" * 400, "1e999", "-1e999", "1e-999"):
        subscription = f'{{"intervalCount": {number}}}'
        sent = text.replace(f'"{clinic.product_id}"', f'"{clinic.product_id}", "subscription": {subscription}', 1)
        assert (await send_raw(sent.encode())).status_code in {400, 422}
