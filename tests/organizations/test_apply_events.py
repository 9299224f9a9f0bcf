"""What applying a file leaves in the event log: one event for each record that really changed, by the records' own actions."""

import asyncio
from collections import Counter

import pytest
import yaml

from carelane.catalog.actions import save_products
from carelane.kit import failpoints
from carelane.kit.auth import Actor
from carelane.kit.errors import ScopeMissingError
from carelane.organizations.actions import revoke_credential
from carelane.pharmacies.actions import save_drugs
from carelane.staff.actions import save_members
from carelane.webhooks.endpoints.actions import save_endpoints
from tests.processes import commands

LONG = "a-secret-of-more-than-thirty-two-characters"


@pytest.fixture
def full(file):
    """One record, or two, of everything that a file can name."""
    file.content |= {
        "keys": [{"name": "Desk", "scopes": ["catalog:read"]}],
        "clients": [{"name": "Server", "scopes": ["cases:write"]}],
        "products": [{"name": "Tablets", "price": "24"}, {"name": "Drops", "price": "7"}],
        "forms": [{"name": "Intake", "questions": [{"text": "How are you?", "type": "TEXT"}]}],
        "bundles": [{"name": "Plan", "price": "99", "products": ["Tablets"], "intakeForm": "Intake"}],
        "locations": [{"name": "Main Street"}],
        "taxes": [{"name": "State", "percentage": "8", "locations": ["Main Street"]}],
        "staff": [{"email": "a@moss.example", "firstName": "A", "lastName": "B", "role": "SUPPORT", "password": LONG}],
        "pharmacies": [{"code": "box", "name": "Box", "adapter": "simulator"}],
        "drugs": [{"code": "d1", "name": "One", "product": "Tablets"}, {"code": "d2", "name": "Two"}],
        "webhooks": [{"name": "Shop", "url": "https://shop.example/hook", "secret": LONG}],
    }
    return file


async def events(file):
    rows = await file.fetch("SELECT type, value_after, actor_kind FROM events ORDER BY number")
    assert {actor_kind for _, _, actor_kind in rows} <= {"system"}
    return [(kind, how) for kind, how, _ in rows]


async def test_each_new_record_is_one_event(full):
    await full.apply()
    assert Counter(await events(full)) == {
        ("ORGANIZATION_CHANGED", "CREATED"): 1,
        ("CREDENTIAL_CHANGED", "CREATED"): 2,
        ("CATALOG_CHANGED", "item"): 2,
        ("CATALOG_CHANGED", "form"): 1,
        ("CATALOG_CHANGED", "package"): 1,
        ("CATALOG_CHANGED", "location"): 1,
        ("CATALOG_CHANGED", "tax"): 1,
        ("STAFF_CHANGED", "CREATED"): 1,
        ("PHARMACY_CHANGED", "CREATED"): 1,
        ("DRUG_CHANGED", "CREATED"): 2,
        ("WEBHOOK_ENDPOINT_CHANGED", "CREATED"): 1,
    }


async def test_what_is_applied_again_or_dry_is_none(full):
    await full.apply()
    before = await events(full)
    await full.apply()
    full.content["products"][0]["price"] = "25"
    await full.apply(dry_run=True)
    assert await events(full) == before


async def test_only_what_changes_is_an_event(full):
    await full.apply()
    before = await events(full)
    full.content["organization"]["name"] = "Moss and Fern"
    full.content["keys"][0]["scopes"] = []
    full.content["clients"][0]["revoked"] = True
    full.content["products"][1]["isActive"] = False
    full.content["forms"][0]["questions"][0]["text"] = "How do you feel?"
    full.content["bundles"][0] |= {"products": ["Drops"], "price": "98"}
    full.content["taxes"][0]["locations"] = []
    full.content["staff"][0]["lastName"] = "C"
    full.content["drugs"][1]["isActive"] = False
    full.content["pharmacies"][0]["name"] = "Box 2"
    full.content["webhooks"][0] |= {"enabled": False, "events": ["CREATE_CASE"], "secret": LONG[::-1]}
    await full.apply()
    assert (await events(full))[len(before) :] == [
        ("ORGANIZATION_CHANGED", "CHANGED"),
        ("CREDENTIAL_CHANGED", "CHANGED"),
        ("CREDENTIAL_REVOKED", None),
        ("CATALOG_CHANGED", "tax"),
        ("CATALOG_CHANGED", "item"),
        ("CATALOG_CHANGED", "form"),
        ("CATALOG_CHANGED", "package"),
        ("STAFF_CHANGED", "CHANGED"),
        ("PHARMACY_CHANGED", "CHANGED"),
        ("DRUG_CHANGED", "CHANGED"),
        ("WEBHOOK_ENDPOINT_CHANGED", "CHANGED"),
    ]


