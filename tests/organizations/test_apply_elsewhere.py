"""What was changed elsewhere since the last apply: it is shown, and overwritten only when that is asked for."""

import pytest
from msgspec import UNSET

from carelane.apply.errors import ChangedElsewhereError, InvalidFileError
from carelane.apply.states import judge
from carelane.apply.views import show_both
from carelane.kit.auth import new_secret


@pytest.fixture
async def shop(file):
    """A catalogue that has been applied once, and a key of billing."""
    secret = new_secret("cvk")
    file.content |= {
        "keys": [{"name": "Desk", "scopes": ["catalog:read", "catalog:write"], "secret": secret}],
        "locations": [{"name": "Main Street"}, {"name": "Online"}],
        "taxes": [{"name": "State", "percentage": "8.25", "locations": ["Online"]}],
        "products": [{"name": "Tablets", "price": "24.00", "description": "Take one"}, {"name": "Drops", "price": "7"}],
        "forms": [{"name": "Intake", "questions": [{"text": "How are you?", "type": "TEXT"}]}],
        "bundles": [{"name": "Plan", "price": "99", "products": ["Tablets"], "intakeForm": "Intake"}],
    }
    await file.apply()
    file.headers = {"API-KEY": secret, "TENANT": file.tenant}
    return file


async def item(client, shop, name):
    query = {"name": name}
    found = await client.get("/inventory/items/list", params=query, headers=shop.headers)
    return found.json()["data"][0]


async def change_item(client, shop, name, **members):
    found = await item(client, shop, name)
    path = f"/inventory/items/update/{found['id']}"
    assert (await client.put(path, json=members, headers=shop.headers)).status_code == 200


def of(changes, what, name):
    return next(change for change in changes if (change.what, change.name) == (what, name))


def differences(changes):
    return [
        (change.name, each.field, each.stands, each.wanted)
        for change in changes
        for each in (*change.kept, *change.overwritten)
    ]


def problems(error):
    return {problem.field: problem.problem for problem in error.value.problems}


@pytest.mark.parametrize(
    ("applied", "stands", "wanted", "verdict"),
    [
        (UNSET, 1, 1, "same"),
        (UNSET, 1, 2, "write"),
        (1, 2, 2, "same"),
        (1, 1, 2, "write"),
        (1, 2, 1, "keep"),
        (1, 2, 3, "conflict"),
        (None, None, 1, "write"),
        (1, None, 1, "keep"),
    ],
)
def test_three_values_decide(applied, stands, wanted, verdict):
    assert judge(applied, stands, wanted) == verdict


async def test_what_the_file_did_not_change_stays_as_it_was_changed_elsewhere(client, shop):
    await change_item(client, shop, "Tablets", price=2500)
    shop.content["products"][0]["description"] = "Take two"

    for _ in range(2):
        changes = await shop.apply()
        assert differences(changes) == [("Tablets", "price", '"25.00"', '"24.00"')]
    found = await item(client, shop, "Tablets")
    assert (found["price"], found["description"]) == (2500, "Take two")
    assert list(of(changes, "product", "Tablets").lines()) == [
        "unchanged product Tablets",
        '          price was changed elsewhere since the last apply and stays: "25.00" here, "24.00" in the file',
    ]


async def test_what_both_changed_is_refused_whole(client, shop):
    await change_item(client, shop, "Tablets", price=2500)
    shop.content["products"][0]["price"] = "26.00"
    shop.content["products"][1]["price"] = "8.00"
    shop.content["organization"]["name"] = "Another"

    with pytest.raises(ChangedElsewhereError) as error:
        await shop.apply()

    text = 'was changed elsewhere since the last apply: "25.00" here, "26.00" in the file'
    assert problems(error) == {"product Tablets: price": text}
    assert await shop.fetch("SELECT name FROM organizations") == [("Moss",)]
    assert await shop.fetch("SELECT price_cents FROM products ORDER BY name") == [(700,), (2500,)]


async def test_overwriting_takes_the_values_of_the_file(client, shop):
    await change_item(client, shop, "Tablets", price=2500, description="Take care")
    shop.content["products"][0]["price"] = "26.00"

    changes = await shop.apply(overwrite=True)

    assert of(changes, "product", "Tablets").action == "update"
    assert differences(changes) == [
        ("Tablets", "description", '"Take care"', '"Take one"'),
        ("Tablets", "price", '"25.00"', '"26.00"'),
    ]
    found = await item(client, shop, "Tablets")
    assert (found["price"], found["description"]) == (2600, "Take one")
    assert differences(await shop.apply()) == []


async def test_a_file_that_follows_is_no_conflict(client, shop):
    await change_item(client, shop, "Tablets", price=2500)
    shop.content["products"][0]["price"] = "25.00"
    assert differences(await shop.apply()) == []
    shop.content["products"][0]["price"] = "26.00"
    assert of(await shop.apply(), "product", "Tablets").action == "update"


async def test_without_a_memory_the_file_is_taken_at_its_word(shop):
    """As on the first apply after an upgrade."""
    await shop.execute("DELETE FROM applied_records")
    await shop.execute("UPDATE products SET price_cents = 1")
    changes = await shop.apply()
    assert [change.name for change in changes if change.action == "update"] == ["Tablets", "Drops"]
    assert differences(changes) == []
    assert await shop.fetch("SELECT price_cents FROM products ORDER BY name") == [(700,), (2400,)]
    await shop.execute("UPDATE products SET price_cents = 1")
    assert len(differences(await shop.apply())) == 2


