"""POST /api/v1/dynamic-case: what comes of it, for every field and every habit of its callers."""

import base64
from uuid import uuid4

import pytest

from tests.cases.bodies import new_email
from tests.cases.dynamic_bodies import asked, dynamic_body, first_question

PATH = "/api/v1/dynamic-case"
CONFLICT = {
    "status": 409,
    "success": False,
    "code": "IDEMPOTENCY_ERROR",
    "description": "A record with the provided idempotencyKey already exists for this organization.",
}
PDF = b"%PDF-1.4 a small one"
FILE = {"name": "id.pdf", "contentType": "application/pdf", "data": base64.b64encode(PDF).decode()}
ADDRESS = {
    "addressLine1": "123 Main St",
    "city": "San Francisco",
    "state": "CA",
    "country": "US",
    "postalCode": "94105",
}


def answers_of(case):
    (response,) = case["responses"]
    return [answer["text"] for answer in response["responses"]]


async def test_the_pages_example_with_a_bundle(send, detail, clinic, rows):
    body = dynamic_body(
        productBundleId=clinic.bundle_id,
        password="correct horse battery staple",
        shippingAddress=ADDRESS,
        languagePreferences=["en", "es"],
        paymentAmount=0.5,
        paymentDescription="Intake fee",
        stripeSetupId="seti_1Sk8JiGkkQS2eXzhTHyVTDj9",
        promoCodes=[{"Promo": "Lose10"}],
        referralCode="FRIEND",
    )
    answer = await send(body)
    assert answer.status_code == 200
    told = answer.json()
    assert list(told) == ["status", "success", "data"]
    assert (told["status"], told["success"]) == (200, True)
    assert list(told["data"]) == ["caseId", "formResponseId", "paymentId"]

    case = await detail(told["data"]["caseId"], includeCaseProducts="true")
    assert case["status"] == "OPEN" or case["status"] == "ASSIGNED"
    assert case["productBundleId"] == clinic.bundle_id
    assert case["referralCode"] == "FRIEND"
    assert case["promoCodes"] == [{"Promo": "Lose10"}]
    assert case["submitter"]["gender"] == "FEMALE"
    assert case["submitter"]["dob"] == "1985-12-10"
    assert case["submitter"]["address"] == "123 Main St"
    products = await rows("SELECT product_id FROM bundle_products WHERE bundle_id = %s", clinic.bundle_id)
    assert {one["organizationProduct"]["id"] for one in case["caseProducts"]} == {str(id_) for (id_,) in products}
    response_id = told["data"]["formResponseId"]
    assert response_id in {one["caseProductRequests"][0]["formResponseId"] for one in case["caseProducts"]}
    (response,) = case["responses"]
    assert response["id"] == response_id
    assert response["form"]["name"] == "Weight loss intake"
    assert answers_of(case) == ["138 lbs", '["Lose weight","Sleep"]', "2020-01-31"]
    (payment,) = case["payments"]
    assert payment["id"] == told["data"]["paymentId"]
    assert (payment["amount"], payment["status"], payment["description"]) == ("0.50", "UNPAID", "Intake fee")
    kept = await rows("SELECT reference_type, reference_id FROM payments WHERE id = %s", payment["id"])
    assert kept == [("SETUP_INTENT", "seti_1Sk8JiGkkQS2eXzhTHyVTDj9")]


async def test_without_a_bundle_the_case_has_no_products_and_says_so(shown):
    case = await shown(dynamic_body())
    assert case["caseProducts"] == []
    assert case["productBundle"] is None
    assert case["title"] == "Weight loss intake"
    assert "productBundleId: none was sent, so the case has no products" in case["warnings"]
    assert case["payments"] == []


async def test_the_least_that_can_be_sent(made):
    created = await made(
        {
            "firstName": "Ada",
            "lastName": "Test",
            "email": new_email(),
            "formTitle": "Short",
            "questions": [{"question": "Well?", "answer": "Yes", "type": "TEXT"}],
        }
    )
    assert set(created) == {"caseId", "formResponseId"}


