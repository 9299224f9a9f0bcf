"""`carelane apply FILE`: declarative, idempotent, all or nothing."""

import asyncio
from uuid import uuid4

import pytest
import yaml

from carelane.apply.actions import apply_file
from carelane.apply.errors import InvalidFileError
from carelane.catalog.queries import lock_bundles, lock_products
from carelane.kit.auth import system_actor
from carelane.kit.errors import WrongCredentialError
from carelane.organizations.access import Gatekeeper

SECRET = "a-secret-of-more-than-thirty-two-characters"


@pytest.fixture
def content():
    """A small organization that no other test knows."""
    return {
        "organization": {"tenant": f"fern-{uuid4().hex[:12]}", "name": "Fern", "casePrefix": "FER"},
        "keys": [{"name": "Storefront", "scopes": ["catalog:read"]}],
        "products": [{"name": "Tablets", "price": 24.5}, {"name": "Drops", "price": "7"}],
        "forms": [{"name": "Intake", "questions": [{"text": "How are you?", "type": "TEXT", "isPHI": True}]}],
        "bundles": [{"name": "Plan", "price": 99.99, "products": ["Tablets"], "intakeForm": "Intake"}],
    }


@pytest.fixture
def apply(services, tmp_path):
    """Writes the content to a file and applies it."""

    async def apply_content(content, dry_run=False, **variables):
        path = tmp_path / "organization.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return await apply_file(services, path, dry_run, variables)

    return apply_content


def done(changes):
    return [(change.action, change.what, change.name) for change in changes if change.action != "unchanged"]


def places(error):
    return [problem.field for problem in error.value.problems]


async def organization_id_of(services, content):
    async with services.db.across() as conn:
        cursor = await conn.execute("SELECT find_organization(%s)", (content["organization"]["tenant"],))
        return (await cursor.fetchone())[0]


async def fetch(services, content, query):
    async with services.db.reading(await organization_id_of(services, content)) as conn:
        return await (await conn.execute(query)).fetchall()


async def test_first_creates_then_changes_nothing(apply, services, content):
    first = await apply(content)
    second = await apply(content)

    assert [change.action for change in first] == ["create"] * 6
    assert [change.what for change in first] == ["organization", "key", "product", "product", "form", "bundle"]
    assert done(second) == []
    (key,) = [change for change in first if change.what == "key"]
    assert key.secret not in repr(first)
    actor = await Gatekeeper(services.db, 0).actor_for(key.secret, "key", None)
    assert actor.organization_id == await organization_id_of(services, content)
    await services.keyring.data_key(actor.organization_id)


async def test_changed_parts_are_updated_and_nothing_else(apply, services, content):
    await apply(content)
    content["organization"]["assignmentPolicy"] = "round_robin"
    content["keys"][0]["scopes"] = ["catalog:read", "cases:write"]
    content["products"][0]["price"] = "25.00"
    content["bundles"][0]["products"] = ["Drops"]

    assert done(await apply(content)) == [
        ("update", "organization", "Fern"),
        ("update", "key", "Storefront"),
        ("update", "product", "Tablets"),
        ("update", "bundle", "Plan"),
    ]

    organization_id = await organization_id_of(services, content)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        found = await lock_products(conn, organization_id, (), ["Tablets", "Drops"])
        (bundle,) = (await lock_bundles(conn, organization_id, (), ["Plan"])).values()
    products = {product.name: product for product in found.values()}
    assert products["Tablets"].price_cents == 2500
    assert bundle.price_cents == 9999
    assert bundle.product_ids == [products["Drops"].id]


async def test_changed_questions_make_a_new_version(apply, services, content):
    versions = "SELECT number FROM form_versions ORDER BY number"
    newest = "SELECT q.text FROM form_questions q JOIN form_versions v ON v.id = q.form_version_id ORDER BY v.number DESC LIMIT 1"
    await apply(content)
    content["forms"][0]["questions"][0]["text"] = "How do you feel?"
    assert done(await apply(content)) == [("update", "form", "Intake")]
    assert await fetch(services, content, newest) == [("How do you feel?",)]

    # Going back to what was asked before is a change, too: the newest version is the one patients see.
    content["forms"][0]["questions"][0]["text"] = "How are you?"
    assert done(await apply(content)) == [("update", "form", "Intake")]
    assert done(await apply(content)) == []
    assert await fetch(services, content, versions) == [(1,), (2,), (3,)]
    assert await fetch(services, content, newest) == [("How are you?",)]


async def test_dry_run_shows_and_writes_nothing(apply, services, content):
    shown = await apply(content, dry_run=True)

    assert await organization_id_of(services, content) is None
    assert all(change.secret is None for change in shown)
    assert done(await apply(content)) == done(shown)


async def test_every_fault_is_listed_with_its_place(apply, services, content):
    content["organization"]["casePrefix"] = "far too long"
    content["colour"] = "green"
    content["keys"][0]["scope"] = []
    content["products"][0] = {"price": 9.9999}
    content["forms"][0]["questions"][0]["type"] = "ESSAY"
    content["bundles"][0]["isVisible"] = "yes"

    with pytest.raises(InvalidFileError) as error:
        await apply(content)

    assert sorted(places(error)) == [
        "bundles[0].isVisible",
        "colour",
        "forms[0].questions[0].type",
        "keys[0].scope",
        "organization.casePrefix",
        "products[0].name",
        "products[0].price",
    ]
    assert await organization_id_of(services, content) is None


