"""/users/me: what a patient sees of the profile, what may be changed, and when no longer."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from tests.factories.rows import update_row
from tests.portal.cast import enroll

ME = "/api/v1/users/me"
MEMBERS = {
    "id", "email", "firstName", "lastName", "phoneNumber", "dob", "gender", "address", "address2", "city", "state", "country",
    "postalCode", "allergies", "healthConditions", "currentMedications", "createdAt",
}  # fmt: skip
HELD = {"firstName": "Alex", "lastName": "Moss", "dob": "1990-02-03", "gender": "OTHER"}


async def profile(client, headers):
    answer = await client.get(ME, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["profile"]


async def change(client, headers, **body):
    return await client.patch(ME, json=body, headers=headers)


def fields_of(answer):
    return {problem["field"] for problem in answer.json()["errors"]}


async def test_a_patient_sees_seventeen_members_and_null_for_what_is_not_known(client, inside, person):
    answer = await client.get(ME, headers=inside)
    assert (answer.status_code, answer.json()["status"], answer.json()["success"]) == (200, 200, True)
    shown = answer.json()["data"]["profile"]
    assert set(shown) == MEMBERS
    known = {name: value for name, value in shown.items() if value is not None}
    assert known | {"createdAt": ""} == {
        "id": str(person.id),
        "email": person.email,
        "firstName": "Robin",
        "lastName": "Vale",
        "phoneNumber": person.phone_number,
        "createdAt": "",
    }


async def test_the_read_is_recorded(client, services, own, person, inside):
    await profile(client, inside)
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT actor_kind, actor_id FROM phi_reads WHERE organization_id = %s AND record_kind = 'patient' AND record_id = %s",
            (own.organization_id, person.id),
        )
        assert await cursor.fetchall() == [("patient", person.id)]


async def test_all_that_may_be_changed_is_changed(client, services, own, person, inside):
    body = HELD | {
        "phoneNumber": "(212) 555-0188",
        "address": "2 Pier Street",
        "address2": "Apt 3",
        "city": "Albany",
        "state": "ny",
        "country": "us",
        "postalCode": "12207",
        "allergies": "Penicillin",
        "healthConditions": "Asthma",
        "currentMedications": "Zephyrol",
    }
    answer = await change(client, inside, **body)
    assert answer.status_code == 200, answer.text
    expected = body | {"state": "NY", "country": "US", "dob": "1990-02-03T00:00:00Z"}
    assert {name: answer.json()["data"]["profile"][name] for name in body} == expected
    assert answer.json()["data"]["profile"] == await profile(client, inside)
    async with services.db.reading(UUID(own.organization_id)) as conn:
        cursor = await conn.execute(
            "SELECT first_name_key, phone_e164, chart_sealed FROM patients WHERE organization_id = %s AND id = %s",
            (own.organization_id, person.id),
        )
        [(key, number, chart)] = await cursor.fetchall()
        assert (key, number) == ("alex", "+12125550188")
        assert b"Asthma" not in bytes(chart)
        cursor = await conn.execute(
            "SELECT actor_kind, actor_id, target_id FROM events WHERE organization_id = %s AND type = 'PATIENT_UPDATED'",
            (own.organization_id,),
        )
        assert await cursor.fetchall() == [("patient", person.id, person.id)]


async def test_null_removes_what_may_be_missing(client, inside):
    optional = dict.fromkeys(
        ("address", "address2", "city", "postalCode", "allergies", "healthConditions", "currentMedications"), "Words"
    )
    assert (await change(client, inside, **optional)).status_code == 200
    answer = await change(client, inside, **dict.fromkeys(optional))
    assert answer.status_code == 200, answer.text
    assert {answer.json()["data"]["profile"][name] for name in optional} == {None}


@pytest.mark.parametrize(
    "name", ["firstName", "lastName", "dob", "gender", "phoneNumber", "state", "country", "languagePreferences"]
)
async def test_null_removes_nothing_else(client, inside, name):
    answer = await client.patch(ME, json={name: None, "city": "Troy"}, headers=inside)
    assert (answer.status_code, fields_of(answer)) == (400, {name})
    assert (await profile(client, inside))["city"] is None


@pytest.mark.parametrize("body", [{}, {"email": "new@patient.example"}, {"id": "x", "nonsense": 1}])
async def test_a_body_without_any_known_member_is_refused(client, inside, person, body):
    answer = await client.patch(ME, json=body, headers=inside)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert (await profile(client, inside))["email"] == person.email


async def test_unknown_members_are_passed_over(client, inside, person):
    answer = await change(client, inside, city="Troy", email="new@patient.example", createdAt="never", shoeSize=9)
    assert answer.status_code == 200
    assert (answer.json()["data"]["profile"]["city"], answer.json()["data"]["profile"]["email"]) == (
        "Troy",
        person.email,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("firstName", " "),
        ("firstName", 7),
        ("lastName", "\u200b"),
        ("dob", "1990-02-30"),
        ("dob", "02/03/1990"),
        ("dob", "2990-01-01"),
        ("dob", "1890-01-01"),
        ("gender", "UNKNOWN"),
        ("gender", ""),
        ("phoneNumber", "none"),
        ("address", "P.O. Box 12"),
        ("address2", "po box 7"),
        ("address", "x" * 501),
        ("state", "New York"),
        ("state", "N1"),
        ("country", "USA"),
        ("allergies", "x" * 10_001),
        ("languagePreferences", ["ENGLISH", "english"]),
        ("languagePreferences", "ENGLISH"),
    ],
)
async def test_a_bad_value_is_named_and_nothing_is_changed(client, inside, name, value):
    answer = await client.patch(ME, json={name: value, "city": "Troy"}, headers=inside)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert fields_of(answer) == {name}
    assert (await profile(client, inside))["city"] is None


@pytest.mark.parametrize("line", ["12 Post Road", "3 Box Elder Lane", "Apollo Bay 4", "7 Boxwood Road 12"])
async def test_a_street_is_no_po_box(client, inside, line):
    assert (await change(client, inside, address=line)).status_code == 200


# ---- once a case was assigned


@pytest.mark.parametrize("status", ["ASSIGNED", "IN_PROGRESS", "APPROVED", "REJECTED", "NO_DECISION"])
async def test_whom_a_case_is_about_is_held_once_a_clinician_has_it(client, inside, add_case, status):
    await add_case(status)
    for name, value in HELD.items():
        answer = await change(client, inside, city="Troy", **{name: value})
        assert (answer.status_code, answer.json()["code"], fields_of(answer)) == (400, "VALIDATION_ERROR", {name})
    shown = await profile(client, inside)
    assert (shown["city"], shown["firstName"]) == (None, "Robin")
    assert (await change(client, inside, city="Troy", firstName="Robin")).status_code == 200


@pytest.mark.parametrize("status", ["OPEN", "ABANDONED"])
async def test_a_case_that_nobody_has_holds_nothing(client, inside, add_case, status):
    await add_case(status)
    assert (await change(client, inside, **HELD)).status_code == 200


async def test_a_case_of_somebody_else_holds_nothing(client, services, own, inside, add_case):
    other = await enroll(services, own)
    await add_case("ASSIGNED", other.id)
    assert (await change(client, inside, **HELD)).status_code == 200


async def test_an_edit_waits_for_an_assignment_that_is_going_on(client, owner_url, inside, add_case):
    case_id = await add_case()
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute("UPDATE cases SET status = 'ASSIGNED' WHERE id = %s", (case_id,))
        edit = asyncio.create_task(change(client, inside, **HELD))
        await asyncio.sleep(0.5)
        assert not edit.done()
    assert (await edit).status_code == 400
    assert (await profile(client, inside))["firstName"] == "Robin"


async def test_of_two_edits_at_once_none_is_lost(client, inside):
    bodies = [
        {"city": "Troy"},
        {"address": "9 Pier Street"},
        {"allergies": "Latex"},
        {"currentMedications": "Zephyrol"},
    ]
    answers = await asyncio.gather(*(change(client, inside, **body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    shown = await profile(client, inside)
    assert {name: shown[name] for body in bodies for name in body} == {k: v for body in bodies for k, v in body.items()}


# ---- the door


async def test_the_key_counts_first_and_then_the_token(client, own, inside):
    for method in ("GET", "PATCH"):
        body = {"json": {"city": "Troy"}} if method == "PATCH" else {}
        no_key = await client.request(method, ME, headers={"Authorization": inside["Authorization"]}, **body)
        assert (no_key.status_code, no_key.json()["code"]) == (400, "VALIDATION_ERROR")
        wrong_key = await client.request(method, ME, headers=inside | {"cv-api-key": "cvk_wrong"}, **body)
        assert (wrong_key.status_code, wrong_key.json()["error"]) == (404, "Organization not found")
        for token in ({}, {"Authorization": "Bearer x"}, {"Authorization": inside["Authorization"][7:]}):
            no_token = await client.request(method, ME, headers=own.key | token, **body)
            assert no_token.status_code == 401
            assert {"error", "code"} <= no_token.json().keys()
            assert (no_token.json()["error"], no_token.json()["code"]) == (
                "Invalid or expired token",
                "VALIDATION_ERROR",
            )
        lacking = await client.request(method, ME, headers=inside | own.catalog_only, **body)
        assert lacking.status_code == 403


async def test_the_key_of_another_clinic_opens_nothing(client, own, other_clinic, inside):
    answer = await client.get(ME, headers=inside | other_clinic.key)
    assert (answer.status_code, answer.json()["code"]) == (401, "VALIDATION_ERROR")


async def test_a_patient_who_was_merged_is_the_one_who_stayed(client, services, own, person, inside):
    stays = await enroll(services, own, first_name="Alex")
    merged = {"archived_at": "2026-01-01T00:00:00Z", "merged_into_id": stays.id}
    await update_row(services, UUID(own.organization_id), "patients", person.id, **merged)
    assert (await profile(client, inside))["id"] == str(stays.id)
    assert (await change(client, inside, city="Troy")).json()["data"]["profile"]["id"] == str(stays.id)


async def test_an_archived_patient_is_out(client, services, own, person, inside):
    await update_row(services, UUID(own.organization_id), "patients", person.id, archived_at="2026-01-01T00:00:00Z")
    assert (await client.get(ME, headers=inside)).status_code == 401
