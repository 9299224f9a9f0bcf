"""POST /user/patient/create under a known e-mail address: another person is another patient, and nobody is overwritten."""

import asyncio

import pytest

from tests.cases.bodies import case_body, with_user
from tests.own_clinic import make_clinic
from tests.patients.conftest import new_email

ADA = {"firstName": "Ada", "lastName": "Byron", "dateOfBirth": "1990-05-15", "gender": "female"}
OTHER = {"firstName": "Charles", "lastName": "Babbage", "dateOfBirth": "1991-12-26", "gender": "male"}


def person(shown):
    return {name: shown[name] for name in ADA}


@pytest.mark.parametrize("changed", [OTHER, {"dateOfBirth": OTHER["dateOfBirth"]}], ids=str)
async def test_another_person_is_another_patient(create, good, changed):
    email = new_email()
    first = await create(email=email, **ADA)
    second = await create(email=email, **(ADA | changed))
    assert first["id"] != second["id"]
    assert person(await good("GET", f"/{first['id']}")) == ADA
    assert person(second) == ADA | changed


@pytest.mark.parametrize(
    "changed", [{"lastName": "Lovelace"}, {"gender": "male"}, {"lastName": "Lovelace", "gender": "x"}], ids=str
)
async def test_making_overwrites_neither_name_nor_gender_and_changing_does(create, good, changed):
    email = new_email()
    first = await create(email=email, **ADA)
    again = await create(email=email, **(ADA | changed), city="Albany")
    assert (again["id"], again["city"]) == (first["id"], "Albany")
    assert person(again) == ADA
    assert person(await good("PUT", f"/{first['id']}", changed)) == ADA | changed


async def test_what_is_not_known_is_added(create):
    email = new_email()
    first = await create(email=email)
    again = await create(email=email, **ADA)
    assert again["id"] == first["id"]
    assert person(again) == ADA


async def test_under_a_chosen_id_another_person_changes_no_name_and_staff_hear_of_it(create, rows):
    email = new_email()
    await create(id="crm-1", email=email, **ADA)
    again = await create(id="crm-1", email=email, **OTHER, city="Albany")
    assert person(again) == ADA
    assert again["city"] == "Albany"
    events = await rows("SELECT type FROM events WHERE organization_id = %s ORDER BY id")
    assert [row[0] for row in events][-1] == "PATIENT_CONFLICT"


async def test_strict_refuses_another_person_under_a_chosen_id(client, services, tmp_path):
    strict = await make_clinic(services, tmp_path, validationProfile="strict")
    body = {"id": "crm-1", "email": new_email(), **ADA}
    for wanted, status in ((body, 200), (body | OTHER, 409), (body, 200)):
        answer = await client.post("/user/patient/create", json=wanted, headers=strict.billing)
        assert answer.status_code == status, answer.text
    assert person(answer.json()) == ADA


async def test_an_address_may_be_shared_only_by_people_who_can_be_told_apart(create, ask, good):
    email = new_email()
    first = await create(email=email, **ADA)
    same, other = await create(**ADA), await create(**OTHER)
    refused = await ask("PUT", f"/{same['id']}", {"email": email.upper()})
    assert (refused.status_code, first["id"] in refused.json()["detail"]) == (409, True)
    assert (await good("PUT", f"/{other['id']}", {"email": email}))["email"] == email


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("josé@clinic.example", "JOSE\u0301@clinic.example"),
        ("ada@münchen.example", "ada@xn--mnchen-3ya.example"),
        ("ada@MU\u0308NCHEN.example", "ADA@münchen.example"),
    ],
)
async def test_two_spellings_of_one_mailbox_are_one(create, client, here, one, other):
    made = await create(email=one)
    assert (await create(email=other))["id"] == made["id"]
    body = with_user(case_body(here.product_id), email=other)
    assert (await client.post("/api/v1/cases", json=body, headers=here.key)).status_code == 200
    detail = await client.get("/api/v1/customer-case-detail", params={"email": one}, headers=here.key)
    assert detail.json()["caseDetail"]["submitter"]["id"] == made["id"]


