"""A patient is made, read, changed and archived."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.patients.conftest import new_email

WHOLE = {
    "firstName": "Grace",
    "lastName": "Hopper",
    "externalId": "crm-1",
    "phoneNumber": "(212) 555-0123",
    "address": "1 Main Street",
    "addressLineTwo": "Apt 2",
    "city": "New York",
    "state": "NY",
    "zipCode": "10001",
    "country": "US",
    "addressValid": True,
    "meta": {"source": {"campaign": ["spring", 7, None, True, 1.5]}},
    "dateOfBirth": "1990-05-15",
    "gender": "Non-binary",
    "pronouns": "they/them",
    "preferredName": "Amazing",
    "patientSource": "SELF_SCHEDULING",
    "leadSource": "billboard",
    "onSchedulingBlacklist": True,
    "surchargeDisabled": True,
    "creditBalance": 1250,
}
CHART = {
    "allergies": ["penicillin"],
    "familyHistory": ["asthma"],
    "medicalHistory": ["fracture 2010"],
    "prescriptions": ["ibuprofen"],
    "goalWeight": 61.5,
}


async def test_a_patient_is_answered_with_everything_that_was_sent(here, create, good):
    body = WHOLE | {"primaryLocationId": here.location_id, "preferredProviderId": here.creator_id, "email": new_email()}
    made = await create(**body)
    assert body.items() <= made.items()
    assert (made["type"], made["isArchived"], made["tags"]) == ("PATIENT", False, [])
    assert made["locationId"] == here.location_id
    created = datetime.fromisoformat(made["createdDate"])
    assert abs(datetime.now(UTC) - created) < timedelta(minutes=1)
    read = await good("GET", f"/{made['id']}")
    assert made.items() <= read.items()
    assert {name: read[name] for name in CHART} == dict.fromkeys(CHART)


async def test_what_was_not_sent_is_null_or_has_its_default(create):
    made = await create(lastName="Only")
    defaults = {"onSchedulingBlacklist": False, "surchargeDisabled": False, "creditBalance": 0, "isArchived": False}
    known = {"id", "type", "createdDate", "lastName", "tags"}
    assert defaults.items() <= made.items()
    assert {value for name, value in made.items() if name not in known | set(defaults)} == {None}


async def test_snake_case_and_unknown_members_are_taken(create):
    body = {"first_name": "Ada", "last_name": "Byron", "zip_code": "10001", "meta": {"as_sent": 1}, "favourite": "tea"}
    made = await create(**body)
    assert (made["firstName"], made["lastName"], made["zipCode"]) == ("Ada", "Byron", "10001")
    assert made["meta"] == {"as_sent": 1}


async def test_an_id_of_the_callers_own_is_kept_and_found(create, good):
    made = await create(id="pat 1/ü".replace("/", "-"), firstName="Ada")
    assert made["id"] == "pat 1-ü"
    assert (await good("GET", "/pat%201-%C3%BC"))["firstName"] == "Ada"


async def test_a_change_changes_what_is_named_and_nothing_else(create, good):
    made = await create(**WHOLE, email=new_email())
    changed = await good("PUT", f"/{made['id']}", {"city": "Albany", "lastName": None, **CHART})
    assert changed == made | {"city": "Albany"}
    read = await good("GET", f"/{made['id']}")
    assert changed.items() <= read.items()
    assert CHART.items() <= read.items()
    assert read["healthData"] == {
        name: {"fieldId": name, "values": CHART[name], "type": name}
        for name in ("allergies", "familyHistory", "medicalHistory", "prescriptions")
    }
    again = await good("PUT", f"/{made['id']}", {"goal_weight": 60, "meta": {}})
    assert again == changed | {"meta": {}}
    assert await good("GET", f"/{made['id']}") == read | {"meta": {}, "goalWeight": 60}


async def test_an_email_address_can_be_changed_but_not_to_anothers(ask, create, good):
    first, second = await create(email=new_email()), await create(id="second", email=new_email())
    taken = await ask("PUT", f"/{first['id']}", {"email": second["email"].upper()})
    assert (taken.status_code, taken.json()["detail"]) == (409, "the e-mail address is that of the patient second")
    address = new_email()
    assert (await good("PUT", f"/{first['id']}", {"email": address}))["email"] == address
    # The old one is free now, and the same in other letters is no change of owner.
    assert (await create(email=first["email"]))["id"] != first["id"]
    assert (await good("PUT", f"/{first['id']}", {"email": address.upper()}))["email"] == address.upper()


async def test_archived_patients_are_shown_as_such_and_not_changed(ask, create, good):
    ids = [(await create(firstName="Ada"))["id"], (await create(id="p-2", firstName="Bea"))["id"]]
    assert await good("POST", "/archive", {"patientIds": [*ids, ids[0]]}) is True
    assert [(await good("GET", f"/{one}"))["isArchived"] for one in ids] == [True, True]
    refused = await ask("PUT", "/p-2", {"city": "Albany"})
    assert (refused.status_code, refused.json()) == (
        409, {"detail": "the patient p-2 is archived; expected one that is not"},
    )  # fmt: skip
    assert await good("POST", "/archive", {"patient_ids": ["p-2"], "is_archived": False}) is True
    assert (await good("PUT", "/p-2", {"city": "Albany"}))["isArchived"] is False


async def test_archiving_is_all_or_nothing_and_names_all_that_are_unknown(ask, create, good):
    made = await create(firstName="Ada")
    answer = await ask("POST", "/archive", {"patientIds": ["no-1", made["id"], "no-2"]})
    assert (answer.status_code, answer.json()) == (404, {"detail": "no patient no-1, no-2 here"})
    assert (await good("GET", f"/{made['id']}"))["isArchived"] is False


async def test_unknown_location_and_provider_are_both_named(ask, elsewhere, create):
    body = {"primaryLocationId": elsewhere.location_id, "preferredProviderId": elsewhere.creator_id}
    expected = f"no location {elsewhere.location_id} here; no provider {elsewhere.creator_id} here"
    made = await create(firstName="Ada")
    for method, path in (("POST", "/create"), ("PUT", f"/{made['id']}")):
        answer = await ask(method, path, body | {"firstName": "Bea"})
        assert (answer.status_code, answer.json()) == (404, {"detail": expected})


async def test_a_patient_keeps_a_location_that_was_archived_since_and_no_other_gets_it(client, here, create, good, ask):
    made = await create(firstName="Ada", primaryLocationId=here.location_id)
    await client.delete(f"/admin/locations/delete/{here.location_id}", headers=here.billing)
    assert await good("PUT", f"/{made['id']}", made | {"lastName": "Byron"}) == made | {"lastName": "Byron"}
    other = await create(firstName="Bea")
    answer = await ask("PUT", f"/{other['id']}", {"primaryLocationId": here.location_id})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("word", "kept"), [("Nonbinary", "OTHER"), ("Woman", "FEMALE"), ("female", "FEMALE"), ("M", "MALE")]
)
async def test_the_word_for_the_gender_is_kept_and_the_row_keeps_one_of_three(create, rows, word, kept):
    made = await create(firstName="Ada", gender=word)
    assert made["gender"] == word
    found = await rows("SELECT gender FROM patients WHERE organization_id = %s AND id = %s", made["id"])
    assert found == [(kept,)]


async def test_health_information_is_not_in_the_clear(create, good, rows):
    made = await create(firstName="Ada", gender="Uncommonword", meta={"note": "Uncommonword"})
    await good("PUT", f"/{made['id']}", {"allergies": ["Uncommonword"]})
    (text,) = (await rows("SELECT p::text FROM patients p WHERE organization_id = %s AND id = %s", made["id"]))[0]
    assert "ncommonword" not in text
    assert b"ncommonword".hex() not in text


async def test_acts_and_reads_are_written_down(here, create, good, rows):
    made = await create(firstName="Ada")
    await good("PUT", f"/{made['id']}", {"city": "Albany"})
    for is_archived in (True, True, False):
        await good("POST", "/archive", {"patientIds": [made["id"]], "isArchived": is_archived})
    await good("GET", f"/{made['id']}")
    acts = await rows("SELECT type FROM events WHERE organization_id = %s AND target_id = %s ORDER BY id", made["id"])
    assert [row[0] for row in acts] == ["PATIENT_CREATED", "PATIENT_UPDATED", "PATIENT_ARCHIVED", "PATIENT_UPDATED"]
    reads = await rows(
        "SELECT record_kind, reason FROM phi_reads WHERE organization_id = %s AND record_id = %s", made["id"]
    )
    assert reads == [("patient", "chart of a patient")]


async def test_a_repeated_request_makes_one_patient(ask, rows):
    keyed = {"headers": {"Idempotency-Key": "once"}}
    first = await ask("POST", "/create", {"firstName": "Ada"}, **keyed)
    again = await ask("POST", "/create", {"firstName": "Ada"}, **keyed)
    assert first.status_code == again.status_code == 200
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert await rows("SELECT count(*) FROM patients WHERE organization_id = %s AND first_name = 'Ada'") == [(1,)]
    other = await ask("POST", "/create", {"firstName": "Bea"}, **keyed)
    assert other.status_code == 422
    made = first.json()["id"]
    for _ in range(2):
        answer = await ask("POST", "/archive", {"patientIds": [made]}, headers={"Idempotency-Key": "archive"})
        assert (answer.status_code, answer.json()) == (200, True)
