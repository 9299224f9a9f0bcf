"""Well-formed values that break a rule: 422, and every broken rule is listed."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.cases.bodies import case_body, question, with_payment, with_questions, with_user
from tests.cases.problems import fields

UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def test_an_unknown_product_is_named(create, clinic):
    response = await create(case_body(clinic.product_id, products=[{"id": clinic.product_id}, {"id": UNKNOWN}]))
    assert response.status_code == 422
    assert response.json().items() >= {"success": False, "message": "Validation failed"}.items()
    (problem,) = response.json()["errors"]
    assert problem["field"] == "products[1].id"
    assert UNKNOWN in problem["message"]


async def test_several_broken_rules_are_listed_at_once(create, clinic):
    body = with_user(case_body(clinic.product_id), firstName=" ", lastName="\t", email="nobody", phoneNumber="911")
    body = with_payment(with_user(body, dob="1990-02-30"), amount=1.234, currency="usd")
    body["products"] = [{"id": clinic.product_id, "subscription": {"interval": "day", "intervalCount": 0}}]

    response = await create(with_questions(body, question("", ""), question("Why?", "", required=True)))

    assert response.status_code == 422
    assert fields(response) == [
        "payment.amount",
        "payment.currency",
        "products[0].form.questions[0].question",
        "products[0].form.questions[1].answer",
        "products[0].subscription.intervalCount",
        "user.dob",
        "user.email",
        "user.firstName",
        "user.lastName",
        "user.phoneNumber",
    ]


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (b"159", "159.00"),
        (b"159.5", "159.50"),
        (b"159.00", "159.00"),
        (b'"99.99"', "99.99"),
        (b'"0.10"', "0.10"),
        (b"0", "0.00"),
        (b"1e2", "100.00"),
        (b"0.07", "0.07"),
        (b"1.10000", "1.10"),
        (b"99999999.99", "99999999.99"),
        (b"109.99000000000001", "109.99"),
        (b"0.30000000000000004", "0.30"),
    ],
)
async def test_an_amount_is_kept_to_the_cent(send_raw, detail, clinic, amount, shown):
    response = await send_raw(_with_amount(clinic, amount))
    assert response.status_code == 200, response.text
    (payment,) = (await detail(response.json()["data"]["caseId"]))["payments"]
    assert payment["amount"] == shown


@pytest.mark.parametrize(
    "amount",
    [
        b"1.234", b'"1.234"', b"-1", b'"-0.01"', b'"1e400"', b'"1e999999999"', b'"1e-999999999"', b'"NaN"',
        b'"sNaN"', b'"Infinity"', b"100000000", b"0.001", b'"1_5.9"', b'"1e2"', b'" 5"', b'"5\\n"', b'"+5"', '"\N{FULLWIDTH DIGIT ONE}\N{FULLWIDTH DIGIT FIVE}.9"'.encode(),
        b'"109.99000000000001"', b"109.990001",
    ],
)  # fmt: skip
async def test_an_amount_that_is_not_exact_is_never_rounded(send_raw, clinic, amount):
    response = await send_raw(_with_amount(clinic, amount))
    assert response.status_code == 422, response.text
    assert fields(response) == ["payment.amount"]


@pytest.mark.parametrize("amount", [b'"free"', b'""', b'"1,50"', b"true", b"null", b'"$5"', b"1e400"])
async def test_an_amount_that_is_no_number_is_400(send_raw, clinic, amount):
    response = await send_raw(_with_amount(clinic, amount))
    assert response.status_code == 400
    assert fields(response) == ["payment.amount"]


def _with_amount(clinic, amount):
    return json.dumps(with_payment(case_body(clinic.product_id), amount="AMOUNT")).encode().replace(b'"AMOUNT"', amount)


@pytest.mark.parametrize("currency", ["usd", "XXX", "", "US", "DOLLAR"])
async def test_the_currency_is_an_iso_4217_code(create, clinic, currency):
    response = await create(with_payment(case_body(clinic.product_id), currency=currency))
    assert response.status_code == 422
    assert fields(response) == ["payment.currency"]


@pytest.mark.parametrize(("amount", "status"), [("1.50", 422), ("150", 200), ("150.00", 200), (1.5, 422)])
async def test_a_currency_without_a_smaller_unit_takes_whole_amounts(create, clinic, amount, status):
    response = await create(with_payment(case_body(clinic.product_id), currency="JPY", amount=amount))
    assert response.status_code == status
    assert status == 200 or fields(response) == ["payment.amount"]


@pytest.mark.parametrize(
    ("currency", "amount", "shown"),
    [
        ("JPY", "1005", "1005"),
        ("JPY", 9_999_999_999, "9999999999"),
        ("KWD", 1.234, "1.234"),
        ("KWD", "1.2", "1.200"),
        ("XCG", "7.50", "7.50"),
    ],
)
async def test_an_amount_has_the_decimals_of_its_currency(create, detail, clinic, currency, amount, shown):
    response = await create(with_payment(case_body(clinic.product_id), currency=currency, amount=amount))
    assert response.status_code == 200, response.text
    (payment,) = (await detail(response.json()["data"]["caseId"]))["payments"]
    assert payment["amount"] == shown
    # Nothing, in the currency's decimals.
    assert payment["fees"]["shippingFee"] == re.sub(
        r"^\d+", "0", re.sub(r"\.\d+", lambda part: "." + "0" * (len(part[0]) - 1), shown)
    )


async def test_a_blank_payment_reference_is_refused(create, clinic):
    body = with_payment(case_body(clinic.product_id), providerReference={"type": "SETUP_INTENT", "id": "  "})
    assert fields(await create(body)) == ["payment.providerReference.id"]


@pytest.mark.parametrize(
    "dob",
    [
        "1990-5-15",
        "15.05.1990",
        "1990-02-30",
        "",
        "1990-05-15T00:00:00Z",
        "0000-01-01",
        "\u0661\u0669\u0669\u0660-\u0660\u0665-\u0661\u0665",
    ],
)
async def test_a_malformed_date_of_birth_is_refused(create, clinic, dob):
    response = await create(with_user(case_body(clinic.product_id), dob=dob))
    assert response.status_code == 422
    assert fields(response) == ["user.dob"]


async def test_a_date_of_birth_in_the_future_is_refused(create, clinic):
    after_tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    response = await create(with_user(case_body(clinic.product_id), dob=after_tomorrow))
    assert response.status_code == 422
    assert fields(response) == ["user.dob"]


@pytest.mark.parametrize(
    "email",
    ["", "a", "@example.com", "a@", "a@b@c", "a b@example.com", "a@exa mple.com", "a..b@example.com",
     "a@example.com\r\nBcc: x@example.com", "A <a@example.com>", f"{'a' * 65}@example.com"],
)  # fmt: skip
async def test_a_malformed_email_is_refused(create, clinic, email):
    response = await create(with_user(case_body(clinic.product_id), email=email))
    assert response.status_code == 422
    assert fields(response) == ["user.email"]


@pytest.mark.parametrize(
    "phone",
    [
        "2125550123",
        "+0125550123",
        "+1 212 555 0123",
        "+1",
        "+1234567890123456",
        "+1\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u0660",
    ],
)
async def test_a_phone_number_that_is_not_e164_is_refused(create, clinic, phone):
    response = await create(with_user(case_body(clinic.product_id), phoneNumber=phone))
    assert response.status_code == 422
    assert fields(response) == ["user.phoneNumber"]


@pytest.mark.parametrize("count", [0, -1, 1_001])
async def test_an_interval_count_out_of_bounds_is_refused(create, clinic, count):
    subscription = {"interval": "month", "intervalCount": count}
    response = await create(
        case_body(clinic.product_id, products=[{"id": clinic.product_id, "subscription": subscription}])
    )
    assert response.status_code == 422
    assert fields(response) == ["products[0].subscription.intervalCount"]


@pytest.mark.parametrize("answer", ["", [], None])
async def test_a_required_question_must_be_answered(create, clinic, answer):
    response = await create(with_questions(case_body(clinic.product_id), question("Why?", answer, required=True)))
    assert response.status_code == 422
    assert fields(response) == ["products[0].form.questions[0].answer"]


async def test_a_question_that_is_not_required_may_stay_empty(create, clinic):
    assert (await create(with_questions(case_body(clinic.product_id), question("Why?", "")))).status_code == 200


async def test_a_refused_case_leaves_no_patient_behind(create, rows, clinic):
    body = case_body(clinic.product_id, products=[{"id": UNKNOWN}])
    assert (await create(body)).status_code == 422
    assert await rows("SELECT id FROM patients WHERE email = %s", body["user"]["email"]) == []


async def test_a_refused_value_is_never_repeated_in_the_answer(create, clinic):
    response = await create(with_user(case_body(clinic.product_id), email="MARKER", dob="MARKER", phoneNumber="MARKER"))
    assert response.status_code == 422
    assert "MARKER" not in response.text
