"""UPDATE_PROFILE and UPDATE_EMAIL: whom an address stands for, what is held once a case was assigned, which addresses are free."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from tests.factories.rows import insert_row, update_row
from tests.own_clinic import make_clinic
from tests.users.cast import act, done, fields_of, listed, user

HELD = {"firstName": "Alex", "lastName": "Moss", "dob": "1990-02-03", "gender": "OTHER"}


@pytest.fixture
async def made(client, own, email):
    return await done(client, own, "CREATE_USER", user(email))


async def test_what_is_said_is_changed_and_the_rest_stays(client, own, email, made, look):
    changed = await done(
        client, own, "UPDATE_PROFILE", {"email": email.upper(), "city": "Albany", "address2": None, **HELD}
    )
    assert changed == {name: value for name, value in made.items() if name != "id"} | HELD | {
        "city": "Albany",
        "address2": None,
    }
    assert await look("SELECT type FROM events WHERE target_id = %s ORDER BY number", made["id"]) == [
        ("PATIENT_CREATED",),
        ("PATIENT_UPDATED",),
    ]
    [shown] = (await listed(client, own, email=email))["data"]
    assert (shown["allergies"], shown["languagePreferences"]) == ("Penicillin", ["ENGLISH", "SPANISH"])


@pytest.mark.parametrize("status", ["ASSIGNED", "IN_PROGRESS", "APPROVED", "REJECTED", "NO_DECISION"])
async def test_whom_a_case_is_about_is_held_once_a_clinician_has_it(client, own, email, made, add_case, status):
    await add_case(made["id"], status)
    for name, value in HELD.items():
        answer = await act(client, own, "UPDATE_PROFILE", {"email": email, "city": "Albany", name: value})
        assert (answer.status_code, fields_of(answer)) == (400, {f"data.{name}"})
        assert answer.json()["code"] == "VALIDATION_ERROR"
    unchanged = await done(client, own, "UPDATE_PROFILE", user(email, city="New York") | {"communication": {}})
    assert (unchanged["firstName"], unchanged["city"]) == ("Iris", "New York")
    moved = await done(client, own, "UPDATE_EMAIL", {"currentEmail": email, "newEmail": f"new.{email}"})
    assert moved["email"] == f"new.{email}"


async def test_a_case_that_nobody_has_holds_nothing(client, own, email, made, add_case):
    await add_case(made["id"])
    assert (await done(client, own, "UPDATE_PROFILE", {"email": email, **HELD}))["firstName"] == "Alex"


async def test_an_edit_waits_for_an_assignment_that_is_going_on(client, own, email, made, add_case, owner_url):
    case_id = await add_case(made["id"])
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute("UPDATE cases SET status = 'ASSIGNED' WHERE id = %s", (case_id,))
        edit = asyncio.create_task(act(client, own, "UPDATE_PROFILE", {"email": email, **HELD}))
        await asyncio.sleep(0.5)
        assert not edit.done()
    assert (await edit).status_code == 400


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "data"),
        ({"address": "PO Box 9"}, "data.address"),
        ({"firstName": None}, "data.firstName"),
        ({"postalCode": "1"}, "data.postalCode"),
        ({"phoneNumber": "212 555 0142"}, "data.phoneNumber"),
    ],
)
async def test_a_bad_value_is_named(client, own, email, made, data, field):
    answer = await act(client, own, "UPDATE_PROFILE", {"email": email} | data)
    assert (answer.status_code, fields_of(answer)) == (400, {field})


@pytest.mark.parametrize("action", ["UPDATE_PROFILE", "UPDATE_EMAIL"])
async def test_a_user_who_is_not_there_is_told_in_these_words(client, services, own, email, tmp_path, action):
    await done(client, await make_clinic(services, tmp_path), "CREATE_USER", user(email))
    said = {
        "UPDATE_PROFILE": {"email": email, "city": "Albany"},
        "UPDATE_EMAIL": {"currentEmail": email, "newEmail": "a@b.example"},
    }
    answer = await act(client, own, action, said[action])
    assert answer.status_code == 400
    assert {name: answer.json()[name] for name in ("status", "success", "message")} == {
        "status": 400,
        "success": False,
        "message": f"User {email} does not exist",
    }


async def test_where_several_share_an_address_the_edit_says_who(client, services, own, email, made):
    child = {
        "email": email,
        "mailbox": email,
        "first_name": "Robin",
        "first_name_key": "robin",
        "date_of_birth": "2015-05-05",
    }
    child_id = await insert_row(services, UUID(own.organization_id), "patients", **child)
    unclear = await act(client, own, "UPDATE_PROFILE", {"email": email, "city": "Albany"})
    assert (unclear.status_code, unclear.json()["code"]) == (409, "USER_AMBIGUOUS")
    named = {"email": email, "city": "Albany", "firstName": "ROBIN", "dob": "2015-05-05"}
    assert (await done(client, own, "UPDATE_PROFILE", named))["firstName"] == "ROBIN"
    moved = await act(client, own, "UPDATE_EMAIL", {"currentEmail": email, "newEmail": f"new.{email}"})
    assert moved.status_code == 409
    merged = {"archived_at": "2026-01-01T00:00:00Z", "merged_into_id": made["id"]}
    await update_row(services, UUID(own.organization_id), "patients", child_id, **merged)
    assert (await done(client, own, "UPDATE_PROFILE", {"email": email, "city": "Troy"}))["firstName"] == "Iris"


# ---- addresses


async def test_an_address_is_changed_and_the_old_one_is_free(client, own, email, made, look):
    new = f"New.{email}"
    answer = await act(client, own, "UPDATE_EMAIL", {"currentEmail": email.upper(), "newEmail": new})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    expected = {name: value for name, value in made.items() if name != "id"} | {"email": new}
    assert told == {"status": 200, "success": True, "message": "Email updated successfully", "data": {"user": expected}}
    assert await look("SELECT mailbox FROM patients WHERE id = %s", made["id"]) == [(new.lower(),)]
    assert (await act(client, own, "CREATE_USER", user(email))).status_code == 200


async def test_the_same_mailbox_may_be_written_otherwise(client, own, email, made):
    changed = await done(client, own, "UPDATE_EMAIL", {"currentEmail": email, "newEmail": email.upper()})
    assert changed["email"] == email.upper()


async def test_an_address_that_somebody_else_has_is_taken(client, own, email, made):
    await done(client, own, "CREATE_USER", user(f"other.{email}"))
    answer = await act(client, own, "UPDATE_EMAIL", {"currentEmail": email, "newEmail": f"Other.{email}"})
    assert (answer.status_code, answer.json()["message"]) == (400, f"User Other.{email} already exists")
    assert len((await listed(client, own, email=email))["data"]) == 1


async def test_of_two_who_want_one_address_at_once_one_gets_it(client, own, email, look):
    for number in range(6):
        await done(client, own, "CREATE_USER", user(f"{number}.{email}"))
    moves = [{"currentEmail": f"{number}.{email}", "newEmail": f"new.{email}"} for number in range(6)]
    answers = await asyncio.gather(*(act(client, own, "UPDATE_EMAIL", move) for move in moves))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    assert len(await look("SELECT id FROM patients WHERE mailbox = %s", f"new.{email}")) == 1


@pytest.mark.parametrize("name", ["currentEmail", "newEmail"])
async def test_what_is_no_address_is_named(client, own, email, name):
    answer = await act(client, own, "UPDATE_EMAIL", {"currentEmail": email, "newEmail": email} | {name: "nobody"})
    assert (answer.status_code, fields_of(answer)) == (400, {f"data.{name}"})
