"""A person is not an e-mail address: whom a case is about is fixed with it, and nobody overwrites somebody else."""

import asyncio
from collections import Counter
from uuid import UUID

import httpx
import psycopg
import pytest

from tests.cases.bodies import case_body, new_email, with_user
from tests.factories.cases import change_case
from tests.own_clinic import make_clinic

OTHER = {"firstName": "Charles", "lastName": "Babbage", "dob": "1991-12-26", "gender": "MALE"}
PATIENTS = "SELECT count(*) FROM patients WHERE organization_id = %s AND mailbox = %s"


def person(shown):
    return tuple(shown["submitter"][name] for name in ("firstName", "lastName", "dob", "gender"))


ADA = {"firstName": "Ada", "lastName": "Byron", "dob": "1990-05-15", "gender": "FEMALE"}


@pytest.fixture
def body(clinic):
    return with_user(case_body(clinic.product_id, forceCreate=True), **ADA)


def abandoned(body, **user):
    known = {name: body["user"][name] for name in ("firstName", "lastName", "email")} | user
    return {"status": "ABANDONED", "user": known, "products": body["products"]}


async def test_another_person_with_the_same_email_is_another_patient(created, detail, body):
    first = await created(body)
    second = await created(with_user(body, **OTHER))
    one, two = await detail(first), await detail(second)
    assert person(one) == ("Ada", "Byron", "1990-05-15", "FEMALE")
    assert person(two) == ("Charles", "Babbage", "1991-12-26", "MALE")
    assert one["submitter"]["id"] != two["submitter"]["id"]
    assert one["submitter"]["email"] == two["submitter"]["email"]


@pytest.mark.parametrize(
    ("changed", "has_double"),
    [
        ({"dob": "1991-05-15"}, True),
        ({"firstName": "Anne", "dob": "2012-01-01"}, False),
    ],
)
async def test_a_birth_date_tells_people_apart(created, detail, body, changed, has_double):
    first = await detail(await created(body))
    second = await detail(await created(with_user(body, **changed)))
    assert first["submitter"]["id"] != second["submitter"]["id"]
    assert any("merge them" in warning for warning in second["warnings"]) is has_double
    again = await detail(await created(body))
    assert again["submitter"]["id"] == first["submitter"]["id"]


@pytest.mark.parametrize(
    "changed",
    [
        {"lastName": "Lovelace"},
        {"firstName": "Anne"},
        {"firstName": "Ada King"},
        {"firstName": "ADA"},
        {"firstName": "A\u200bda"},
        {"firstName": "Áda"},
        {"gender": "OTHER"},
        {"phoneNumber": "+13125550123"},
    ],
)
async def test_what_changes_in_a_life_makes_nobody_else_and_changes_no_case_of_before(created, detail, body, changed):
    first = await created(body)
    second = await created(with_user(body, **changed))
    one, two = await detail(first), await detail(second)
    assert one["submitter"]["id"] == two["submitter"]["id"]
    assert person(one) == ("Ada", "Byron", "1990-05-15", "FEMALE")
    assert {name: two["submitter"][name] for name in changed} == changed


@pytest.mark.parametrize("user", [{}, OTHER, {"firstName": "Charles"}, {"dob": "1991-12-26"}, {"gender": "MALE"}])
async def test_an_abandoned_cart_overwrites_nothing(created, detail, rows, clinic, body, user):
    case_id = await created(body)
    columns = (
        "SELECT id, first_name, last_name, gender, phone_number, date_of_birth, address_line1, updated_at FROM patients"
    )
    statement = f"{columns} WHERE organization_id = %s AND mailbox = %s ORDER BY created_at LIMIT 1"
    before = await rows(statement, clinic.organization_id, body["user"]["email"])
    address = {"addressLine1": "9 Elsewhere", "country": "US"}
    await created(abandoned(body, shippingAddress=address, phoneNumber="+13125550199", **user))
    assert await rows(statement, clinic.organization_id, body["user"]["email"]) == before
    assert person(await detail(case_id)) == ("Ada", "Byron", "1990-05-15", "FEMALE")


async def test_the_case_after_an_abandoned_cart_is_of_the_same_patient(created, detail, body):
    left = await detail(await created(abandoned(body)))
    case = await detail(await created(body))
    assert left["submitter"]["id"] == case["submitter"]["id"]
    other = await detail(await created(with_user(body, **OTHER)))
    assert other["submitter"]["id"] != case["submitter"]["id"]


async def test_of_two_with_one_name_an_abandoned_cart_is_neither_s(created, detail, body):
    """Father and son: nobody can say whose cart it was."""
    father = await detail(await created(body))
    son = await detail(await created(with_user(body, dob="2015-01-01")))
    left = await detail(await created(abandoned(body)))
    assert len({one["submitter"]["id"] for one in (father, son, left)}) == 3


async def test_what_is_changed_at_the_patient_changes_no_case(client, clinic, created, detail, body):
    case_id = await created(body)
    patient_id = (await detail(case_id))["submitter"]["id"]
    change = {"firstName": "Charles", "lastName": "Babbage", "dateOfBirth": "1991-12-26", "gender": "male"}
    changed = await client.put(f"/user/patient/{patient_id}", json=change, headers=clinic.billing)
    assert changed.status_code == 200, changed.text
    assert person(await detail(case_id)) == ("Ada", "Byron", "1990-05-15", "FEMALE")


async def test_the_database_itself_holds_whom_a_case_is_about(services, clinic, created, body):
    case_id = UUID(await created(body))
    for column, value in (
        ("first_name", "Eve"),
        ("last_name", "Eve"),
        ("gender", "MALE"),
        ("date_of_birth", "2000-01-01"),
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            await change_case(services, UUID(clinic.organization_id), case_id, **{f"patient_{column}": value})


async def test_another_person_is_no_second_case(create, clinic):
    body = with_user(case_body(clinic.product_id), **ADA)
    for user, status in ((ADA, 200), (ADA, 409), (OTHER, 200), (OTHER, 409)):
        assert (await create(with_user(body, **user))).status_code == status


async def test_strict_knows_people_apart_too(client, services, tmp_path):
    strict = await make_clinic(services, tmp_path, validationProfile="strict")
    body = with_user(case_body(strict.product_id), **ADA)
    for user in (ADA, OTHER):
        answer = await client.post("/api/v1/cases", json=with_user(body, **user), headers=strict.key)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_two_people_with_one_email_at_once_are_two_patients(server, clinic, rows, time):
    email = new_email()
    body = with_user(case_body(clinic.product_id, forceCreate=True), email=email)
    bodies = [with_user(body, **(OTHER if number % 2 else ADA)) for number in range(32)]
    bodies += [abandoned(one) for one in bodies[:2]] * 4
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as crowd:
        answers = await asyncio.gather(*(crowd.post("/api/v1/cases", json=one, headers=clinic.key) for one in bodies))
    assert Counter(answer.status_code for answer in answers) == {200: len(bodies)}
    assert await rows(PATIENTS, clinic.organization_id, email) == [(2,)]
    cases = "SELECT DISTINCT c.patient_first_name, p.first_name FROM cases c JOIN patients p ON p.id = c.patient_id WHERE p.mailbox = %s"
    assert sorted(await rows(cases, email)) == [("Ada", "Ada"), ("Charles", "Charles")]
