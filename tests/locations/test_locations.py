"""/admin/locations: who may, what is refused, what is kept."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.factories.rows import insert_row
from tests.own_clinic import make_clinic
from tests.taxes.acts import acts

URL = "/admin/locations"
SAVE = f"{URL}/update-or-create"
WHOLE = {
    "name": "Harbor",
    "isVirtual": True,
    "addressLineOne": "1 Pier",
    "addressLineTwo": "Floor 2",
    "city": "Portland",
    "state": "ME",
    "zipCode": "04101",
    "country": "US",
    "timezone": "America/New_York",
    "externalId": "ext-1",
    "description": "By the water",
    "phoneNumber": "+12075550123",
    "photoUrl": "https://clinic.example/photo",
    "reviewLink": "https://clinic.example/review",
    "latitude": 43.657,
    "longitude": -70.25,
}
NOT_KEPT = {"spakinectLocationId": None, "dosespotClinicId": None, "dosespotClinicKey": None, "isArchived": False}
PUBLIC = ("id", "name", "addressLineOne", "addressLineTwo", "city", "state", "zipCode", "country", "timezone")


def routes(location_id):
    return [
        ("GET", f"{URL}/list", None),
        ("GET", f"{URL}/public", None),
        ("GET", f"{URL}/{location_id}", None),
        ("POST", SAVE, {"id": location_id, "city": "Elsewhere"}),
        ("DELETE", f"{URL}/delete/{location_id}", None),
    ]


async def save(client, clinic, **members):
    answer = await client.post(SAVE, json=members, headers=clinic.billing)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def find(client, clinic, location_id):
    return (await client.get(f"{URL}/{location_id}", headers=clinic.billing)).json()


def problems(answer):
    assert answer.status_code == 422, answer.text
    return {tuple(problem["loc"]): problem["msg"] for problem in answer.json()["detail"]}


async def test_without_a_good_credential_every_route_is_401(client, office, other_clinic):
    before = await find(client, office, office.location_id)
    wrong = [
        {},
        {"API-KEY": "cvk_wrong", "TENANT": office.tenant},
        {"API-KEY": office.api_key},
        {"API-KEY": office.api_key, "TENANT": other_clinic.tenant},
    ]
    for method, url, body in routes(office.location_id):
        for headers in wrong:
            answer = await client.request(method, url, json=body, headers=headers)
            assert (answer.status_code, list(answer.json())) == (401, ["detail"])
    assert await find(client, office, office.location_id) == before


async def test_who_may_only_read_changes_nothing(client, office):
    headers = {"API-KEY": office.catalog_only_key, "TENANT": office.tenant}
    statuses = [
        (await client.request(method, url, json=body, headers=headers)).status_code
        for method, url, body in routes(office.location_id)
    ]
    assert statuses == [200, 200, 200, 403, 403]


async def test_another_clinics_location_is_not_there(client, services, office, tmp_path):
    other = await make_clinic(services, tmp_path)
    before = await find(client, office, office.location_id)
    for method, url, body in routes(office.location_id)[2:]:
        answer = await client.request(method, url, json=body, headers=other.billing)
        assert answer.status_code == (422 if method == "POST" else 404)
    for _, url, _ in routes(office.location_id)[:2]:
        assert office.location_id not in (await client.get(url, headers=other.billing)).text
    # An id that another clinic uses is a new one here.
    assert (await save(client, other, id=office.location_id, name="Theirs"))["name"] == "Theirs"
    assert await find(client, office, office.location_id) == before


@pytest.mark.parametrize("location_id", ["01a20000-0000-7000-8000-00000000dead", "loc_unknown", "%20"])
async def test_a_location_nobody_made_is_not_there(client, office, location_id):
    for method, url in (("GET", f"{URL}/{location_id}"), ("DELETE", f"{URL}/delete/{location_id}")):
        answer = await client.request(method, url, headers=office.billing)
        assert (answer.status_code, list(answer.json())) == (404, ["detail"])


async def test_a_whole_location_is_kept_as_sent(client, office):
    saved = await save(client, office, **WHOLE)
    dates = {name: saved[name] for name in ("createdDate", "updatedDate")}
    assert all(date.endswith("Z") for date in dates.values())
    assert saved == {"id": str(UUID(saved["id"]))} | WHOLE | NOT_KEPT | dates
    assert await find(client, office, saved["id"]) == saved


async def test_a_new_location_needs_only_a_name(client, office):
    saved = await save(client, office, name="Harbor")
    assert (saved["isVirtual"], saved["timezone"]) == (False, "UTC")
    assert {saved[name] for name in WHOLE} == {"Harbor", False, "UTC", None}


@pytest.mark.parametrize("chosen", ["loc_harbor", "0f8e5fa8-1bb0-4e5b-a6a1-3b1ce9d41e11", "LOC 1"])
async def test_a_chosen_id_makes_the_location_once_and_changes_it_afterwards(client, office, chosen):
    made = await save(client, office, id=chosen, **WHOLE)
    assert made["id"] == chosen
    changed = await save(client, office, id=chosen, city="Bangor", state=None)
    assert changed == made | {"city": "Bangor", "updatedDate": changed["updatedDate"]}
    assert (await client.get(f"{URL}/list", headers=office.billing)).json()["total"] == 2


@pytest.mark.parametrize("chosen", ["list", "public"])
async def test_a_location_is_not_called_like_a_route_beside_it(client, office, chosen):
    answer = await client.post(SAVE, json={"id": chosen, "name": "Harbor"}, headers=office.billing)
    assert set(problems(answer)) == {("body", "id")}


async def test_many_who_name_a_new_location_at_once_make_it_once(client, office):
    answers = await asyncio.gather(*(save(client, office, id="loc_race", name="Harbor") for _ in range(20)))
    assert {answer["createdDate"] for answer in answers} == {answers[0]["createdDate"]}
    assert (await client.get(f"{URL}/list", headers=office.billing)).json()["total"] == 2


async def test_a_location_without_a_name_is_not_made(client, office):
    for members in ({}, {"id": "loc_new"}, {"id": "loc_new", "name": None, "city": "Bangor"}):
        answer = await client.post(SAVE, json=members, headers=office.billing)
        assert set(problems(answer)) == {("body", "name")}
    assert (await client.get(f"{URL}/loc_new", headers=office.billing)).status_code == 404


async def test_all_that_is_wrong_with_a_body_is_listed(client, office):
    body = {"id": "a/b", "name": " ", "isVirtual": "maybe", "latitude": 91, "longitude": -181, "zipCode": 4101}
    answer = await client.post(SAVE, json=body, headers=office.billing)
    assert set(problems(answer)) == {("body", name) for name in body}
    body = {"name": "Harbor", "timezone": "America/Nowhere", "photoUrl": "file:///etc", "reviewLink": "javascript:1"}
    answer = await client.post(SAVE, json=body, headers=office.billing)
    assert set(problems(answer)) == {("body", name) for name in ("timezone", "photoUrl", "reviewLink")}
    assert set(problems(await client.post(SAVE, content="{", headers=office.billing))) == {("body",)}


@pytest.mark.parametrize("timezone", ["EST5", "america/new_york", "../../etc/passwd", "+02:00"])
async def test_a_timezone_is_an_iana_name(client, office, timezone):
    answer = await client.post(SAVE, json={"name": "Harbor", "timezone": timezone}, headers=office.billing)
    assert problems(answer) == {("body", "timezone"): "expected an IANA name such as America/New_York"}


async def test_an_archived_location_is_gone_but_its_id_stays_taken(client, office):
    await save(client, office, id="loc_old", name="Old")
    answer = await client.delete(f"{URL}/delete/loc_old", headers=office.billing)
    assert (answer.status_code, answer.json()) == (200, True)
    assert (await client.get(f"{URL}/loc_old", headers=office.billing)).status_code == 404
    assert (await client.delete(f"{URL}/delete/loc_old", headers=office.billing)).status_code == 404
    for _, url, _ in routes("")[:2]:
        assert "loc_old" not in (await client.get(url, headers=office.billing)).text
    answer = await client.post(SAVE, json={"id": "loc_old", "name": "New"}, headers=office.billing)
    assert (answer.status_code, list(answer.json())) == (409, ["detail"])


async def test_every_act_is_recorded(client, services, office):
    saved = await save(client, office, name="Harbor")
    await save(client, office, id=saved["id"], city="Bangor")
    await client.post(SAVE, json={"id": saved["id"], "timezone": "Nowhere"}, headers=office.billing)
    await client.delete(f"{URL}/delete/{saved['id']}", headers=office.billing)
    assert await acts(services, office, saved["id"]) == [("CATALOG_CHANGED", "location")] * 3


async def test_patients_see_names_and_addresses(client, office):
    saved = await save(client, office, **WHOLE)
    shown = (await client.get(f"{URL}/public", headers=office.billing)).json()
    assert [location["name"] for location in shown] == ["Harbor", "Main Street"]
    assert shown[0] == {name: saved[name] for name in PUBLIC}


async def test_a_request_sent_again_is_answered_again_and_makes_one_location(client, office):
    headers = office.billing | {"Idempotency-Key": str(uuid4())}
    answers = [await client.post(SAVE, json=WHOLE, headers=headers) for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    assert (await client.get(f"{URL}/list", headers=office.billing)).json()["total"] == 2
    other = await client.post(SAVE, json={"name": "Other"}, headers=headers)
    assert set(problems(other)) == {("header", "Idempotency-Key")}


async def test_patients_keep_a_location_that_is_archived(client, services, office):
    await insert_row(
        services,
        UUID(office.organization_id),
        "patients",
        first_name="Robin",
        last_name="Vale",
        primary_location_id=UUID(office.location_id),
    )
    answer = await client.delete(f"{URL}/delete/{office.location_id}", headers=office.billing)
    assert answer.json() is True
