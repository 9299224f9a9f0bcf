"""CREATE_USER: what is kept, which addresses are free, and what is refused."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.users.cast import USERS, act, done, fields_of, listed, user


async def test_a_user_is_kept_with_all_that_was_said(client, own, email, look):
    answer = await act(client, own, "CREATE_USER", user(email))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["status"], told["success"], told["message"]) == (200, True, "User created successfully")
    made = told["data"]["user"]
    left_out = {"allergies", "currentMedications", "healthConditions", "languagePreferences", "communication"}
    assert {name: value for name, value in made.items() if name != "id"} == {
        name: value for name, value in user(email).items() if name not in left_out
    }
    [row] = await look(
        "SELECT mailbox, first_name_key, phone_e164, sms_notifications_disabled, email_notifications_disabled, chart_sealed "
        "FROM patients WHERE id = %s",
        made["id"],
    )
    assert row[:5] == (email, "iris", "+12125550142", True, False)
    assert b"Asthma" not in bytes(row[5])
    events = await look("SELECT type, actor_kind FROM events WHERE target_id = %s", made["id"])
    assert events == [("PATIENT_CREATED", "key")]
    [shown] = (await listed(client, own, email=email))["data"]
    said = {name: value for name, value in user(email).items() if name != "communication"}
    told_off = {"smsNotificationsDisabled": True, "notificationsDisabled": False}
    assert shown == said | {"communicationPreferences": told_off}


async def test_an_e_mail_address_is_enough(client, own, email):
    made = await done(client, own, "CREATE_USER", {"email": email})
    assert {name for name, value in made.items() if value is not None} == {"id", "email"}


@pytest.mark.parametrize("spelled", [str, str.upper, lambda email: f" {email} "])
async def test_an_address_that_somebody_has_is_taken_however_it_is_written(client, own, email, spelled):
    await done(client, own, "CREATE_USER", user(email))
    answer = await act(client, own, "CREATE_USER", user(spelled(email), firstName="Robin", dob="2001-01-01"))
    assert answer.status_code == 400
    told = answer.json()
    assert (told["success"], told["message"], told["code"]) == (
        False,
        f"User {spelled(email).strip()} already exists",
        "EMAIL_EXISTS",
    )


async def test_an_address_of_another_clinic_is_free(client, services, own, email, tmp_path):
    await done(client, await make_clinic(services, tmp_path), "CREATE_USER", user(email))
    await done(client, own, "CREATE_USER", user(email))


async def test_of_many_at_once_one_is_made(client, own, email, look):
    answers = await asyncio.gather(*(act(client, own, "CREATE_USER", user(email)) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert len(await look("SELECT id FROM patients WHERE mailbox = %s", email)) == 1


async def test_a_case_with_the_address_finds_the_user(client, own, email, look):
    made = await done(client, own, "CREATE_USER", user(email))
    case = await client.post("/api/v1/cases", json=case_body(own.product_id, email), headers=own.key)
    assert case.status_code == 200, case.text
    [(patient_id,)] = await look("SELECT patient_id FROM cases WHERE id = %s", case.json()["data"]["caseId"])
    assert patient_id == UUID(made["id"])


async def test_a_request_that_is_repeated_is_answered_again(client, own, email):
    key = {"Idempotency-Key": uuid4().hex}
    first, second = [await act(client, own, "CREATE_USER", user(email), **key) for _ in range(2)]
    assert (first.status_code, second.content) == (200, first.content)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "nobody"),
        ("email", None),
        ("firstName", " "),
        ("dob", "29.02.1988"),
        ("dob", "1990-02-30"),
        ("gender", "UNKNOWN"),
        ("phoneNumber", "2125550142"),
        ("address", "PO Box 12"),
        ("address", "P. O. Box 12"),
        ("address", "Post Office Box 7"),
        ("address2", "p.o.b. 12"),
        ("state", "NYC"),
        ("state", "ZZ"),
        ("country", "USA"),
        ("postalCode", "1000"),
        ("postalCode", "10004-12"),
        ("languagePreferences", ["ENGLISH", "ENGLISH"]),
        ("communication", {"smsNotificationsDisabled": "yes"}),
        ("allergies", 7),
    ],
)
async def test_a_bad_value_is_named_and_nobody_is_made(client, own, email, look, name, value):
    answer = await act(client, own, "CREATE_USER", user(email) | {name: value})
    assert answer.status_code == 400, answer.text
    told = answer.json()
    assert (told["success"], told["message"], told["code"]) == (False, "Invalid request", "VALIDATION_ERROR")
    [field] = fields_of(answer)
    assert field.startswith(f"data.{name}")
    assert await look("SELECT id FROM patients WHERE mailbox = %s", email) == []


async def test_every_bad_value_is_named_at_once(client, own, email):
    answer = await act(client, own, "CREATE_USER", user(email, dob="never", state="New York", address="PO Box 1"))
    assert fields_of(answer) == {"data.dob", "data.state", "data.address"}


# ---- the door


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "DELETE_USER", "data": {}}, "action"),
        ({"action": "CREATE_USER"}, "data"),
        ({"action": "CREATE_USER", "data": []}, "data"),
        ({"action": "UPDATE_EMAIL", "data": {}}, "data.currentEmail"),
        ([], "body"),
    ],
)
async def test_a_body_that_says_no_act_is_told_what_there_is(client, own, body, field):
    answer = await client.post(USERS, json=body, headers=own.key)
    assert answer.status_code == 400
    assert field in fields_of(answer)
    if "DELETE_USER" in str(body):
        assert all(name in answer.text for name in ("CREATE_USER", "UPDATE_PROFILE", "UPDATE_EMAIL"))


@pytest.mark.parametrize("action", ["CREATE_USER", "UPDATE_PROFILE", "UPDATE_EMAIL", "UPDATE_PAYMENT_INFO"])
async def test_nobody_comes_in_without_a_key_that_may(client, own, email, action):
    body = {"action": action, "data": user(email) | {"currentEmail": email, "newEmail": email}}
    assert (await client.post(USERS, json=body)).status_code == 401
    assert (await client.post(USERS, json=body, headers={"cv-api-key": "cvk_wrong"})).status_code == 401
    assert (await client.post(USERS, json=body, headers=own.catalog_only)).status_code == 403


async def test_payment_data_of_nobody(client, own, email):
    body = {"action": "UPDATE_PAYMENT_INFO", "email": email, "data": {"stripeSetupId": "seti_1"}}
    answer = await client.post(USERS, json=body, headers=own.key)
    told = answer.json()
    assert (answer.status_code, told["status"], told["success"]) == (400, 400, False)
    assert told["message"] == f"User {email} does not exist"