@pytest.mark.parametrize(
    "email",
    [".john@x.example", "john.@x.example", "jo..hn@x.example", "a@b-.com", "a@-b.com", "a@b..com", "a@b.com.", "a b@x.example",
     "a@xn--a.com", "\u200bada@x.example", "a@b_c.com", f"a@{'x' * 64}.com", f"{'x' * 65}@x.example", "a@@x.example"],
)  # fmt: skip
async def test_what_is_no_address_is_refused_by_both_dialects(ask, client, here, email):
    assert (await ask("POST", "/create", {"email": email})).status_code == 422
    answer = await client.post(
        "/api/v1/cases", json=with_user(case_body(here.product_id), email=email), headers=here.key
    )
    assert (answer.status_code, "user.email" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("(212) 555-0123", "+12125550123"),
        ("1-212-555-0123", "+12125550123"),
        ("212.555.0123 ext. 4567", "+12125550123"),
        ("+44 20 7946 0958", "+442079460958"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("+12125550123", "+12125550123"),
        ("1234567", None),
    ],
)
async def test_a_number_is_kept_as_typed_and_as_it_is_called(create, rows, typed, number):
    made = await create(phoneNumber=typed)
    assert made["phoneNumber"] == typed
    assert await rows("SELECT phone_e164 FROM patients WHERE organization_id = %s AND id = %s", made["id"]) == [
        (number,)
    ]


async def test_an_update_of_billing_leaves_the_care_dialect_a_number_in_e164(create, good, client, here):
    email = new_email()
    body = with_user(case_body(here.product_id), email=email)
    await client.post("/api/v1/cases", json=body, headers=here.key)
    detail = {"url": "/api/v1/customer-case-detail", "params": {"email": email}, "headers": here.key}
    patient_id = (await client.get(**detail)).json()["caseDetail"]["submitter"]["id"]
    await good("PUT", f"/{patient_id}", {"phoneNumber": "(512) 555-0177"})
    assert (await client.get(**detail)).json()["caseDetail"]["submitter"]["phoneNumber"] == "+15125550177"
    assert (await good("GET", f"/{patient_id}"))["phoneNumber"] == "(512) 555-0177"
    await good("PUT", f"/{patient_id}", {"city": "Austin"})
    assert (await client.get(**detail)).json()["caseDetail"]["submitter"]["phoneNumber"] == "+15125550177"


@pytest.mark.parametrize(
    ("field", "value"),
    [("dateOfBirth", "0001-01-01"), ("dateOfBirth", "1880-01-01"), ("firstName", "\u200b\u2060"), ("lastName", "\u3164"),
     ("phoneNumber", "+10000000000"), ("phoneNumber", "+440000000000")],
)  # fmt: skip
async def test_what_cannot_be_is_taken_by_compat_and_refused_by_strict(
    create, client, services, tmp_path, field, value
):
    await create(email=new_email(), **{field: value})
    strict = await make_clinic(services, tmp_path, validationProfile="strict")
    body = {"email": new_email(), field: value}
    refused = await client.post("/user/patient/create", json=body, headers=strict.billing)
    assert (refused.status_code, [one["loc"] for one in refused.json()["detail"]]) == (422, [["body", field]])


@pytest.mark.parametrize(
    ("kept", "terms"),
    [
        (
            {"firstName": "Seán", "lastName": "O\u2019Brien"},
            ["O'Brien", "o\u2019brien", "OBrien", "sea\u0301n", "o\u02bcbrien seán"],
        ),
        ({"firstName": "Sea\u0301n", "lastName": "O'Brien"}, ["O\u2019Brien", "Seán", "sean o`brien"]),
        ({"firstName": "Le\u200bilani", "lastName": "Keli\u02bbi"}, ["Keli'i", "KELI\u02bbI", "Leilani Keli\u2019i"]),
        ({"firstName": "김", "lastName": "민준"}, ["김", "\u1100\u1175\u11b7"]),
    ],
)
async def test_search_finds_a_name_however_it_is_typed(create, good, kept, terms):
    made = await create(**kept, email="o'brien@münchen.example")
    for term in [*terms, "o'brien@münchen.example", "O'BRIEN@XN--MNCHEN-3YA.example"]:
        found = await good("GET", "/search", params={"search_term": term})
        assert [one["id"] for one in found] == [made["id"]], term
    for term in terms[:3]:
        page = await good("GET", "/table", params={"name": term})
        assert [one["id"] for one in page["data"]] == [made["id"]], term


async def test_many_people_under_one_address_at_once_are_as_many_patients(create):
    email = new_email()
    people = [ADA, OTHER, {"firstName": "Mary", "dateOfBirth": "1797-01-01"}]
    made = await asyncio.gather(*(create(email=email, **people[number % 3]) for number in range(24)))
    assert len({one["id"] for one in made}) == 3
