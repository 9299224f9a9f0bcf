"""Items of the billing dialect: making and changing them."""

from uuid import UUID, uuid4

import pytest

from tests.catalog.events import told_of
from tests.factories.rows import insert_row

CREATE = "/inventory/items/create"
UPDATE = "/inventory/items/update"
DELETE = "/inventory/items/delete"
TAXES = "/inventory/items/bulk-update-taxes"
EVERYTHING = {
    "name": "Serum", "brandName": "Clearwater", "description": "For the night", "price": 4950, "category": "Skin",
    "unit": "ML", "isPhysical": False, "isArchived": False, "internalNotes": "Keep cool", "sortOrder": 3,
    "allowCustomPricing": True, "type": "MEDICATION", "externalId": "sku-7", "cost": 1200,
}  # fmt: skip


@pytest.fixture
async def made(ask):
    """An item with all its members."""
    response = await ask("POST", CREATE, EVERYTHING)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
async def taxes(services, counter):
    return [
        str(await insert_row(services, UUID(counter.organization_id), "taxes", name=f"Tax {n}", percentage=n))
        for n in range(2)
    ]


async def find(ask, item_id, **params):
    listed = (await ask("GET", "/inventory/items/list", ids=item_id, **params)).json()["data"]
    return listed[0] if listed else None


async def test_a_new_item_is_answered_with_all_its_members(made):
    assert made == EVERYTHING | {"id": made["id"], "exemptedTaxIds": [], "stocks": None, "usageCount": 0}


async def test_what_is_not_sent_has_its_default(ask):
    made = (await ask("POST", CREATE, {"name": "Bare", "price": 0})).json()
    empty = dict.fromkeys(["brandName", "description", "category", "unit", "internalNotes", "sortOrder", "externalId"])
    assert made == empty | {
        "id": made["id"], "name": "Bare", "price": 0, "isPhysical": True, "isArchived": False,
        "allowCustomPricing": False, "type": "PRODUCT", "exemptedTaxIds": [], "cost": None, "stocks": None,
        "usageCount": 0,
    }  # fmt: skip


async def test_names_may_be_sent_in_snake_case(ask):
    made = (await ask("POST", CREATE, {"name": "Snake", "price": 1, "brand_name": "Adder"})).json()
    assert made["brandName"] == "Adder"


async def test_a_caller_may_choose_the_id_once(ask):
    body = {"id": "item_7", "name": "Named", "price": 100}
    assert (await ask("POST", CREATE, body)).json()["id"] == "item_7"
    again = await ask("POST", CREATE, body)
    assert again.status_code == 409
    assert again.json() == {"detail": "there is an item item_7 already; expected another id, or none"}
    assert (await ask("PUT", f"{UPDATE}/item_7", {"price": 200})).json()["price"] == 200
    assert (await ask("DELETE", f"{DELETE}/item_7")).json() is True


async def test_a_bad_body_is_told_all_that_is_wrong_with_it(ask):
    body = {"price": -1, "unit": "HANDFULS", "type": "THING", "cost": 1.5, "brandName": "x" * 201, "id": "a/b"}
    response = await ask("POST", CREATE, body)
    assert response.status_code == 422
    wrong = {tuple(problem["loc"]) for problem in response.json()["detail"]}
    assert wrong == {("body", field) for field in ("name", "price", "unit", "type", "cost", "brandName", "id")}


@pytest.mark.parametrize("name", ["", "x" * 201, "   "])
async def test_a_name_has_1_to_200_characters(ask, made, name):
    assert (await ask("POST", CREATE, {"name": name, "price": 1})).status_code == 422
    # An update need not name it: then an empty text is none.
    assert (await ask("PUT", f"{UPDATE}/{made['id']}", {"name": name})).status_code == (422 if name else 200)


@pytest.mark.parametrize(
    ("price", "status"), [(0, 200), (9_999_999_999, 200), (10_000_000_000, 422), ("159", 200), ("1_59", 422)]
)
async def test_a_price_is_whole_cents_up_to_the_most(ask, price, status):
    assert (await ask("POST", CREATE, {"name": "Priced", "price": price})).status_code == status


