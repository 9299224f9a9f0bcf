"""Staff make one of two records of a person, and undo it: whatever was the one's follows, and goes back."""

from uuid import UUID, uuid4

from tests.patients.conftest import new_email
from tests.review.people import employ

EVENTS = "SELECT type, target_id, value_before, value_after FROM events WHERE organization_id = %s AND type LIKE 'PATIENT\\_%%MERGED' ORDER BY id"


BEFORE = {"cases": 1, "carts": 2, "quotes": 1, "charges": 1, "form_responses": 1}
DOUBLED = {name: 2 * count for name, count in BEFORE.items()}


async def test_what_was_the_others_follows_and_goes_back(pair, merge, undo, owned, rows, good):
    kept, other, _ = pair
    assert await owned(kept) == await owned(other) == BEFORE
    merged = await merge(kept, other)
    assert (merged["keptId"], merged["mergedId"], merged["undoneAt"]) == (kept, other, None)
    assert (merged["moved"]["cases"], merged["moved"]["carts"], merged["moved"]["formResponses"]) == (1, 2, 1)
    assert await owned(kept) == DOUBLED
    assert set((await owned(other)).values()) == {0}
    assert (await good("GET", f"/{other}"))["id"] == kept

    undone = await undo(merged["id"])
    assert undone["undoneAt"] is not None
    assert await owned(kept) == await owned(other) == BEFORE
    assert (await good("GET", f"/{other}"))["id"] == other
    assert (await good("GET", f"/{other}"))["isArchived"] is False
    assert await rows(EVENTS) == [
        ("PATIENT_MERGED", UUID(kept), None, other),
        ("PATIENT_UNMERGED", UUID(kept), other, None),
    ]


async def test_what_came_since_stays(pair, merge, undo, owned, case_of, client, here):
    kept, other, email = pair
    merged = await merge(kept, other)
    # By the old id, and by the old birth date.
    body = {"patientId": other, "items": [{"itemId": here.item_id}]}
    made = await client.post("/billing/cart", json=body, headers=here.billing)
    assert made.json()["patient"]["id"] == kept
    assert (await case_of(email, dob="1990-05-16"))[1] == kept
    await undo(merged["id"])
    assert await owned(other) == BEFORE
    assert await owned(kept) == BEFORE | {"carts": 3, "cases": 2, "form_responses": 2}


async def test_a_case_under_the_old_birth_date_is_the_kept_patients(merge, case_of, good):
    email = new_email()
    _, kept = await case_of(email, dob="1990-05-15")
    _, other = await case_of(email, dob="1990-05-16", lastName="Mistyped")
    await merge(kept, other)
    _, patient_id = await case_of(email, dob="1990-05-16", lastName="Mistyped")
    assert patient_id == kept
    shown = await good("GET", f"/{kept}")
    assert (shown["lastName"], shown["dateOfBirth"]) == ("Hopper", "1990-05-15")


async def test_the_case_detail_is_found_by_the_address_of_the_record_that_was_merged(client, here, merge, case_of):
    first, second = new_email(), new_email()
    _, kept = await case_of(first)
    case_id, other = await case_of(second)
    await merge(kept, other)
    detail = await client.get("/api/v1/customer-case-detail", params={"email": second}, headers=here.key)
    assert detail.status_code == 200, detail.text
    assert detail.json()["caseDetail"]["submitter"]["id"] == kept
    assert case_id


async def test_merges_of_merges_are_undone_in_turn(case_of, merge, undo, owned, good):
    (_, one), (_, two), (_, three) = [await case_of(new_email()) for _ in range(3)]
    first = await merge(two, one)
    second = await merge(three, two)
    assert (await owned(three))["cases"] == 3
    assert (await good("GET", f"/{one}"))["id"] == three
    assert f"merged into {three} since" in (await undo(first["id"], 409))["detail"]
    await undo(second["id"])
    assert [(await owned(one))["cases"], (await owned(two))["cases"], (await owned(three))["cases"]] == [0, 2, 1]
    assert (await good("GET", f"/{one}"))["id"] == two
    await undo(first["id"])
    assert [(await owned(one))["cases"], (await owned(two))["cases"]] == [1, 1]


async def test_what_cannot_be_merged_is_refused(pair, merge, undo, good, elsewhere):
    kept, other, _ = pair
    await merge(kept, kept, 409)
    await merge(kept, uuid4(), 404)
    await merge(kept, elsewhere.patient_id, 404)
    merged = await merge(kept, other)
    await merge(kept, other, 409)
    await merge(other, kept, 409)
    await undo(merged["id"])
    await undo(merged["id"], 409)
    await undo(uuid4(), 404)
    await undo("nonsense", 404)
    await good("POST", "/archive", {"patientIds": [kept]})
    await merge(kept, other, 409)


async def test_a_merged_record_is_not_taken_back_by_billing(pair, merge, ask):
    kept, other, _ = pair
    await merge(kept, other)
    answer = await ask("POST", "/archive", {"patientIds": [other], "isArchived": False})
    assert answer.status_code == 409


async def test_one_that_was_archived_before_is_archived_after(pair, merge, undo, good):
    kept, other, _ = pair
    await good("POST", "/archive", {"patientIds": [other]})
    await undo((await merge(kept, other))["id"])
    assert (await good("GET", f"/{other}"))["isArchived"] is True


async def test_the_merges_of_a_patient_are_listed(pair, merge, undo, client, manager, here):
    kept, other, _ = pair
    merged = await merge(kept, other)
    for patient_id in (kept, other):
        listed = await client.get(f"/api/staff/patients/{patient_id}/merges", headers=manager.headers)
        assert [one["id"] for one in listed.json()["merges"]] == [merged["id"]]
    assert (await client.get(f"/api/staff/patients/{uuid4()}/merges", headers=manager.headers)).status_code == 404


async def test_the_doors(client, services, here, elsewhere, pair):
    kept, other, _ = pair
    body = {"otherId": other}
    url = f"/api/staff/patients/{kept}/merge"
    assert (await client.post(url, json=body)).status_code == 401
    assert (await client.post(url, json=body, headers=here.key)).status_code == 401
    caseworker = await employ(services, here, "Cora", role="CASEWORKER")
    assert (await client.post(url, json=body, headers=caseworker.headers)).status_code == 403
    foreign = await employ(services, elsewhere, "Eve", role="ADMIN")
    assert (await client.post(url, json=body, headers=foreign.headers)).status_code == 404
    manager = await employ(services, here, "Ada", role="CASEMANAGER")
    for wrong in ({}, {"otherId": 5}, {"otherId": ""}):
        assert (await client.post(url, json=wrong, headers=manager.headers)).status_code == 400


async def test_the_same_key_merges_once(client, manager, pair):
    kept, other, _ = pair
    headers = manager.headers | {"Idempotency-Key": uuid4().hex}
    answers = [
        await client.post(f"/api/staff/patients/{kept}/merge", json={"otherId": other}, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
