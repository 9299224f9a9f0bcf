"""One open case for a patient, unless the storefront insists; a cart that was left is in nobody's way."""

import pytest

from tests.cases.bodies import case_body, question, with_questions, with_user
from tests.cases.problems import fields


@pytest.fixture
def abandoned(clinic):
    def body(**changes):
        user = case_body(clinic.product_id)["user"]
        known = {name: user[name] for name in ("firstName", "lastName", "email")}
        return {"status": "ABANDONED", "user": known, "products": [{"id": clinic.product_id}]} | changes

    return body


async def test_a_second_open_case_is_409(create, created, clinic):
    body = case_body(clinic.product_id)
    await created(body)

    response = await create(body)

    assert response.status_code == 409
    assert response.json().items() >= {"success": False, "message": "Case conflict"}.items()


async def test_the_email_counts_in_any_case_of_letters(create, created, clinic):
    body = case_body(clinic.product_id)
    await created(body)
    assert (await create(with_user(body, email=body["user"]["email"].upper()))).status_code == 409


async def test_force_create_passes(created, clinic, rows):
    body = case_body(clinic.product_id)
    first, second = await created(body), await created({**body, "forceCreate": True})
    assert first != second
    patients = await rows("SELECT DISTINCT patient_id FROM cases WHERE id = ANY(%s::uuid[])", [first, second])
    assert len(patients) == 1


async def test_a_refused_second_case_changes_nothing(create, created, rows, clinic):
    body = case_body(clinic.product_id)
    await created(body)
    await create(with_user(body, firstName="Changed", phoneNumber="+12125550199"))
    found = await rows("SELECT first_name, phone_number FROM patients WHERE email = %s", body["user"]["email"])
    assert found == [("Grace", "+12125550123")]


@pytest.mark.parametrize("status", ["CLOSED", "APPROVED", "REJECTED", "NO_DECISION"])
async def test_a_decided_or_archived_case_is_not_in_the_way(created, rows, clinic, status):
    body = case_body(clinic.product_id)
    case_id = await created(body)
    change = "is_archived = true" if status == "CLOSED" else f"status = '{status}'"
    await rows(f"UPDATE cases SET {change} WHERE id = %s RETURNING id", case_id)
    await created(body)


@pytest.mark.parametrize("status", ["ASSIGNED", "IN_PROGRESS"])
async def test_a_case_somebody_works_on_is_in_the_way(create, created, rows, clinic, status):
    body = case_body(clinic.product_id)
    case_id = await created(body)
    await rows("UPDATE cases SET status = %s WHERE id = %s RETURNING id", status, case_id)
    assert (await create(body)).status_code == 409


@pytest.mark.parametrize("status", ["open", "Open", "OPEN", "oPeN"])
async def test_open_counts_in_any_case_of_letters(created, rows, clinic, status):
    case_id = await created(case_body(clinic.product_id, status=status))
    ((kept,),) = await rows("SELECT status FROM cases WHERE id = %s", case_id)
    assert kept in {"OPEN", "ASSIGNED"}


@pytest.mark.parametrize("status", ["abandoned", "Abandoned", "ABANDONED", "aBANDONEd"])
async def test_abandoned_counts_in_any_case_of_letters(created, detail, abandoned, status):
    shown = await detail(await created(abandoned(status=status)), includeCaseProducts="true")
    assert shown["status"] == "ABANDONED"
    assert len(shown["caseProducts"]) == 1


async def test_an_abandoned_cart_needs_neither_phone_nor_date_of_birth(created, detail, abandoned):
    submitter = (await detail(await created(abandoned())))["submitter"]
    assert (submitter["phoneNumber"], submitter["dob"]) == (None, None)


@pytest.mark.parametrize(
    "payment", [{"amount": "lots"}, "garbage", 5, [], {"amount": -1, "currency": "?", "providerReference": {}}]
)
async def test_an_abandoned_carts_payment_is_not_looked_at(created, detail, abandoned, payment):
    assert (await detail(await created(abandoned(payment=payment))))["payments"] == []


@pytest.mark.parametrize("missing", ["firstName", "lastName", "email"])
async def test_an_abandoned_cart_needs_names_and_email(create, abandoned, missing):
    body = abandoned()
    del body["user"][missing]
    response = await create(body)
    assert response.status_code == 400
    assert fields(response) == [f"user.{missing}"]


async def test_an_abandoned_cart_may_have_stopped_in_the_middle_of_its_form(created, detail, abandoned):
    body = with_questions(abandoned(), question("Why?", "", required=True), question("When?", "Today"))
    (response,) = (await detail(await created(body)))["responses"]
    assert [answer["text"] for answer in response["responses"]] == ["", "Today"]


async def test_an_abandoned_carts_products_must_exist(create, abandoned):
    response = await create(abandoned(products=[{"id": "00000000-0000-4000-8000-000000000000"}]))
    assert response.status_code == 422


async def test_an_abandoned_cart_is_not_in_the_way_of_a_case_and_the_other_way_round(
    create, created, abandoned, clinic
):
    body = case_body(clinic.product_id)
    cart = abandoned(user={name: body["user"][name] for name in ("firstName", "lastName", "email")})
    await created(cart)
    await created(cart)
    await created(body)
    await created(cart)
    assert (await create(body)).status_code == 409
