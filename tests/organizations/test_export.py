"""The organization's current state as a file: applied again it changes nothing, applied elsewhere it makes the same clinic."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio
import yaml

from carelane.apply.actions import apply_file
from carelane.apply.elsewhere.reads import list_changed_elsewhere
from carelane.apply.export import access, views
from carelane.apply.export.queries import get_record_ids
from carelane.apply.export.reads import export_organization
from carelane.apply.logos.schemas import read_picture
from carelane.apply.reading import check_raw, read_sent
from carelane.demo.data import DEMO_FILE, PAYING_FILE
from carelane.kit.auth import system_actor
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.kit.errors import FieldProblem
from carelane.messages.templates.actions import change_mail_template
from carelane.messages.templates.schemas import MailTemplateIn
from carelane.organizations.logos.actions import set_logo
from carelane.organizations.logos.schemas import LogoIn
from carelane.pharmacies.schemas import SIMULATOR_SECRET
from carelane.services import open_services
from carelane.settings import Settings
from tests.factories.rows import insert_row
from tests.organizations.full_file import EXPORTED, HOSTILE, SECRETS, full_content
from tests.pictures import png
from tests.server import prepared


@pytest.fixture
async def full(file):
    file.content = full_content(file.tenant)
    await file.apply(**secrets(file))
    return file


def secrets(file) -> dict[str, str]:
    """No secret is anybody else's."""
    return {name: f"{value}{file.tenant}" for name, value in SECRETS.items()}


def exported_secrets(file) -> dict[str, str]:
    return {name: secrets(file)[one] for name, one in EXPORTED.items()}


async def export(services, organization_id: UUID, *, with_secrets: bool = True):
    return await export_organization(services, system_actor(organization_id), with_secrets=with_secrets)


async def apply_text(services, folder: Path, text: str, variables: dict[str, str] | None = None):
    path = folder / "exported.yaml"
    path.write_text(text, encoding="utf-8")
    changes = await apply_file(services, path, False, variables or {}, invites=False)
    return [change for change in changes if change.action != "unchanged" or change.kept]


async def test_applied_on_the_same_installation_it_changes_nothing(services, full, tmp_path):
    exported = await export(services, await full.organization_id())
    assert exported.left_out == []
    assert set(exported.variables) == set(EXPORTED)
    variables = exported_secrets(full)
    assert await apply_text(services, tmp_path, exported.text, variables) == []
    without = await export(services, await full.organization_id(), with_secrets=False)
    # Left out, a previous secret would be good no more.
    assert without.variables == ["STRIPE_TEST_PREVIOUS_WEBHOOK_SECRET"]
    assert await apply_text(services, tmp_path, without.text, variables) == []
    assert not any(secret in exported.text + without.text for secret in secrets(full).values())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def fresh(tmp_path_factory):
    """An installation of its own, with the demo's clinics in it."""
    folder = prepared(tmp_path_factory.mktemp("fresh") / "data")
    database = EmbeddedPostgres(folder)
    database.start()
    try:
        async with open_services(Settings(data_dir=folder, database_url=database.application_url)) as opened:
            yield opened
    finally:
        database.stop()


async def test_applied_on_a_fresh_installation_it_makes_the_same_clinic(services, full, fresh, tmp_path):
    await full.execute("UPDATE organizations SET answer_within_hours = 7")
    exported = await export(services, await full.organization_id())
    done = await apply_text(fresh, tmp_path, exported.text, exported_secrets(full))
    # A new organization has terms, the usual ones.
    assert {change.action for change in done if change.what != "payments"} == {"create"}
    again = await export(fresh, await full.organization_id())
    assert await apply_text(fresh, tmp_path, again.text, exported_secrets(full)) == []
    assert in_any_order(yaml.safe_load(again.text)) == in_any_order(yaml.safe_load(exported.text))


def in_any_order(said):
    """Of one moment, records are in the order of their names."""
    return {
        name: sorted(part, key=lambda one: str(one.get("id") or one.get("email"))) if isinstance(part, list) else part
        for name, part in said.items()
    }


@pytest.mark.parametrize("section", [name for name in full_content("x") if name not in {"organization", "branding"}])
async def test_each_section_survives_by_itself(services, file, tmp_path, section):
    content = full_content(file.tenant)
    wanted = {
        "products": ("locations", "taxes"),
        "bundles": ("locations", "taxes", "products", "forms"),
        "taxes": ("locations",),
        "promoCodes": ("locations", "taxes", "products", "forms", "bundles"),
        "drugs": ("locations", "taxes", "products"),
    }
    file.content = {"organization": content["organization"]} | {
        name: content[name] for name in (*wanted.get(section, ()), section)
    }
    await file.apply(**secrets(file))
    exported = await export(services, await file.organization_id())
    assert exported.left_out == []
    assert section in yaml.safe_load(exported.text)
    variables = exported_secrets(file)
    assert await apply_text(services, tmp_path, exported.text, variables) == []