async def test_the_password_is_nowhere(send, owner_url, rows):
    secret = f"pw{uuid4().hex}"
    assert (await send(dynamic_body(password=secret))).status_code == 200
    tables = await rows("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    for (table,) in tables:
        assert await rows(f'SELECT 1 FROM "{table}" t WHERE t::text LIKE %s', f"%{secret}%") == [], table


@pytest.mark.parametrize("gender", ["MALE", "male", "Male", " mAlE "])
async def test_gender_in_any_case(shown, gender):
    assert (await shown(dynamic_body(gender=gender)))["submitter"]["gender"] == "MALE"


@pytest.mark.parametrize("codes", [{}, [], {"Promo": "LOSE10"}, [{"Promo": "LOSE10"}], ["LOSE10"], {"Promo": None}])
async def test_promo_codes_in_every_shape(shown, codes):
    assert (await shown(dynamic_body(promoCodes=codes)))["promoCodes"] == codes


async def test_a_promo_code_alone(shown):
    assert (await shown(dynamic_body(promoCodes="LOSE10")))["promoCodes"] == ["LOSE10"]


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ([1, 2.5, True], ["1", "2.5", "true"]),
        ([{"label": "One", "value": 1}, {"value": "two"}], ["One", "two"]),
        ([None, "x"], ["", "x"]),
    ],
)
async def test_options_that_are_not_texts(shown, options, kept):
    case = await shown(dynamic_body(questions=[asked(type="SINGLESELECT", options=options, answer=kept[1])]))
    assert case["responses"][0]["responses"][0]["question"]["options"] == kept


@pytest.mark.parametrize("sent", [["a", "b"], '["a","b"]', '[ "a", "b" ]'])
async def test_a_multiselect_is_a_list_however_it_came(shown, sent):
    case = await shown(dynamic_body(questions=[asked(type="MULTISELECT", options=["a", "b"], answer=sent)]))
    assert answers_of(case) == ['["a","b"]']
    assert not [warning for warning in case["warnings"] if "questions" in warning]


async def test_a_multiselect_of_things_that_are_no_texts(shown):
    sent = [1, True, {"label": "Three"}, None]
    case = await shown(dynamic_body(questions=[asked(type="MULTISELECT", answer=sent)]))
    assert answers_of(case) == ['["1","true","Three"]']


@pytest.mark.parametrize(
    "sent",
    [
        [FILE],
        FILE,
        [{"fileName": "id.pdf", "mimeType": "application/pdf", "content": FILE["data"]}],
        f"data:application/pdf;name=id.pdf;base64,{FILE['data']}",
        [f"data:application/pdf;name=id.pdf;base64,{FILE['data']}"],
    ],
)
@pytest.mark.parametrize("kind", ["FILE", "file", "WIDGET_USER_ID_DOCUMENT"])
async def test_files_in_every_shape(shown, sent, kind):
    case = await shown(dynamic_body(questions=[asked(type=kind, answer=sent, phi=True)]), includeAttachments="true")
    (attachment,) = case["attachments"]
    assert attachment["fileName"] == "id.pdf"
    assert base64.b64decode(attachment["content"]) == PDF
    assert answers_of(case) == ['["id.pdf"]']


async def test_a_long_file_of_a_question_known_by_its_id(shown, made, detail, rows):
    """Its type is known only when the database was asked, and its text is read apart from the body."""
    content = PDF + b"x" * 200_000
    long = {"name": "long.pdf", "contentType": "application/pdf", "data": base64.b64encode(content).decode()}
    first = await made(dynamic_body(formTitle=f"Files {uuid4().hex}", questions=[asked(type="FILE", answer=[FILE])]))
    form_id, question_id = await first_question(rows, first["formResponseId"])
    body = dynamic_body(formTitle=None, formId=form_id, questions=[{"questionId": question_id, "answer": [long]}])
    case = await shown(body, includeAttachments="true")
    assert base64.b64decode(case["attachments"][0]["content"]) == content


@pytest.mark.parametrize("kind", ["WIDGET_BMI", "WIDGET_STATE_PICKER", "WIDGET_VISIT_TYPE", "BOOLEAN", "DATERANGE"])
async def test_widgets(shown, kind):
    answer = {
        "WIDGET_BMI": 27.4,
        "WIDGET_STATE_PICKER": "CA",
        "WIDGET_VISIT_TYPE": "SYNC_VIDEO",
        "BOOLEAN": True,
        "DATERANGE": ["2024-01-01", "2024-02-01"],
    }[kind]
    case = await shown(dynamic_body(questions=[asked(type=kind, answer=answer)]))
    assert not [warning for warning in case["warnings"] if "questions" in warning]


async def test_a_statement_needs_no_answer(shown):
    body = dynamic_body(questions=[{"question": "Read this", "type": "STATEMENT", "required": True}, asked()])
    assert answers_of(await shown(body)) == ["", "Well"]


