"""Tags are made, changed, given to patients and taken away."""

import pytest

from tests.patients.conftest import places, problems


@pytest.fixture
def tag(good):
    async def make(name, **more):
        return await good("POST", "/tags", {"name": name} | more)

    return make


@pytest.fixture
def give(ask):
    async def send(patient, *tags, **options):
        body = {"patientId": patient["id"], "tagIds": [tag["id"] for tag in tags]}
        return await ask("POST", f"/{patient['id']}/tags", body, **options)

    return send


async def test_a_tag_is_made_read_and_changed(tag, good):
    made = await tag("VIP", emoji="⭐", color="#ffcc00")
    assert (made["name"], made["emoji"], made["color"], made["isActive"]) == ("VIP", "⭐", "#ffcc00", True)
    assert await good("GET", f"/tags/{made['id']}") == made | {"patientCount": 0}
    changed = await good("PUT", f"/tags/{made['id']}", {"is_active": False, "name": None})
    assert changed["updatedDate"] > made["updatedDate"]
    assert changed == made | {"isActive": False, "updatedDate": changed["updatedDate"]}


async def test_two_tags_cannot_have_one_name(tag, ask, good):
    vip, other = await tag("VIP"), await tag("Other")
    expected = (409, {"detail": "another tag has this name; expected a new one"})
    again = await ask("POST", "/tags", {"name": "VIP"})
    renamed = await ask("PUT", f"/tags/{other['id']}", {"name": "VIP"})
    assert (again.status_code, again.json()) == (renamed.status_code, renamed.json()) == expected
    assert (await good("PUT", f"/tags/{vip['id']}", {"name": "VIP"}))["name"] == "VIP"


async def test_every_fault_of_a_tag_is_named(ask, tag):
    wrong = {"name": " ", "emoji": "x" * 11, "color": "#ffcc000", "isActive": "maybe"}
    fields = sorted(["body", field] for field in wrong)
    made = await tag("VIP")
    assert sorted(places(await ask("POST", "/tags", wrong))) == fields
    assert sorted(places(await ask("PUT", f"/tags/{made['id']}", wrong))) == fields
    assert problems(await ask("POST", "/tags", {})) == [(["body", "name"], "name is required")]
    for name in ("x" * 101, "  "):
        assert places(await ask("POST", "/tags", {"name": name})) == [["body", "name"]]


async def test_giving_tags_replaces_all_that_were_there(create, tag, give, good):
    patient = await create(firstName="Ada")
    first, second, third = [await tag(name) for name in ("First", "Second", "Third")]
    for tags in ((first, second), (second, third, third), (), (first,)):
        answer = await give(patient, *tags)
        assert answer.status_code == 200
        assert list(answer.json()) == ["message"]
        expected = sorted({one["id"] for one in tags})
        assert sorted(one["id"] for one in await good("GET", f"/{patient['id']}/tags")) == expected
    assert [one["name"] for one in (await good("GET", f"/{patient['id']}"))["tags"]] == ["First"]


async def test_unknown_tags_are_all_named_and_nothing_changes(create, tag, give, good, elsewhere, client):
    patient, vip = await create(firstName="Ada"), await tag("VIP")
    theirs = await client.post("/user/patient/tags", json={"name": "Theirs"}, headers=elsewhere.billing)
    await give(patient, vip)
    answer = await give(patient, {"id": "t-1"}, vip, theirs.json())
    assert (answer.status_code, answer.json()) == (404, {"detail": f"no tag t-1, {theirs.json()['id']} here"})
    assert [one["name"] for one in await good("GET", f"/{patient['id']}/tags")] == ["VIP"]


async def test_an_assignment_is_of_the_patient_of_the_path(create, ask):
    patient, other = await create(firstName="Ada"), await create(firstName="Bea")
    body = {"patient_id": other["id"], "tag_ids": []}
    assert problems(await ask("POST", f"/{patient['id']}/tags", body)) == [
        (["body", "patientId"], "expected the patient of the path")
    ]
    assert places(await ask("POST", f"/{patient['id']}/tags", {})) == [["body", "patientId"], ["body", "tagIds"]]
    many = {"patientId": patient["id"], "tagIds": ["x"] * 101}
    assert places(await ask("POST", f"/{patient['id']}/tags", many)) == [["body", "tagIds"]]