async def test_every_kind_of_record_is_watched(shop):
    changed_elsewhere = {
        "UPDATE organizations SET name = 'X'": ("Moss", "name", '"X"', '"Moss"'),
        "UPDATE credentials SET scopes = '{cases:read}'": (
            "Desk", "scopes", '["cases:read"]', '["catalog:read","catalog:write"]'
        ),
        "UPDATE forms SET is_active = false": ("Intake", "isActive", "false", "true"),
        "DELETE FROM bundle_products": ("Plan", "products", "[]", '["Tablets"]'),
        "UPDATE locations SET archived_at = now() WHERE name = 'Online'": ("Online", "isActive", "false", "true"),
        "UPDATE taxes SET percentage = 9": ("State", "percentage", '"9"', '"8.25"'),
        "DELETE FROM tax_locations": ("State", "locations", "[]", '["Online"]'),
        "UPDATE bundles SET currency = 'EUR'": ("Plan", "priceUnit", '"EUR"', '"USD"'),
        "UPDATE bundles SET archived_at = now()": ("Plan", "isArchived", "true", "false"),
    }  # fmt: skip
    for statement in changed_elsewhere:
        await shop.execute(statement)
    changes = await shop.apply()
    assert {change.action for change in changes} == {"unchanged"}
    assert set(differences(changes)) == set(changed_elsewhere.values())
    assert set(differences(await shop.apply(overwrite=True))) == set(changed_elsewhere.values())
    assert differences(await shop.apply()) == []


async def test_a_record_that_was_renamed_elsewhere_is_found_again(shop):
    await shop.execute("UPDATE products SET id = gen_random_uuid() WHERE name = 'Drops'")
    await shop.execute(
        "UPDATE applied_records r SET record_id = p.id FROM products p WHERE r.fields ->> 'name' = p.name AND r.kind = 'product'"
    )
    await shop.execute("UPDATE products SET name = 'Eye drops' WHERE name = 'Drops'")
    assert differences(await shop.apply()) == [("Drops", "name", '"Eye drops"', '"Drops"')]
    assert len(await shop.fetch("SELECT id FROM products")) == 2


async def test_of_several_organizations_all_are_refused(shop, services, tmp_path):
    await shop.execute("UPDATE products SET price_cents = 1")
    first = {"organization": {"tenant": f"{shop.tenant}-b", "name": "B", "casePrefix": "BBB"}}
    own = dict(shop.content)
    own["products"] = [own["products"][0] | {"price": "3"}, own["products"][1] | {"price": "4"}]
    shop.content = {"organizations": [first, own]}
    with pytest.raises(ChangedElsewhereError) as error:
        await shop.apply()
    tenant = own["organization"]["tenant"]
    assert sorted(problems(error)) == [f"{tenant}: product Drops: price", f"{tenant}: product Tablets: price"]
    async with services.db.across() as conn:
        cursor = await conn.execute("SELECT find_organization(%s)", (f"{tenant}-b",))
        assert await cursor.fetchone() == (None,)
    assert {change.action for change in await shop.apply(overwrite=True)} == {"create", "update", "unchanged"}


def test_long_values_are_shown_by_what_differs():
    questions = [{"text": f"Question {number}"} for number in range(50)]
    shown = show_both("questions", questions, [*questions[:-1], {"text": "Another"}], {})
    assert shown == ('[{"text":"Question 49"}]', '[{"text":"Another"}]')
    stands, wanted = show_both("description", "x" * 500 + "old" + "y" * 500, "x" * 500 + "new", {})
    assert stands.startswith("…" + "x" * 20 + "oldyyy")
    assert wanted == "…" + "x" * 20 + 'new"'
    assert len(stands) <= 202
    assert show_both("secret", "a", "b", {}) == ("***", "***")


async def test_a_field_that_is_newer_than_the_last_apply_was_applied_as_it_is_by_default(file):
    await file.apply()
    await file.execute("UPDATE applied_records SET fields = fields - 'language' WHERE kind = 'organization'")
    await file.execute("UPDATE organizations SET language = 'es'")

    [change] = await file.apply()

    assert differences([change]) == [("Moss", "language", '"es"', '"en"')]
    assert await file.fetch("SELECT language FROM organizations") == [("es",)]


async def test_what_taxes_and_staff_ask_of_a_product_is_written_where_the_file_says_it(client, shop):
    await change_item(client, shop, "Tablets", type="SERVICE", category="Care", brandName="Moss")
    # The file says nothing of it.
    assert differences(await shop.apply()) == []
    shop.content["products"][0] |= {"type": "MEDICATION", "internalNotes": "Cool", "exemptedTaxes": ["State"]}
    assert await shop.done() == [("update", "product", "Tablets")]
    assert await shop.done() == []
    now = await item(client, shop, "Tablets")
    ((state,),) = await shop.fetch("SELECT id::text FROM taxes")
    kept = ("type", "category", "brandName", "internalNotes", "exemptedTaxIds")
    assert [now[name] for name in kept] == ["MEDICATION", "Care", "Moss", "Cool", [state]]
    await change_item(client, shop, "Tablets", type="ITEM", exemptedTaxIds=[])
    assert differences(await shop.apply()) == [
        ("Tablets", "type", '"ITEM"', '"MEDICATION"'), ("Tablets", "exemptedTaxes", "[]", '["State"]'),
    ]  # fmt: skip
    shop.content["products"][0]["exemptedTaxes"] = []
    assert await shop.done() == []
    events = "SELECT count(*) FROM events WHERE type = 'CATALOG_CHANGED' AND target_id = (SELECT id FROM products WHERE name = 'Tablets')"
    # Made, changed by hand twice, changed by the file once.
    assert await shop.fetch(events) == [(4,)]
    shop.content["products"][0]["exemptedTaxes"] = ["Nobody's"]
    with pytest.raises(InvalidFileError) as raised:
        await shop.apply()
    assert set(problems(raised)) == {"products[0].exemptedTaxes[0]"}