async def test_the_same_key_makes_one_item(ask, counter):
    headers = counter.billing | {"Idempotency-Key": uuid4().hex}
    body = {"name": uuid4().hex, "price": 1}
    first, again = [await ask("POST", CREATE, body, headers) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (await ask("GET", "/inventory/items/list", name=body["name"])).json()["total"] == 1


async def test_an_update_changes_what_it_says_and_nothing_else(ask, made):
    response = await ask("PUT", f"{UPDATE}/{made['id']}", {"price": 5000, "unit": None, "sortOrder": 9})
    assert response.status_code == 200
    shown = {name: value for name, value in made.items() if name != "usageCount"}
    assert response.json() == shown | {"price": 5000, "sortOrder": 9}


async def test_a_bad_update_is_told_all_that_is_wrong_with_it(ask, made):
    body = {"price": "1e2", "isPhysical": "yes", "unit": "X", "sortOrder": 10**12}
    response = await ask("PUT", f"{UPDATE}/{made['id']}", body)
    assert response.status_code == 422
    assert {problem["loc"][1] for problem in response.json()["detail"]} == set(body)


async def test_an_archived_item_is_there_for_who_brings_it_back_only(ask, made):
    path = f"{UPDATE}/{made['id']}"
    assert (await ask("DELETE", f"{DELETE}/{made['id']}")).json() is True
    assert (await ask("DELETE", f"{DELETE}/{made['id']}")).status_code == 404
    assert (await ask("PUT", path, {"price": 1})).status_code == 404
    assert (await ask("PUT", path, {"isArchived": True})).status_code == 404
    assert await find(ask, made["id"]) is None
    assert (await find(ask, made["id"], is_archived="true"))["isArchived"] is True
    back = await ask("PUT", path, {"isArchived": False})
    assert (back.json()["isArchived"], back.json()["price"]) == (False, made["price"])
    assert await find(ask, made["id"]) == made


async def test_an_update_can_archive(ask, made):
    assert (await ask("PUT", f"{UPDATE}/{made['id']}", {"isArchived": True})).json()["isArchived"] is True
    assert await find(ask, made["id"]) is None


async def test_taxes_are_escaped_as_the_item_says(ask, made, taxes):
    body = {"name": "Free", "price": 1, "exemptedTaxIds": [taxes[0], taxes[0]]}
    free = (await ask("POST", CREATE, body)).json()
    assert free["exemptedTaxIds"] == [taxes[0]]
    path = f"{UPDATE}/{free['id']}"
    assert (await ask("PUT", path, {"exemptedTaxIds": taxes})).json()["exemptedTaxIds"] == sorted(taxes)
    assert (await ask("PUT", path, {"price": 2})).json()["exemptedTaxIds"] == sorted(taxes)
    assert (await ask("PUT", path, {"exemptedTaxIds": []})).json()["exemptedTaxIds"] == []


async def test_an_item_keeps_a_tax_that_was_archived_since_and_no_other_item_gets_it(ask, made, taxes):
    free = (await ask("POST", CREATE, {"name": "Free", "price": 1, "exemptedTaxIds": taxes})).json()
    await ask("DELETE", f"/admin/taxes/{taxes[0]}")
    shown = await ask("PUT", f"{UPDATE}/{free['id']}", free | {"price": 2})
    assert (shown.status_code, shown.json()["exemptedTaxIds"]) == (200, sorted(taxes))
    updates = [{"itemId": made["id"], "exemptedTaxIds": taxes[:1]}]
    for response in (
        await ask("PUT", f"{UPDATE}/{made['id']}", updates[0]),
        await ask("POST", TAXES, {"updates": updates}),
    ):
        assert response.json() == {"detail": f"no tax {taxes[0]} here"}


async def test_unknown_taxes_are_all_named_and_nothing_is_done(ask, made, taxes):
    missing = ["tax_1", str(uuid4())]
    body = {"id": uuid4().hex, "name": "Odd", "price": 1, "exemptedTaxIds": [*missing, taxes[0]]}
    for response in (
        await ask("POST", CREATE, body),
        await ask("PUT", f"{UPDATE}/{made['id']}", {"price": 7, "exemptedTaxIds": body["exemptedTaxIds"]}),
    ):
        assert response.status_code == 404
        assert response.json() == {"detail": f"no tax {', '.join(missing)} here"}
    assert (await find(ask, made["id"]))["price"] == made["price"]
    assert await find(ask, body["id"]) is None


async def test_taxes_of_many_items_change_at_once(ask, made, taxes, counter):
    updates = [
        {"itemId": made["id"], "exemptedTaxIds": taxes},
        {"itemId": counter.item_id, "exemptedTaxIds": taxes[:1]},
    ]
    response = await ask("POST", TAXES, {"updates": updates})
    assert response.status_code == 200
    shown = [(item["id"], item["exemptedTaxIds"]) for item in response.json()]
    assert shown == [(made["id"], sorted(taxes)), (counter.item_id, taxes[:1])]
    assert "usageCount" not in response.json()[0]


async def test_of_many_items_all_change_or_none(ask, made, taxes):
    updates = [{"itemId": one, "exemptedTaxIds": taxes} for one in (made["id"], "no_1", "no_2")]
    response = await ask("POST", TAXES, {"updates": updates})
    assert (response.status_code, response.json()) == (404, {"detail": "no item no_1, no_2 here"})
    twice = await ask("POST", TAXES, {"updates": updates[:1] * 3})
    assert [problem["loc"] for problem in twice.json()["detail"]] == [["body", "updates", n, "itemId"] for n in (1, 2)]
    assert (await find(ask, made["id"]))["exemptedTaxIds"] == []


async def test_the_same_key_changes_taxes_once(ask, made, taxes, counter, services):
    headers = counter.billing | {"Idempotency-Key": uuid4().hex}
    body = {"updates": [{"itemId": made["id"], "exemptedTaxIds": taxes}]}
    first, again = [await ask("POST", TAXES, body, headers) for _ in range(2)]
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    assert len(await told_of(services, counter, made["id"])) == 2


async def test_a_bad_list_of_updates_is_told_all_that_is_wrong(ask):
    response = await ask("POST", TAXES, {"updates": [{"itemId": ""}, {"exemptedTaxIds": [1]}]})
    assert response.status_code == 422
    assert [problem["loc"][1:] for problem in response.json()["detail"]] == [
        ["updates", 0, "itemId"], ["updates", 1, "itemId"], ["updates", 1, "exemptedTaxIds", 0],
    ]  # fmt: skip
    assert (await ask("POST", TAXES, {"updates": []})).status_code == 422


async def test_every_change_is_told_of(ask, services, counter, made):
    await ask("PUT", f"{UPDATE}/{made['id']}", {"price": 1})
    await ask("POST", TAXES, {"updates": [{"itemId": made["id"], "exemptedTaxIds": []}]})
    await ask("DELETE", f"{DELETE}/{made['id']}")
    assert await told_of(services, counter, made["id"]) == [("CATALOG_CHANGED", "item")] * 4
