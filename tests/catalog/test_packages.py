"""Packages of the billing dialect: what is in them, making, replacing and archiving them."""

from uuid import UUID, uuid4

import pytest

from tests.catalog.events import told_of
from tests.factories.charges import line, make_charge
from tests.factories.rows import insert_row, update_row

ITEMS = "/inventory/items"
PACKAGES = "/inventory/packages"
BUNDLES = "/api/v1/organization/bundles"


@pytest.fixture(scope="module")
async def items(client, counter):
    """Two items, by name."""
    bodies = [{"name": "Mask", "price": 500}, {"id": "item_oil", "name": "Oil", "price": 700}]
    return [(await client.post(f"{ITEMS}/create", json=body, headers=counter.billing)).json()["id"] for body in bodies]


@pytest.fixture
def wanted(items):
    return {
        "name": "Evening", "description": "Both", "price": 1000, "externalId": "pk-1", "internalNotes": "Wrap it",
        "category": "Sets", "items": [{"itemId": items[0], "quantity": 2, "price": 450}, {"itemId": items[1]}],
    }  # fmt: skip


@pytest.fixture
async def made(ask, wanted):
    response = await ask("POST", f"{PACKAGES}/create", wanted)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_new_package_is_answered_with_all_its_members(made, items):
    inside = made["items"]
    assert made == {
        "id": made["id"], "name": "Evening", "description": "Both", "isArchived": False, "price": 1000,
        "externalId": "pk-1", "internalNotes": "Wrap it", "category": "Sets", "numberOfActivePatients": 0,
        "numberOfPatients": 0, "createdDate": made["createdDate"], "items": inside,
    }  # fmt: skip
    shown = [(one["packageId"], one["itemId"], one["quantity"], one["price"], one["item"]["name"]) for one in inside]
    assert shown == [(made["id"], items[0], 2, 450, "Mask"), (made["id"], "item_oil", None, 700, "Oil")]


async def test_a_package_is_got_as_it_was_made(ask, made):
    assert (await ask("GET", f"{PACKAGES}/{made['id']}")).json() == made


async def test_a_bundle_of_the_care_dialect_is_a_package(ask, counter):
    shown = (await ask("GET", f"{PACKAGES}/{counter.bundle_id}")).json()
    assert (shown["name"], shown["price"], shown["items"][0]["itemId"]) == ("Plan", 9999, counter.item_id)
    assert (shown["items"][0]["quantity"], shown["items"][0]["price"]) == (None, 15900)


async def test_a_package_is_a_bundle_that_storefronts_do_not_show(client, counter, made):
    bundle = (await client.get(f"{BUNDLES}/{made['id']}", headers=counter.key)).json()["data"]["bundle"]
    assert (bundle["price"], bundle["priceUnit"], bundle["isVisible"]) == ("10.00", "USD", False)


async def test_a_caller_may_choose_the_id_once(ask):
    body = {"id": "pack_7", "name": "Named", "price": 0}
    assert (await ask("POST", f"{PACKAGES}/create", body)).json()["id"] == "pack_7"
    again = await ask("POST", f"{PACKAGES}/create", body)
    assert again.json() == {"detail": "there is a package pack_7 already; expected another id, or none"}
    assert again.status_code == 409
    assert (await ask("GET", f"{PACKAGES}/pack_7")).json()["items"] == []


async def test_a_package_is_not_called_like_the_route_beside_it(ask):
    response = await ask("POST", f"{PACKAGES}/create", {"id": "list", "name": "Named", "price": 0})
    assert [problem["loc"] for problem in response.json()["detail"]] == [["body", "id"]]


async def test_a_bad_body_is_told_all_that_is_wrong_with_it(ask):
    body = {"price": 1.5, "items": [{"quantity": 0}, {"itemId": "x", "price": -1}], "category": "x" * 201}
    for response in (
        await ask("POST", f"{PACKAGES}/create", body),
        await ask("PUT", f"{PACKAGES}/update/{uuid4()}", body),
    ):
        assert response.status_code == 422
        assert [problem["loc"][1:] for problem in response.json()["detail"]] == [
            ["name"], ["price"], ["items", 0, "itemId"], ["items", 0, "quantity"], ["items", 1, "price"], ["category"],
        ]  # fmt: skip


