"""Who may ask for items and packages, and of which clinic."""

from uuid import uuid4

import pytest

from tests.factories.cases import case_body

ITEM = {"name": "Door", "price": 1}
ROUTES = [
    ("GET", "/inventory/items/list", None, "read"),
    ("GET", "/inventory/items/brand-names", None, "read"),
    ("POST", "/inventory/items/create", ITEM, "write"),
    ("PUT", "/inventory/items/update/{item}", ITEM, "write"),
    ("DELETE", "/inventory/items/delete/{item}", None, "write"),
    ("POST", "/inventory/items/bulk-update-taxes", {"updates": [{"itemId": "{item}", "exemptedTaxIds": []}]}, "write"),
    ("GET", "/inventory/packages/list", None, "read"),
    ("GET", "/inventory/packages/{package}", None, "read"),
    ("POST", "/inventory/packages/create", ITEM, "write"),
    ("PUT", "/inventory/packages/update/{package}", ITEM, "write"),
    ("DELETE", "/inventory/packages/delete/{package}", None, "write"),
]
NAMING = [route for route in ROUTES if "{" in route[1] or "updates" in (route[2] or {})]


def of(clinic, path, body):
    """The route with the clinic's ids in it."""
    ids = {"{item}": clinic.item_id, "{package}": clinic.package_id}
    for name, value in ids.items():
        path = path.replace(name, value)
    if body and "updates" in body:
        body = {"updates": [{"itemId": clinic.item_id, "exemptedTaxIds": []}]}
    return path, body


@pytest.mark.parametrize(("method", "path", "body", "_"), ROUTES)
async def test_without_a_good_credential_is_401(ask, counter, other_clinic, method, path, body, _):
    path, body = of(counter, path, body)
    for headers in (
        {},
        {"API-KEY": counter.api_key},
        {"API-KEY": "cvk_wrong", "TENANT": counter.tenant},
        {"API-KEY": counter.api_key, "TENANT": other_clinic.tenant},
    ):
        response = await ask(method, path, body, headers)
        assert response.status_code == 401
        assert isinstance(response.json()["detail"], str)


@pytest.mark.parametrize(("method", "path", "body", "kind"), ROUTES)
async def test_who_may_only_read_the_catalogue_changes_nothing(ask, counter, method, path, body, kind):
    path, body = of(counter, path, body)
    headers = {"API-KEY": counter.catalog_only_key, "TENANT": counter.tenant}
    assert (await ask(method, path, body, headers)).status_code == (200 if kind == "read" else 403)


@pytest.mark.parametrize(("method", "path", "body", "_"), NAMING)
async def test_another_clinics_record_is_not_there(ask, counter, other_clinic, method, path, body, _):
    theirs, nobodys = of(other_clinic, path, body), str(uuid4())
    response = await ask(method, *theirs)
    assert response.status_code == 404
    own_path, own_body = of(counter, path, body)
    for one in (counter.item_id, counter.package_id):
        own_path = own_path.replace(one, nobodys)
    if own_body and "updates" in own_body:
        own_body = {"updates": [{"itemId": nobodys, "exemptedTaxIds": []}]}
    unknown = await ask(method, own_path, own_body)
    given = other_clinic.item_id if other_clinic.item_id in response.text else other_clinic.package_id
    assert response.json()["detail"].replace(given, nobodys) == unknown.json()["detail"]


async def test_another_clinics_items_cannot_be_put_into_a_package(ask, other_clinic):
    body = {"name": "Mixed", "price": 1, "items": [{"itemId": other_clinic.item_id}]}
    response = await ask("POST", "/inventory/packages/create", body)
    assert (response.status_code, response.json()) == (404, {"detail": f"no item {other_clinic.item_id} here"})


async def test_lists_show_the_callers_own_only(ask, counter, other_clinic):
    for path, own, theirs in (
        ("/inventory/items/list", counter.item_id, other_clinic.item_id),
        ("/inventory/packages/list", counter.package_id, other_clinic.package_id),
    ):
        assert (await ask("GET", path, ids=[own, theirs])).json()["total"] == 1
        assert (await ask("GET", path, ids=theirs)).json() == {"data": [], "total": 0}


async def test_an_item_of_either_dialect_is_sold_by_both(ask, client, counter):
    made = (await ask("POST", "/inventory/items/create", {"name": "Shared", "price": 15900})).json()
    case = await client.post("/api/v1/cases", json=case_body(made["id"]), headers=counter.key)
    assert case.status_code == 200, case.text
    await ask("DELETE", f"/inventory/items/delete/{made['id']}")
    refused = await client.post("/api/v1/cases", json=case_body(made["id"]), headers=counter.key)
    assert refused.status_code == 422
    listed = (await ask("GET", "/inventory/items/list", ids=counter.item_id)).json()["data"]
    assert [(item["name"], item["price"]) for item in listed] == [("Tablets", 15900)]
