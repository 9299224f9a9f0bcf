"""Every route: no credential, a wrong one, one that may not, and the other clinic."""

import pytest

ROUTES = [
    ("POST", "/create", {"firstName": "Ada"}),
    ("GET", "/{patient}", None),
    ("PUT", "/{patient}", {"city": "Albany"}),
    ("POST", "/archive", {"patientIds": ["{patient}"]}),
    ("GET", "/table", None),
    ("GET", "/ids", None),
    ("GET", "/search", None),
    ("GET", "/list?patient_ids={patient}", None),
    ("GET", "/external-id-exists/crm-1", None),
    ("GET", "/{patient}/tags", None),
    ("POST", "/{patient}/tags", {"patientId": "{patient}", "tagIds": ["{tag}"]}),
    ("GET", "/tags/list", None),
    ("POST", "/tags", {"name": "New"}),
    ("GET", "/tags/{tag}", None),
    ("PUT", "/tags/{tag}", {"color": "#fff"}),
    ("DELETE", "/tags/{tag}", None),
    ("POST", "/quick-note/create", {"patientId": "{patient}", "note": "Likes tea.", "creatorId": "{creator}"}),
    ("GET", "/quick-note/list/{patient}", None),
    ("GET", "/quick-note/{note}", None),
    ("PUT", "/quick-note/update/{note}", {"note": "Likes coffee."}),
    ("DELETE", "/quick-note/{note}", None),
    ("GET", "/find-duplicates", None),
    ("POST", "/merge-duplicates", [{"patientId": "{patient}", "duplicateIds": ["{double}"]}]),
]
by_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route[0]} {route[1]}")


@pytest.fixture
async def records(create, good, here):
    """A patient with a tag, a note and a double."""
    patient = await create(firstName="Ada", lastName="Byron", externalId="crm-1")
    tag = await good("POST", "/tags", {"name": "First"})
    await good("POST", f"/{patient['id']}/tags", {"patientId": patient["id"], "tagIds": [tag["id"]]})
    body = {"patientId": patient["id"], "note": "Byron wants a call.", "creatorId": here.creator_id}
    note = await good("POST", "/quick-note/create", body)
    double = await create(firstName="Ada")
    return {"patient": patient["id"], "tag": tag["id"], "note": note["id"], "double": double["id"],
            "creator": here.creator_id}  # fmt: skip


def filled(value, records):
    if isinstance(value, str):
        return value.format(**records)
    if isinstance(value, list):
        return [filled(item, records) for item in value]
    return {name: filled(item, records) for name, item in value.items()} if value is not None else None


@pytest.fixture
def knock(client, records):
    async def send(route, headers):
        method, path, body = route
        url = f"/user/patient{filled(path, records)}"
        return await client.request(method, url, json=filled(body, records), headers=headers)

    return send


@by_route
async def test_without_a_good_key_of_the_tenant_it_is_401(knock, here, elsewhere, route):
    wrong = [
        {},
        {"API-KEY": here.api_key},
        {"TENANT": here.tenant},
        {"API-KEY": "cvk_wrong", "TENANT": here.tenant},
        {"API-KEY": here.api_key, "TENANT": elsewhere.tenant},
        here.key,
    ]
    for headers in wrong:
        answer = await knock(route, headers)
        assert answer.status_code == 401, headers
        assert list(answer.json()) == ["detail"]


@by_route
async def test_a_key_that_may_only_read_the_catalogue_is_403(knock, here, route):
    answer = await knock(route, {"API-KEY": here.catalog_only_key, "TENANT": here.tenant})
    assert answer.status_code == 403


@by_route
async def test_another_clinic_sees_and_changes_nothing(knock, elsewhere, good, records, route):
    before = await good("GET", f"/{records['patient']}")
    answer = await knock(route, elsewhere.billing)
    names_a_record = any(mark in str(route) for mark in ("{patient}", "{tag}", "{note}")) and not route[1].startswith(
        "/list"
    )
    assert answer.status_code == (404 if names_a_record else 200)
    assert "Byron" not in answer.text
    assert "First" not in answer.text
    assert answer.json() is not True
    assert await good("GET", f"/{records['patient']}") == before


@by_route
async def test_the_clinic_itself_may(knock, here, route):
    answer = await knock(route, here.billing)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", ["pat_unknown", "5b0c8f0e-4f5e-4c53-9d5e-6f6f6b1d2a10", "%00"])
async def test_an_unknown_id_is_404(ask, name):
    for method, path, body in (
        ("GET", f"/{name}", None),
        ("PUT", f"/{name}", {"city": "Albany"}),
        ("GET", f"/{name}/tags", None),
        ("GET", f"/tags/{name}", None),
        ("PUT", f"/tags/{name}", {"color": "#fff"}),
        ("DELETE", f"/tags/{name}", None),
        ("GET", f"/quick-note/{name}", None),
        ("GET", f"/quick-note/list/{name}", None),
        ("PUT", f"/quick-note/update/{name}", {"note": "x"}),
        ("DELETE", f"/quick-note/{name}", None),
    ):
        assert (await ask(method, path, body)).status_code == 404, path


async def test_a_wrong_method_is_405(ask):
    for method, path in (("DELETE", "/pat_1"), ("POST", "/table"), ("PATCH", "/tags")):
        assert (await ask(method, path)).status_code == 405