async def test_an_item_is_in_a_package_once(ask, items, made):
    body = {"id": "other", "name": "Twice", "price": 1, "items": [{"itemId": items[0]}] * 2}
    created = await ask("POST", f"{PACKAGES}/create", body)
    assert [problem["loc"] for problem in created.json()["detail"]] == [["body", "items", 1, "itemId"]]
    replaced = await ask("PUT", f"{PACKAGES}/update/{made['id']}", body)
    assert {problem["loc"][1] for problem in replaced.json()["detail"]} == {"items", "id"}


async def test_unknown_items_are_all_named_and_nothing_is_made(ask):
    body = {"id": uuid4().hex, "name": "Odd", "price": 1, "items": [{"itemId": "no_1"}, {"itemId": "no_2"}]}
    response = await ask("POST", f"{PACKAGES}/create", body)
    assert (response.status_code, response.json()) == (404, {"detail": "no item no_1, no_2 here"})
    assert (await ask("GET", f"{PACKAGES}/{body['id']}")).status_code == 404


async def test_the_same_key_makes_one_package(ask, counter, wanted):
    headers = counter.billing | {"Idempotency-Key": uuid4().hex}
    body = wanted | {"name": uuid4().hex}
    first, again = [await ask("POST", f"{PACKAGES}/create", body, headers) for _ in range(2)]
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    assert (await ask("GET", f"{PACKAGES}/list", name=body["name"])).json()["total"] == 1


async def test_a_package_is_replaced_as_a_whole(ask, made, items):
    path = f"{PACKAGES}/update/{made['id']}"
    inside = [{"itemId": items[1], "quantity": 3, "price": 0}]
    replaced = (await ask("PUT", path, {"id": made["id"], "name": "Dawn", "price": 5, "items": inside})).json()
    assert (replaced["name"], replaced["price"], replaced["description"], replaced["category"]) == (
        "Dawn", 5, None, None,
    )  # fmt: skip
    [kept] = replaced["items"]
    assert (kept["id"], kept["quantity"], kept["price"]) == (made["items"][1]["id"], 3, 0)
    assert (await ask("PUT", path, {"name": "Dusk", "price": 6})).json()["items"] == [kept]
    assert (await ask("PUT", path, {"name": "Dusk", "price": 6, "items": []})).json()["items"] == []


async def test_an_item_that_was_archived_since_stays_in_its_package(ask, wanted):
    old = (await ask("POST", f"{ITEMS}/create", {"name": "Old", "price": 1})).json()["id"]
    inside = [{"itemId": old}]
    package = (await ask("POST", f"{PACKAGES}/create", wanted | {"items": inside})).json()
    await ask("DELETE", f"{ITEMS}/delete/{old}")
    path = f"{PACKAGES}/update/{package['id']}"
    assert (await ask("PUT", path, wanted | {"items": inside})).json()["items"][0]["item"]["isArchived"] is True
    assert (await ask("POST", f"{PACKAGES}/create", wanted | {"items": inside})).status_code == 404


async def test_an_archived_package_is_gone_from_both_dialects(ask, client, counter, made):
    assert (await ask("DELETE", f"{PACKAGES}/delete/{made['id']}")).json() is True
    body = {"name": "Again", "price": 1}
    for method, path, sent in (
        ("DELETE", f"{PACKAGES}/delete/{made['id']}", None),
        ("GET", f"{PACKAGES}/{made['id']}", None),
        ("PUT", f"{PACKAGES}/update/{made['id']}", body),
        ("PUT", f"{PACKAGES}/update/{made['id']}", body | {"isArchived": True}),
    ):
        assert (await ask(method, path, sent)).json() == {"detail": f"no package {made['id']} here"}
    assert (await ask("GET", f"{PACKAGES}/list", ids=made["id"])).json()["total"] == 0
    assert (await client.get(f"{BUNDLES}/{made['id']}", headers=counter.key)).status_code == 400
    bundles = (await client.get(BUNDLES, headers=counter.key)).json()["data"]
    assert made["id"] not in {bundle["id"] for bundle in bundles}
    back = await ask("PUT", f"{PACKAGES}/update/{made['id']}", body | {"isArchived": False})
    assert (back.status_code, back.json()["isArchived"], len(back.json()["items"])) == (200, False, 2)


