"""A patient's whole record, as staff see it."""

import base64
from uuid import UUID

import pytest
from msgspec import structs

from carelane.case_detail.files.actions import add_file
from carelane.case_detail.files.schemas import CaseFileIn
from carelane.kit.auth import system_actor
from tests.console.world import PIXEL
from tests.factories.quotes import make_quote
from tests.patient_detail.conftest import BASE
from tests.patients.conftest import new_email
from tests.review.people import employ


@pytest.mark.parametrize("path", ["", "/{id}", "/{id}/reads"])
async def test_doors(services, client, here, elsewhere, case_of, path):
    _, patient_id = await case_of(lastName="Quillon")
    url = BASE + path.format(id=patient_id)
    assert (await client.get(url)).status_code == 401
    assert (await client.get(url, headers=here.key)).status_code == 401
    support = await employ(services, here, "Sam", role="SUPPORT")
    assert (await client.get(url, headers=support.headers)).status_code == 403
    stranger = await employ(services, elsewhere, "Eve", role="ADMIN")
    answer = await client.get(url, headers=stranger.headers)
    assert answer.status_code == (404 if path else 200)
    assert "Quillon" not in answer.text
    if not path:
        assert patient_id not in {one["id"] for one in answer.json()["patients"]}


@pytest.mark.parametrize(
    "query", ["?x=1", "/{id}?after=1", "/{id}/reads?limit=0", "/{id}/reads?Limit=1", "/{id}/reads?after=x"]
)
async def test_what_a_query_may_not_say(client, clinician, case_of, query):
    _, patient_id = await case_of()
    answer = await client.get(BASE + query.format(id=patient_id), headers=clinician.headers)
    assert answer.status_code == 400, answer.text


async def test_an_unknown_patient(client, clinician):
    for path in ("/nobody", "/nobody/reads", "/%00/reads"):
        answer = await client.get(BASE + path, headers=clinician.headers)
        assert (answer.status_code, "no patient" in answer.text) == (404, True), path


async def test_everything_that_is_known(client, here, get, case_of, clinician, services):
    email = new_email()
    first, patient_id = await case_of(email, firstName="Ana", lastName="Quillon", phoneNumber="+15035550148")
    second, _ = await case_of(email, firstName="Ana", lastName="Quillon", phoneNumber="+15035550148")
    body = {"patientId": patient_id, "items": [{"itemId": here.item_id}]}
    cart = (await client.post("/billing/cart", json=body, headers=here.billing)).json()
    url = f"/billing/cart/{cart['id']}/convert-to-charge"
    charged = await client.post(url, json={"cartId": cart["id"]}, headers=here.billing)
    assert charged.status_code == 200, charged.text
    await make_quote(services, structs.replace(here, patient_id=patient_id), status="ACCEPTED")
    profile = {"action": "UPDATE_PROFILE", "data": {"email": email, "allergies": "Penicillin"}}
    changed = await client.post("/api/v1/users", json=profile, headers=here.key)
    record = await get(patient_id)
    assert (record["firstName"], record["lastName"], record["email"]) == ("Ana", "Quillon", email)
    assert [case["id"] for case in record["cases"]] == [str(second), str(first)]
    assert [len(case["products"]) for case in record["cases"]] == [1, 1]
    assert [(case["status"], case["assignedTo"]) for case in record["cases"]] == [("OPEN", None)] * 2
    assert record["cases"][0]["decidedBy"] is None
    assert (record["counts"]["cases"], record["counts"]["charges"]) == (2, 1)
    made = charged.json()
    (charge,) = record["charges"]
    assert (charge["id"], charge["total"], charge["outstanding"]) == (made["id"], cart["total"], cart["total"])
    (money,) = record["money"]
    assert money == {"currency": "USD", "held": 0, "paid": 0, "givenBack": 0, "outstanding": cart["total"]}
    assert {one["id"]: one["total"] for one in record["carts"]}[cart["id"]] == cart["total"]
    assert record["counts"]["carts"] == len(record["carts"])
    assert (record["credit"], record["creditCurrency"]) == (0, "USD")
    assert changed.status_code == 200, changed.text
    assert record["allergies"] == ["Penicillin"]
    assert (record["doubles"], record["merges"]) == ([], [])


async def test_documents_are_linked(services, client, get, here, case_of):
    case_id, patient_id = await case_of()
    file = CaseFileIn(name="blood.png", data=PIXEL, mime_type="image/png")
    added = await add_file(services, system_actor(UUID(here.organization_id)), str(case_id), file, None)
    record = await get(patient_id)
    ((document,), count) = record["documents"], record["counts"]["documents"]
    assert (document["id"], document["fileName"], count) == (str(added.id), "blood.png", 1)
    assert document["caseShortId"] == record["cases"][0]["shortId"]
    answer = await client.get(document["url"])
    assert (answer.status_code, answer.content) == (200, base64.b64decode(PIXEL))
    assert (await client.get(document["url"][:-2])).status_code == 404
    # Nobody else's record has it.
    _, other = await case_of()
    assert (await get(other))["documents"] == []