async def test_every_broken_rule_is_listed_with_its_place(apply, services, content):
    condition = {"questionIndex": 0, "response": "Yes"}
    content["keys"] += [{"name": "Storefront", "scopes": ["everything"], "secret": "short"}]
    content["products"][1]["currency"] = "XXX"
    content["forms"][0]["questions"] = [{"text": "Why?", "type": "SINGLESELECT", "condition": condition}]
    content["bundles"][0] |= {"initialDiscount": 100, "products": ["Powder"], "followupForm": "Unknown"}

    with pytest.raises(InvalidFileError) as error:
        await apply({"organizations": [content, content | {"keys": []}]})

    assert {place for place in places(error) if not place.startswith("organizations[1]")} == {
        "organizations[0].keys[1]",
        "organizations[0].keys[1].secret",
        "organizations[0].keys[1].scopes",
        "organizations[0].products[1].currency",
        "organizations[0].forms[0].questions[0].options",
        "organizations[0].forms[0].questions[0].condition.questionIndex",
        "organizations[0].bundles[0].initialDiscount",
        "organizations[0].bundles[0].products[0]",
        "organizations[0].bundles[0].followupForm",
    }
    assert "organizations[1]" in places(error)
    assert await organization_id_of(services, content) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "body"),
        ("- a\n- b\n", "body"),
        ("a: [unclosed\n", "line 2"),
        ("organization: {name: A}\norganization: {name: B}\n", "line 2"),
        ("a: !!python/object/apply:os.getcwd []\n", "line 1"),
        ("{[a]: b}\n", "line 1"),
    ],
)
async def test_unreadable_files(apply, text, place):
    with pytest.raises(InvalidFileError) as error:
        await apply(text)
    assert places(error)[0] == place


async def test_a_file_that_is_not_there(services, tmp_path):
    with pytest.raises(InvalidFileError, match="No such file"):
        await apply_file(services, tmp_path / "absent.yaml", False, {})


async def test_yes_no_and_amounts_stay_as_written(apply, services, content):
    content["forms"][0]["questions"] = [{"text": "Sure?", "type": "SINGLESELECT", "options": ["PLACE"]}]
    await apply(yaml.safe_dump(content).replace("PLACE", "Yes\n    - No\n    - 01234\n    - 1.10"))
    assert await fetch(services, content, "SELECT options FROM form_questions") == [(["Yes", "No", "01234", "1.10"],)]


async def test_secrets_come_from_variables(apply, services, content):
    content["keys"][0]["secret"] = "${FERN_KEY}"
    with pytest.raises(InvalidFileError, match=r"keys\[0\]\.secret: the variable FERN_KEY is not set"):
        await apply(content)

    secret = SECRET + uuid4().hex
    changes = await apply(content, FERN_KEY=secret)

    assert all(change.secret is None for change in changes)
    assert (await Gatekeeper(services.db, 0).actor_for(secret, "key", None)).kind == "key"


async def test_a_secret_is_replaced_and_the_credential_stays(apply, services, content):
    first, second = SECRET + uuid4().hex, SECRET + uuid4().hex
    content["keys"][0]["secret"] = first
    await apply(content)
    gatekeeper = Gatekeeper(services.db, 0)
    before = await gatekeeper.actor_for(first, "key", None)
    content["keys"][0]["secret"] = second

    assert done(await apply(content)) == [("update", "key", "Storefront")]

    assert (await gatekeeper.actor_for(second, "key", None)).id == before.id
    with pytest.raises(WrongCredentialError):
        await gatekeeper.actor_for(first, "key", None)


async def test_revoked_keys_stay_revoked_and_their_secret_is_not_taken_again(apply, services, content):
    content["keys"][0]["secret"] = SECRET + uuid4().hex
    await apply(content)
    content["keys"][0]["revoked"] = True
    assert done(await apply(content)) == [("revoke", "key", "Storefront")]
    assert done(await apply(content)) == []

    content["keys"][0]["revoked"] = False
    with pytest.raises(InvalidFileError) as error:
        await apply(content)
    assert places(error) == ["keys[0]"]

    content["keys"][0]["secret"] = SECRET + uuid4().hex
    assert done(await apply(content)) == [("create", "key", "Storefront")]


async def test_a_secret_of_another_organization_is_refused_whole(apply, services, content, clinic):
    content["keys"][0]["secret"] = clinic.api_key
    with pytest.raises(InvalidFileError, match="belongs to another organization"):
        await apply(content)
    assert await organization_id_of(services, content) is None


async def test_a_tenant_of_another_organization_is_refused(apply, content, clinic):
    content["organization"] |= {"tenant": clinic.tenant, "id": str(uuid4())}
    with pytest.raises(InvalidFileError) as error:
        await apply(content)
    assert places(error) == ["organization.tenant"]


async def test_two_at_once_make_one_organization(apply, services, content):
    both = await asyncio.gather(apply(content), apply(content))
    assert sorted(len(done(changes)) for changes in both) == [0, 6]