async def test_what_the_billing_dialect_and_the_console_made_is_in_it(services, full, tmp_path):
    here = (services, await full.organization_id())
    await insert_row(*here, "locations", name="By hand", given_id="LOC-9", timezone="UTC")
    await insert_row(*here, "products", name="By hand", price_cents=1, currency="USD")
    await full.execute("UPDATE organizations SET name = 'Renamed: yes' WHERE name LIKE 'Moss%'")
    exported = await export(*here)
    assert exported.left_out == []
    assert await apply_text(services, tmp_path, exported.text, exported_secrets(full)) == []
    said = yaml.safe_load(exported.text)
    assert said["organization"]["name"] == "Renamed: yes"
    assert [one["name"] for one in said["locations"]][-2:] == ["By hand", "Gone"]


async def test_what_a_file_cannot_say_is_left_out_with_what_names_it_and_told(services, full, tmp_path):
    here = (services, await full.organization_id())
    twin = await insert_row(*here, "products", name="Tablets", price_cents=1, currency="USD")
    await full.execute(
        f"INSERT INTO bundle_products (organization_id, bundle_id, product_id) SELECT organization_id, id, '{twin}' FROM bundles WHERE name = 'Plan'"
    )
    exported = await export(*here)
    assert [(one.section, one.name) for one in exported.left_out] == [
        ("products", "Tablets"), ("bundles", "Plan"), ("branding", full.tenant[:60]), ("promoCodes", "TEN"),
    ]  # fmt: skip
    assert "#   products: Tablets: Tablets stands in the file before" in exported.text
    assert await apply_text(services, tmp_path, exported.text, exported_secrets(full)) == []


async def test_a_product_stays_in_it_without_the_taxes_that_a_file_cannot_say(services, full, tmp_path):
    """Two of one name: archived, and made anew."""
    here = (services, await full.organization_id())
    await insert_row(*here, "taxes", name="State", percentage=1)
    exported = await export(*here)
    assert ("taxes", "State") in [(one.section, one.name) for one in exported.left_out]
    assert not {one.section for one in exported.left_out} & {"bundles", "promoCodes", "branding"}
    said = yaml.safe_load(exported.text)
    assert {one["name"] for one in said["products"]} == {one["name"] for one in full.content["products"]}
    assert await apply_text(services, tmp_path, exported.text, exported_secrets(full)) == []


def test_a_product_goes_for_what_is_wrong_with_all_of_it_however_that_is_told():
    raw = {"products": [{"name": "Tablets"}, {"name": "Drops"}]}
    (fault,) = views._faults([FieldProblem("products[0]", "exemptedTaxes is what this begins with")])
    left = views._take_out(raw, fault)
    assert (left.section, left.name, raw["products"]) == ("products", "Tablets", [{"name": "Drops"}])


async def test_mail_and_logos_are_at_its_end_in_one_order_whoever_wrote_them(services, full, tmp_path):
    actor = system_actor(await full.organization_id())
    await set_logo(services, actor, "pages", LogoIn(file=png(color=(1, 2, 3))), None)
    words = MailTemplateIn(subject="Bill of {clinic}", text="Here:\n\n{link}", html="<p>{link}</p>")
    await change_mail_template(services, actor, "INVOICE", "es", words, None)
    exported = await export(services, actor.organization_id)
    said = yaml.safe_load(exported.text)
    assert list(said)[-2:] == ["mailTemplates", "logos"]
    assert [(one["kind"], one["language"]) for one in said["mailTemplates"]] == [
        ("QUOTE", "en"), ("INVOICE", "es"), ("RECEIPT", "es"),
    ]  # fmt: skip
    assert "    text: |-\n      Here:\n\n      {link}\n    html" in exported.text
    assert read_picture(said["logos"]["pages"]) == png(color=(1, 2, 3))
    assert exported.left_out == []
    assert await apply_text(services, tmp_path, exported.text, exported_secrets(full)) == []


async def test_terms_that_need_an_account_are_left_out_where_none_is_active(services, full, tmp_path):
    await full.execute("UPDATE gateway_accounts SET is_active = false")
    exported = await export(services, await full.organization_id(), with_secrets=False)
    assert [one.section for one in exported.left_out] == ["payments"]
    assert "payments" not in yaml.safe_load(exported.text)
    assert await apply_text(services, tmp_path, exported.text) == []