async def test_an_archived_patient_keeps_the_tags_and_is_not_counted(create, tag, give, good):
    patient, other, vip = await create(firstName="Ada"), await create(firstName="Bea"), await tag("VIP")
    for one in (patient, other):
        await give(one, vip)
    await good("POST", "/archive", {"patientIds": [patient["id"]]})
    assert (await give(patient)).status_code == 409
    assert [one["name"] for one in await good("GET", f"/{patient['id']}/tags")] == ["VIP"]
    assert (await good("GET", f"/tags/{vip['id']}"))["patientCount"] == 1


async def test_a_deleted_tag_is_gone_from_every_patient(create, tag, give, good, ask):
    patients, vip, other = [await create(firstName="Ada") for _ in range(3)], await tag("VIP"), await tag("Other")
    for patient in patients:
        await give(patient, vip, other)
    assert list(await good("DELETE", f"/tags/{vip['id']}")) == ["message"]
    for patient in patients:
        assert [one["name"] for one in (await good("GET", f"/{patient['id']}"))["tags"]] == ["Other"]
    for method in ("GET", "PUT", "DELETE"):
        assert (await ask(method, f"/tags/{vip['id']}", {})).status_code == 404
    assert (await tag("VIP"))["id"] != vip["id"]


async def test_tags_are_listed_page_by_page(tag, good, ask):
    for name, is_active in (("Beta", True), ("alpha", False), ("Gamma", True)):
        await tag(name, isActive=is_active)

    async def names(**query):
        page = await good("GET", "/tags/list", params=query)
        return [one["name"] for one in page["data"]], page["total"]

    assert await names(sort_by="created_date") == (["Beta", "alpha", "Gamma"], 3)
    assert await names(sort_by="created_date", sort_direction="desc", per_page=2) == (["Gamma", "alpha"], 3)
    assert await names(sort_by="created_date", page=2, per_page=2) == (["Gamma"], 3)
    assert sorted((await names())[0], key=str.lower) == ["alpha", "Beta", "Gamma"]
    assert await names(name="A", is_active="false") == (["alpha"], 1)
    assert (await names(is_active="true", name="mm"))[0] == ["Gamma"]
    for query in ({"per_page": 1001}, {"sort_by": "color"}, {"is_active": "perhaps"}):
        assert places(await ask("GET", "/tags/list", params=query)) == [["query", next(iter(query))]]


async def test_repeated_requests_act_once(create, tag, give, ask, rows):
    keyed = {"headers": {"Idempotency-Key": "once"}}
    first = await ask("POST", "/tags", {"name": "VIP"}, **keyed)
    again = await ask("POST", "/tags", {"name": "VIP"}, **keyed)
    assert (again.status_code, again.content) == (200, first.content)
    patient = await create(firstName="Ada")
    keyed = {"headers": {"Idempotency-Key": "given"}}
    assert [(await give(patient, first.json(), **keyed)).status_code for _ in range(2)] == [200, 200]
    acts = await rows(
        "SELECT type FROM events WHERE organization_id = %s AND target_id = %s ORDER BY id", patient["id"]
    )
    assert [row[0] for row in acts] == ["PATIENT_CREATED", "PATIENT_UPDATED"]


async def test_changes_of_tags_are_events(tag, good, rows):
    made = await tag("VIP")
    await good("PUT", f"/tags/{made['id']}", {"color": "#fff"})
    await good("DELETE", f"/tags/{made['id']}")
    acts = await rows("SELECT type, value_after FROM events WHERE organization_id = %s AND target_id = %s", made["id"])
    assert acts == [("CATALOG_CHANGED", "tag")] * 3