async def test_who_may_be_the_same_person(get, case_of):
    email = new_email()
    same = {"firstName": "Ana", "lastName": "Quillon"}
    _, kept = await case_of(email, **same, dob="1990-05-15", phoneNumber="+15035550148")
    _, other = await case_of(email, **same, dob="1990-05-16", phoneNumber="+15035550149")
    _, shared_phone = await case_of(firstName="Una", lastName="Else", dob="1990-05-15", phoneNumber="+15035550148")
    # The same name and another birth date: somebody else.
    await case_of(**same, dob="1971-01-01", phoneNumber="+15035550150")
    # A child with the parent's address.
    await case_of(email, firstName="Tim", lastName="Quillon", dob="2010-01-01", phoneNumber="+15035550151")
    doubles = {double["id"]: double for double in (await get(kept))["doubles"]}
    assert set(doubles) == {other, shared_phone}
    assert doubles[other] | {"sameName": True, "sameEmail": True, "samePhone": False} == doubles[other]
    assert (doubles[shared_phone]["samePhone"], doubles[shared_phone]["sameBirthDate"]) == (True, True)


async def test_merged_and_undone(client, get, case_of, manager):
    _, kept = await case_of(lastName="Kept")
    _, other = await case_of(lastName="Other")
    url = f"{BASE}/{kept}/merge"
    merged = await client.post(url, json={"otherId": other}, headers=manager.headers)
    assert merged.status_code == 200, merged.text
    assert (await get(other))["id"] == kept
    record = await get(kept)
    assert record["counts"]["cases"] == 2
    ((one, who, undone),) = [(m["lastName"], m["mergedBy"]["firstName"], m["undoneAt"]) for m in record["merges"]]
    assert (one, who, undone) == ("Other", "Max", None)
    await client.post(f"/api/staff/patient-merges/{record['merges'][0]['id']}/undo", headers=manager.headers)
    assert (await get(other))["id"] == other
    assert (await get(kept))["merges"][0]["undoneAt"] is not None


# ---- who saw it


async def test_who_saw_it(client, get, here, case_of, clinician, manager):
    case_id, patient_id = await case_of()
    await client.get(f"/api/staff/cases/{case_id}", headers=manager.headers)
    await get(patient_id)
    found = await get(f"{patient_id}/reads")
    newest, before = found["sights"][:2]
    assert (newest["actorId"], newest["role"], newest["recordKind"]) == (str(clinician.id), "CASEWORKER", "patient")
    assert (before["actorId"], before["recordKind"], before["reason"]) == (str(manager.id), "case", "case detail")
    assert before["caseShortId"]
    # The storefront's key read the case when it was made, and has a name.
    keys = [sight for sight in found["sights"] if sight["actorKind"] == "key"]
    assert keys
    assert {sight["name"] for sight in keys} == {"Storefront"}
    assert found["summary"] == {"times": len(found["sights"]), "people": 2, "programs": 1, "isAtLeast": False}
    # Looking at it is not a look at the patient.
    assert len((await get(f"{patient_id}/reads"))["sights"]) == len(found["sights"])


async def test_page_by_page(get, case_of):
    _, patient_id = await case_of()
    for _ in range(4):
        await get(patient_id)
    whole = [sight["id"] for sight in (await get(f"{patient_id}/reads"))["sights"]]
    paged, after = [], {}
    while True:
        page = await get(f"{patient_id}/reads", limit=2, **after)
        paged += [sight["id"] for sight in page["sights"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert paged == whole == list(dict.fromkeys(whole))
    assert len(whole) >= 4


async def test_what_was_seen_of_a_merged_record_stands_with_the_one_that_stayed(client, get, case_of, manager):
    _, kept = await case_of(lastName="Kept")
    _, other = await case_of(lastName="Other")
    await get(other)
    seen = {sight["id"] for sight in (await get(f"{other}/reads"))["sights"]}
    assert seen
    await client.post(f"{BASE}/{kept}/merge", json={"otherId": other}, headers=manager.headers)
    assert seen <= {sight["id"] for sight in (await get(f"{kept}/reads"))["sights"]}


# ---- all of them


async def test_all_patients_page_by_page(client, case_of, clinician):
    made = [(await case_of(lastName=f"Quillon{number}"))[1] for number in range(3)]
    first = (await client.get(BASE, params={"limit": 2}, headers=clinician.headers)).json()
    assert [one["id"] for one in first["patients"]] == [made[2], made[1]]
    assert first["patients"][0]["lastCase"]["status"]
    query = {"limit": 2, "after": first["next"]}
    second = (await client.get(BASE, params=query, headers=clinician.headers)).json()
    assert second["patients"][0]["id"] == made[0]
