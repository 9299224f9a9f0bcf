"""Many callers at the same moment, on connections of their own."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.cases.bodies import case_body, with_user
from tests.patients.conftest import new_email

CALLERS = 32


@pytest.fixture
async def crowd(server):
    limits = httpx.Limits(max_connections=CALLERS * 2)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as opened:
        yield opened


@pytest.fixture
def race(crowd, here):
    """The answers to bodies that are sent together."""

    async def run(bodies, path="/create", method="POST"):
        url, headers = f"/user/patient{path}", here.billing
        return await asyncio.gather(*(crowd.request(method, url, json=body, headers=headers) for body in bodies))

    return run


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_32_callers_with_one_email_address_make_one_patient(race, rows, time):
    email = new_email()
    answers = await race([{"email": email.upper() if i % 2 else email, "leadSource": f"{i}"} for i in range(CALLERS)])
    assert statuses(answers) == {200: CALLERS}
    assert len({answer.json()["id"] for answer in answers}) == 1
    found = await rows("SELECT id FROM patients WHERE organization_id = %s AND mailbox = %s", email)
    assert len(found) == 1
    acts = await rows("SELECT type FROM events WHERE organization_id = %s AND target_id = %s", found[0][0])
    assert Counter(row[0] for row in acts) == {"PATIENT_CREATED": 1, "PATIENT_UPDATED": CALLERS - 1}


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_both_dialects_at_once_make_one_patient(race, crowd, here, rows, time):
    email = new_email()
    body = with_user(case_body(here.product_id, forceCreate=True), email=email)
    cases = asyncio.gather(*(crowd.post("/api/v1/cases", json=body, headers=here.key) for _ in range(CALLERS // 2)))
    answers = await race([{"email": email, "city": "Albany"}] * (CALLERS // 2))
    assert statuses(answers) == statuses(await cases) == {200: CALLERS // 2}
    found = await rows("SELECT id, first_name, city FROM patients WHERE organization_id = %s AND mailbox = %s", email)
    assert [row[1:] for row in found] == [("Grace", "Albany")]
    assert {answer.json()["id"] for answer in answers} == {str(found[0][0])}


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_one_id_at_once_is_one_patient(race, rows, time):
    answers = await race([{"id": "crm-1", "firstName": "Ada"}] * CALLERS)
    assert statuses(answers) == {200: 1, 409: CALLERS - 1}
    assert await rows("SELECT count(*) FROM patients WHERE organization_id = %s AND given_id = 'crm-1'") == [(1,)]


async def test_one_id_with_many_email_addresses_at_once_is_one_patient(race):
    assert statuses(await race([{"id": "crm-1", "email": new_email()} for _ in range(CALLERS)])) == {
        200: 1,
        409: CALLERS - 1,
    }


async def test_many_patients_who_want_one_email_address_at_once(race, crowd, here, create, rows):
    ids = [(await create(firstName="Ada"))["id"] for _ in range(8)]
    email = new_email()
    answers = await asyncio.gather(
        *(crowd.put(f"/user/patient/{one}", json={"email": email}, headers=here.billing) for one in ids)
    )
    assert statuses(answers) == {200: 1, 409: 7}
    assert await rows("SELECT count(*) FROM patients WHERE organization_id = %s AND mailbox = %s", email) == [(1,)]


async def test_changes_of_one_chart_at_once_lose_nothing(race, create, good):
    """The chart is one sealed document: each change reads it and writes it whole."""
    made = await create(firstName="Ada")
    fields = ["allergies", "familyHistory", "medicalHistory", "prescriptions", "patientMedications"]
    for number in range(4):
        answers = await race([{field: [f"{number}"]} for field in fields], f"/{made['id']}", "PUT")
        assert statuses(answers) == {200: len(fields)}
        read = await good("GET", f"/{made['id']}")
        assert {field: read[field] for field in fields} == {field: [f"{number}"] for field in fields}


async def test_a_tag_given_to_many_while_it_is_deleted_leaves_no_half(crowd, here, create, good, rows):
    patients = [(await create(firstName="Ada"))["id"] for _ in range(CALLERS // 2)]

    async def give(patient, tag):
        body = {"patientId": patient, "tagIds": [tag]}
        return await crowd.post(f"/user/patient/{patient}/tags", json=body, headers=here.billing)

    for number in range(12):
        tag = (await good("POST", "/tags", {"name": f"Tag {number}"}))["id"]
        deleting = crowd.delete(f"/user/patient/tags/{tag}", headers=here.billing)
        # In the midst of those who give it.
        before, after = [[give(one, tag) for one in half] for half in (patients[::2], patients[1::2])]
        answers = await asyncio.gather(*before, deleting, *after)
        assert answers.pop(len(before)).status_code == 200
        assert set(statuses(answers)) <= {200, 404}
        assert await rows("SELECT count(*) FROM patient_tag_assignments WHERE organization_id = %s") == [(0,)]


async def test_two_sets_of_tags_at_once_are_one_of_them(race, create, good):
    made = await create(firstName="Ada")
    first, second = [
        [(await good("POST", "/tags", {"name": f"{letter}{number}"}))["id"] for number in range(3)] for letter in "ab"
    ]
    for _ in range(4):
        bodies = [{"patientId": made["id"], "tagIds": tags} for tags in (first, second) * 4]
        assert statuses(await race(bodies, f"/{made['id']}/tags")) == {200: 8}
        found = [tag["id"] for tag in await good("GET", f"/{made['id']}/tags")]
        assert found in (first, second)