async def test_its_patients_are_counted_each_once(ask, made, services, counter):
    here = (services, UUID(counter.organization_id))
    other = await insert_row(*here, "patients", email=f"{uuid4()}@patient.example", first_name="A", last_name="B")
    sold = line("Evening", 1000, bundle_id=UUID(made["id"]))
    await make_charge(services, counter, sold, sold)
    await make_charge(services, counter, sold)
    void = await make_charge(services, counter, sold, patient_id=other)
    await update_row(*here, "charges", void, status="VOID")
    shown = (await ask("GET", f"{PACKAGES}/{made['id']}")).json()
    assert (shown["numberOfPatients"], shown["numberOfActivePatients"]) == (2, 1)
    for least, most, found in ((1, 1, 1), (2, 9, 0)):
        listed = await ask("GET", f"{PACKAGES}/list", ids=made["id"], number_of_active_patients=[least, most])
        assert listed.json()["total"] == found


@pytest.fixture(scope="module")
async def shelf(client, counter, items):
    bodies = [
        {"name": "One 5%", "price": 30, "category": "Sets", "items": [{"itemId": items[0]}]},
        {"name": "two", "price": 10, "items": [{"itemId": one} for one in items]},
        {"name": "Three", "price": 20},
    ]
    answers = [await client.post(f"{PACKAGES}/create", json=body, headers=counter.billing) for body in bodies]
    return [answer.json()["id"] for answer in answers]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({}, ["One 5%", "Three", "two"]),
        ({"sort_direction": "desc"}, ["two", "Three", "One 5%"]),
        ({"sort_by": "price"}, ["two", "Three", "One 5%"]),
        ({"sort_by": "created_date"}, ["One 5%", "two", "Three"]),
        ({"sort_by": "category"}, ["One 5%", "two", "Three"]),
        ({"per_page": 2, "page": 2}, ["two"]),
        ({"name": "5%"}, ["One 5%"]),
        ({"price": [10, 20]}, ["Three", "two"]),
        ({"category": "Sets"}, ["One 5%"]),
        ({"contains_items": ["oil"]}, ["two"]),
        ({"contains_items": ["Oil", "Mask"]}, ["two"]),
        ({"contains_items": ["Oil", "Soap"]}, []),
        ({"contains_items": ["item_oil"]}, []),
    ],
)
async def test_the_list_shows_what_was_asked_for(ask, shelf, params, found):
    response = await ask("GET", f"{PACKAGES}/list", ids=shelf, **params)
    assert [package["name"] for package in response.json()["data"]] == found
    assert response.json()["total"] == (3 if "page" in params else len(found))


async def test_everything_wrong_with_a_query_is_told(ask):
    wrong = await ask("GET", f"{PACKAGES}/list", price=[1], number_of_active_patients=[3, 2])
    assert [problem["loc"][1] for problem in wrong.json()["detail"]] == ["price", "number_of_active_patients"]
    wrong = await ask("GET", f"{PACKAGES}/list", page="x", per_page=0, sort_by="size", sort_direction="up")
    assert {problem["loc"][1] for problem in wrong.json()["detail"]} == {
        "page", "per_page", "sort_by", "sort_direction",
    }  # fmt: skip


async def test_every_change_is_told_of(ask, services, counter, made):
    await ask("PUT", f"{PACKAGES}/update/{made['id']}", {"name": "N", "price": 1})
    await ask("DELETE", f"{PACKAGES}/delete/{made['id']}")
    assert await told_of(services, counter, made["id"]) == [("CATALOG_CHANGED", "package")] * 3