async def test_another_password_is_told_apart(full):
    await full.apply()
    full.content["staff"][0] |= {"password": LONG[::-1], "lastName": "C"}
    await full.apply()
    assert (await events(full))[-1] == ("STAFF_CHANGED", "SECRETS_CHANGED")


async def test_what_is_refused_leaves_no_event_and_no_memory(full, clinic):
    await full.apply()
    memory = "SELECT kind, record_id, fields FROM applied_records ORDER BY kind, record_id"
    before, remembered = await events(full), await full.fetch(memory)
    full.content["products"][0]["price"] = "25"
    full.content["keys"].append({"name": "Stolen", "scopes": [], "secret": clinic.api_key})
    with pytest.raises(Exception, match="belongs to another organization"):
        await full.apply()
    assert await events(full) == before
    assert await full.fetch(memory) == remembered


async def test_a_dry_run_shows_what_the_real_one_does(full):
    """What was kept, changed, made and left alone, at once."""
    await full.apply()
    await full.execute("UPDATE products SET price_cents = 1 WHERE name = 'Drops'")
    full.content["products"][0]["price"] = "25"
    full.content["drugs"].append({"code": "d3", "name": "Three"})
    full.content["keys"][0]["revoked"] = True
    shown, done = await full.apply(dry_run=True), await full.apply()

    def lines(changes):
        return [line for change in changes for line in change.lines()]

    assert lines(shown) == lines(done)
    assert {change.action for change in done} == {"create", "update", "unchanged", "revoke"}
    assert sum("stays" in line for line in lines(done)) == 1


async def test_two_at_once_are_one_after_the_other(full):
    await full.apply()
    before = await events(full)
    full.content["products"][0]["price"] = "25"
    both = await asyncio.gather(full.apply(), full.apply(), full.apply())
    changed = [change for changes in both for change in changes if change.action != "unchanged"]
    assert [change.name for change in changed] == ["Tablets"]
    assert (await events(full))[len(before) :] == [("CATALOG_CHANGED", "item")]


async def carelane(file, *arguments, **environment):
    named = ("apply", file.path, *arguments, "--data-dir", file.services.settings.data_dir)
    done = await asyncio.to_thread(commands.run, *named, **environment)
    return done.returncode, done.stdout, done.stderr


async def test_killed_before_the_commit_it_leaves_nothing(full, tmp_path):
    await full.apply()
    before, rows = await events(full), await full.fetch("SELECT fields FROM applied_records ORDER BY record_id")
    full.content["products"][0]["price"] = "25"
    full.content["organization"]["name"] = "Moss and Fern"
    await full.apply(dry_run=True)
    armed = tmp_path / "armed"
    armed.write_text("apply.written")
    code, _, _ = await carelane(full, **{failpoints.VARIABLE: str(armed)})
    assert (code, armed.exists()) == (-9, False)
    assert await events(full) == before
    assert await full.fetch("SELECT fields FROM applied_records ORDER BY record_id") == rows
    assert await full.fetch("SELECT price_cents FROM products WHERE name = 'Tablets'") == [(2400,)]

    code, out, err = await carelane(full)
    assert (code, err) == (0, "")
    assert "update    product Tablets\n" in out


async def test_the_command_line_names_each_conflict_and_ends_with_3(full):
    await full.apply()
    await full.execute("UPDATE products SET price_cents = 1")
    full.content["products"] = [{"name": "Tablets", "price": "25"}, {"name": "Drops", "price": "8"}]
    full.path.write_text(yaml.safe_dump(full.content))
    for arguments in (["--dry-run"], []):
        code, out, err = await carelane(full, *arguments)
        assert (code, out) == (3, "")
        assert err.splitlines() == [
            'carelane: product Tablets: price was changed elsewhere since the last apply: "0.01" here, "25.00" in the file',
            'carelane: product Drops: price was changed elsewhere since the last apply: "0.01" here, "8.00" in the file',
            "carelane: nothing was applied; --overwrite takes the values of the file",
        ]
    code, out, err = await carelane(full, "--overwrite")
    assert (code, err) == (0, "")
    assert (
        'price was changed elsewhere since the last apply and is overwritten: "0.01" here, "25.00" in the file' in out
    )
    assert await full.fetch("SELECT price_cents FROM products ORDER BY name") == [(800,), (2500,)]


@pytest.mark.parametrize(
    ("act", "arguments"),
    [
        (save_products, ([],)),
        (save_members, ([],)),
        (save_drugs, ([],)),
        (save_endpoints, ([], None)),
        (revoke_credential, (None,)),
    ],
)
async def test_who_lacks_the_permission_saves_nothing(full, act, arguments):
    await full.apply()
    key = Actor(await full.organization_id(), "key", scopes=frozenset({"catalog:read"}))
    with pytest.raises(ScopeMissingError):
        await act(None, key, *arguments)