async def test_what_was_changed_since_is_told_by_record_and_field(services, full):
    actor = system_actor(await full.organization_id())
    assert (await list_changed_elsewhere(services, actor)).records == []
    for statement in (
        "UPDATE organizations SET name = 'X', payment_policy = 'unverified'",
        "UPDATE products SET price_cents = 1 WHERE name = 'Tablets'",
        "UPDATE staff SET role = 'SUPPORT', password_hash = 'x' WHERE first_name = 'Ada'",
        "UPDATE credentials SET revoked_at = now() WHERE kind = 'key'",
        "UPDATE credentials SET secret_digest = 'x' WHERE kind = 'client'",
        "UPDATE gateway_accounts SET is_active = false WHERE is_test",
        "UPDATE webhook_endpoints SET disabled_at = NULL WHERE name = 'Off'",
        "DELETE FROM tax_locations",
        "DELETE FROM promo_code_bundles",
        "UPDATE mail_templates SET subject = NULL, text = NULL, html = NULL WHERE kind = 'QUOTE'",
        "DELETE FROM logos WHERE used_on = 'receipts'",
    ):
        await full.execute(statement)
    found = (await list_changed_elsewhere(services, actor)).records
    assert [(one.what, one.name, one.is_gone, [each.field for each in one.fields]) for one in found] == [
        ("client", "Desk", False, ["secret"]),
        ("gateway", "stripe test", False, ["isActive"]),
        ("key", "Desk", False, ["revoked"]),
        ("logos", "X", False, ["receipts"]),
        ("mail template", "QUOTE en", False, ["html", "text", "subject"]),
        ("organization", "Moss & Fern: care", False, ["name"]),
        ("payments", "X", False, ["policy"]),
        ("product", "Tablets", False, ["price"]),
        ("promo code", "TEN", False, ["bundles"]),
        ("staff", "A@moss.example", False, ["role"]),
        ("tax", "State", False, ["locations"]),
        ("webhook", "Off", False, ["enabled"]),
    ]
    fields = {one.what: one.fields for one in found}
    assert (fields["client"][0].applied, fields["client"][0].stands) == ("***", "***")
    assert (fields["product"][0].applied, fields["product"][0].stands) == ('"24.00"', '"0.01"')


async def test_hostile_texts_survive(services, file, tmp_path):
    texts = [text for text in HOSTILE if text.strip()]
    file.content |= {
        "products": [{"name": f"P{number} {text}"[:200], "price": "1", "description": text} for number, text in enumerate(texts)],
        "forms": [{"name": "F", "questions": [{"text": text, "type": "SINGLESELECT", "options": [text[:500]],
                                               "optionFlags": {text[:500]: text[:300]}} for text in texts]}],
    }  # fmt: skip
    await file.apply()
    exported = await export(services, await file.organization_id())
    assert exported.left_out == []
    assert await apply_text(services, tmp_path, exported.text) == []
    rows = await file.fetch("SELECT description FROM products ORDER BY created_at, name")
    assert sorted(text for (text,) in rows) == sorted(texts)


async def test_the_demo_clinics_survive(fresh, tmp_path):
    for path in (DEMO_FILE, PAYING_FILE):
        for part in yaml.safe_load(path.read_text()).get("organizations", []):
            exported = await export(fresh, UUID(part["organization"]["id"]), with_secrets=False)
            check_raw(yaml.safe_load(exported.text), {})
            assert await apply_text(fresh, tmp_path, exported.text) == []


def test_a_file_that_is_sent_names_none_of_our_variables():
    sent = b'organization: {tenant: abc, name: A, casePrefix: ABC}\nkeys: [{name: K, scopes: [], secret: "${HOME}"}]\n'
    (file,) = read_sent(sent)
    assert file.keys[0].secret is None
    assert SIMULATOR_SECRET not in str(file)


async def test_it_waits_for_no_record_and_says_what_was_committed(services, full):
    actor = system_actor(await full.organization_id())
    before = await export(services, actor.organization_id)
    tables = ("organizations", "products", "forms", "bundles", "locations", "taxes", "pharmacies", "drugs")
    async with services.db.transaction(actor) as conn:
        for table in tables:
            await conn.execute(f"UPDATE {table} SET name = name || ', unsaid'")
        await conn.execute("UPDATE promo_codes SET code = code || '-UNSAID'")
        async with asyncio.timeout(10):
            assert (await export(services, actor.organization_id)).text == before.text
            assert (await list_changed_elsewhere(services, actor)).records == []


async def test_it_is_of_one_moment(services, full, monkeypatch):
    actor = system_actor(await full.organization_id())
    before = await export(services, actor.organization_id)

    async def changed_meanwhile(conn, organization_id):
        await full.execute("UPDATE products SET name = name || ', renamed'")
        await insert_row(
            services, organization_id, "locations", name="Made meanwhile", given_id="LOC-8", timezone="UTC"
        )
        return await get_record_ids(conn, organization_id)

    monkeypatch.setattr(access, "get_record_ids", changed_meanwhile)
    assert (await export(services, actor.organization_id)).text == before.text
    monkeypatch.undo()
    assert (await export(services, actor.organization_id)).text != before.text