async def test_the_visit_type_that_was_chosen_is_that_of_the_request(shown, clinic):
    question = {"question": "Consultation Type", "answer": "SYNC_VIDEO", "type": "WIDGET_VISIT_TYPE"}
    case = await shown(dynamic_body(productBundleId=clinic.bundle_id, questions=[question]))
    assert {one["caseProductRequests"][0]["visitType"] for one in case["caseProducts"]} == {"SYNC_VIDEO"}


@pytest.mark.parametrize(
    ("field", "text", "kind"),
    [
        ("stripeSetupId", "seti_1", "SETUP_INTENT"),
        ("stripePaymentIntentId", "pi_1", "PAYMENT_INTENT"),
        ("stripePaymentId", "pi_2", "PAYMENT_INTENT"),
        ("stripePaymentId", "seti_2", "SETUP_INTENT"),
        ("nmiPaymentToken", "tok", "PAYMENT_TOKEN"),
    ],
)
async def test_references_of_payments(made, rows, field, text, kind):
    created = await made(dynamic_body(**{field: text}))
    kept = await rows(
        "SELECT reference_type, reference_id, amount_cents, status FROM payments WHERE id = %s", created["paymentId"]
    )
    assert kept == [(kind, text, 0, "UNPAID")]


async def test_references_left_empty_are_none(made):
    created = await made(dynamic_body(stripeSetupId="", nmiPaymentToken=" ", paymentAmount=""))
    assert "paymentId" not in created


async def test_of_two_references_the_payment_intent_is_kept(shown, rows):
    case = await shown(dynamic_body(stripeSetupId="seti_1", stripePaymentIntentId="pi_1", paymentAmount="12.30"))
    kept = await rows("SELECT reference_id, amount_cents FROM payments WHERE case_id = %s", case["id"])
    assert kept == [("pi_1", 1230)]
    assert "stripeSetupId: not kept, because the payment's reference is stripePaymentIntentId" in case["warnings"]


@pytest.mark.parametrize("status", ["ABANDONED", "abandoned", "Abandoned"])
async def test_an_abandoned_case_may_stop_anywhere(shown, status):
    body = dynamic_body(
        status=status,
        phoneNumber=None,
        dob=None,
        stripeSetupId="seti_1",
        shippingAddress={"city": "Oakland"},
        questions=[{"question": "Required?", "type": "TEXT", "required": True}],
    )
    case = await shown(body)
    assert case["status"] == "ABANDONED"
    assert case["payments"] == []
    assert answers_of(case) == [""]


async def test_a_used_idempotency_key(made, send, other_clinic):
    key = f"key-{uuid4().hex}"
    await made(dynamic_body(idempotencyKey=key))
    for body in (dynamic_body(idempotencyKey=key), dynamic_body(idempotencyKey=f" {key} ")):
        answer = await send(body)
        assert answer.status_code == 409
        told = answer.json()
        assert {name: told[name] for name in CONFLICT} == CONFLICT
    assert (await send(dynamic_body(idempotencyKey=key), other_clinic.key)).status_code == 200


async def test_a_refused_case_leaves_its_key_free(made, send):
    key = f"key-{uuid4().hex}"
    assert (await send(dynamic_body(idempotencyKey=key, email="nobody"))).status_code == 400
    await made(dynamic_body(idempotencyKey=key))


async def test_the_header_answers_again(client, clinic):
    body, key = dynamic_body(), clinic.key | {"Idempotency-Key": uuid4().hex}
    first, second = [await client.post(PATH, json=body, headers=key) for _ in range(2)]
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"


async def test_an_open_case_is_a_conflict_unless_insisted(made, send, detail):
    body = dynamic_body()
    first = await made(body)
    refused = await send(body)
    assert refused.status_code == 409
    assert refused.json()["code"] == "CASE_CONFLICT"
    again = await made(body | {"forceCreate": True})
    assert again["caseId"] != first["caseId"]


async def test_a_form_for_an_existing_case_is_no_conflict(made, detail):
    body = dynamic_body()
    first = await made(body)
    more = await made(body | {"caseId": first["caseId"], "formTitle": "More"})
    assert more["caseId"] == first["caseId"]
    case = await detail(first["caseId"])
    assert [one["form"]["name"] for one in case["responses"]] == ["Weight loss intake", "More"]


async def test_an_existing_form_of_the_same_title_is_used(made, rows):
    title = f"Form {uuid4().hex}"
    for _ in range(2):
        await made(dynamic_body(formTitle=title))
    await made(dynamic_body(formTitle=title, questions=[asked("Other?")]))
    found = await rows(
        "SELECT count(DISTINCT f.id), count(v.id) FROM forms f JOIN form_versions v ON v.form_id = f.id WHERE f.name = %s",
        title,
    )
    assert found == [(1, 2)]
