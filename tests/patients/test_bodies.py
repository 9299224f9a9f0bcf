"""What no patient's body may say: every fault is named."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.own_clinic import make_clinic
from tests.patients.conftest import new_email, places, problems


def nested(levels):
    return {"a": nested(levels - 1)} if levels else {}


async def test_a_patient_may_be_made_of_nothing_but_not_of_misspelled_names(ask):
    for body in ({}, {"city": "Albany", "email": None}, {"firstName": ""}):
        assert (await ask("POST", "/create", body)).status_code == 200
    ((place, text),) = problems(await ask("POST", "/create", {"forename": "Ada", "surname": "Byron"}))
    assert place == ["body"]
    assert text.startswith("expected one of firstName, lastName, externalId, email, phoneNumber")


async def test_every_wrong_type_is_named(ask, create):
    wrong = {
        "firstName": 1, "email": [], "addressValid": "yes", "meta": [], "dateOfBirth": "1990-02-30", "gender": {},
        "patientSource": "RADIO", "creditBalance": 1.5, "type": "PROVIDER", "id": "a/b", "patient_medications": [1],
        "preferredName": "x" * 256,
    }  # fmt: skip
    of_create = {"type", "id"}
    named = {("patientMedications" if name == "patient_medications" else name) for name in wrong}
    assert {place[1] for place in places(await ask("POST", "/create", wrong))} == named
    made = await create(firstName="Ada")
    assert {place[1] for place in places(await ask("PUT", f"/{made['id']}", wrong))} == named - of_create


async def test_every_broken_rule_is_named(ask, create):
    wrong = {
        "firstName": " ", "lastName": "  ", "gender": "\t", "email": "ada@", "phoneNumber": "123456",
        "dateOfBirth": f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}", "meta": nested(33),
    }  # fmt: skip
    fields = ["firstName", "lastName", "gender", "email", "phoneNumber", "dateOfBirth", "meta"]
    assert places(await ask("POST", "/create", wrong)) == [["body", field] for field in fields]
    made = await create(firstName="Ada")
    assert places(await ask("PUT", f"/{made['id']}", wrong)) == [["body", field] for field in fields]


@pytest.mark.parametrize(
    "body",
    [
        {"creditBalance": -1},
        {"creditBalance": 10**13},
        {"meta": {"text": "x" * 20_000}},
        {"phoneNumber": "1" * 16},
        {"externalId": "x" * 201},
        {"id": "a/b"},
        {"id": "tags"},
        {"allergies": ["x"] * 201},
        {"city": "a\0b"},
    ],
    ids="-".join,
)
async def test_what_is_out_of_bounds_is_refused(ask, body):
    named = places(await ask("POST", "/create", {"firstName": "Ada"} | body))
    assert [place[:2] for place in named] == [["body", next(iter(body))]]


@pytest.mark.parametrize("number", ["+12125550123", "212-555-0123", "(030) 1234567", "1234567"])
async def test_a_telephone_number_may_be_written_in_any_form(create, number):
    assert (await create(phoneNumber=number))["phoneNumber"] == number


async def test_a_staff_member_cannot_be_made(ask, rows):
    for kind in ("PROVIDER", "ASSISTANT", "ADMIN"):
        assert problems(await ask("POST", "/create", {"firstName": "Eve", "type": kind})) == [
            (["body", "type"], "expected one of PATIENT")
        ]
    assert await rows("SELECT count(*) FROM staff WHERE organization_id = %s AND first_name = 'Eve'") == [(0,)]


async def test_a_firebase_uid_is_taken_and_not_kept(create, rows):
    made = await create(firstName="Ada", type="PATIENT", firebaseUid="uid-of-theirs")
    (text,) = (await rows("SELECT p::text FROM patients p WHERE organization_id = %s AND id = %s", made["id"]))[0]
    assert "uid-of-theirs" not in text


async def test_strict_wants_a_possible_number_and_a_zip_code_of_the_state(client, services, tmp_path):
    strict = await make_clinic(services, tmp_path, validationProfile="strict")
    doubtful = {"phoneNumber": "212-555-0123", "state": "NY", "zipCode": "28105", "email": new_email()}
    refused = await client.post("/user/patient/create", json=doubtful, headers=strict.billing)
    assert places(refused) == [["body", "phoneNumber"], ["body", "zipCode"]]
    good = doubtful | {"phoneNumber": "+12125550123", "zipCode": "10001"}
    taken = await client.post("/user/patient/create", json=good, headers=strict.billing)
    assert taken.status_code == 200, taken.text
