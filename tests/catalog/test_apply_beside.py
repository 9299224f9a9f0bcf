"""`carelane apply` beside the billing dialect: it keeps what billing adds, and overwrites what billing changed when told to."""

import asyncio
from uuid import UUID

import psycopg
import pytest
import yaml

from carelane.apply.actions import apply_file
from tests.door import Door
from tests.factories.rows import insert_link, insert_row
from tests.own_clinic import make_clinic

ITEMS = "/inventory/items"
PACKAGES = "/inventory/packages"


def rewrite(path, parts):
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | parts))


@pytest.fixture
async def shop(services, tmp_path):
    """A clinic, and how its file is applied once more, with parts of it replaced."""
    clinic = await make_clinic(services, tmp_path)
    path = tmp_path / f"{clinic.tenant}.yaml"

    async def apply(overwrite=False, **parts):
        rewrite(path, parts)
        changes = await apply_file(services, path, False, {}, overwrite=overwrite)
        return {(change.what, change.name): change.action for change in changes}

    return clinic, apply


async def test_what_billing_adds_to_items_and_packages_stays(client, services, shop):
    clinic, apply = shop
    tax = await insert_row(services, UUID(clinic.organization_id), "taxes", name="VAT", percentage=8)
    patch = {"brandName": "Vale", "unit": "TABLETS", "cost": 7, "exemptedTaxIds": [str(tax)], "externalId": "x"}
    item = (await client.put(f"{ITEMS}/update/{clinic.item_id}", json=patch, headers=clinic.billing)).json()
    body = {"name": "Plan", "price": 9999, "category": "Sets", "items": [{"itemId": clinic.item_id, "quantity": 2}]}
    package = (await client.put(f"{PACKAGES}/update/{clinic.package_id}", json=body, headers=clinic.billing)).json()
    products = [{"id": clinic.item_id, "name": "Tablets", "price": "160.00"}]
    assert (await apply(products=products))["product", "Tablets"] == "update"
    [shown] = (await client.get(f"{ITEMS}/list", params={"ids": clinic.item_id}, headers=clinic.billing)).json()["data"]
    assert shown == item | {"price": 16000, "usageCount": 0}
    again = (await client.get(f"{PACKAGES}/{clinic.package_id}", headers=clinic.billing)).json()
    assert (again["category"], again["items"][0]["quantity"]) == ("Sets", 2)
    assert again["items"][0]["id"] == package["items"][0]["id"]


async def test_what_the_file_names_comes_back_when_it_is_told_to(client, shop):
    clinic, apply = shop
    assert set((await apply()).values()) == {"unchanged"}
    for path in (f"{ITEMS}/delete/{clinic.item_id}", f"{PACKAGES}/delete/{clinic.package_id}"):
        assert (await client.delete(path, headers=clinic.billing)).json() is True
    assert set((await apply()).values()) == {"unchanged"}
    assert (await client.get(f"{PACKAGES}/{clinic.package_id}", headers=clinic.billing)).status_code == 404
    changes = await apply(overwrite=True)
    assert (changes["product", "Tablets"], changes["bundle", "Plan"]) == ("update", "update")
    assert (await client.get(f"{PACKAGES}/{clinic.package_id}", headers=clinic.billing)).status_code == 200
    assert set((await apply()).values()) == {"unchanged"}


async def test_what_the_file_does_not_name_stays_archived(client, shop):
    clinic, apply = shop
    await client.delete(f"{PACKAGES}/delete/{clinic.package_id}", headers=clinic.billing)
    await apply(bundles=[])
    assert (await client.get(f"{PACKAGES}/{clinic.package_id}", headers=clinic.billing)).status_code == 404


async def test_an_item_of_the_same_name_is_not_taken_for_the_files(client, services, shop):
    clinic, apply = shop
    named = [{"name": "Drops", "price": "5.00"}]
    await apply(products=named, bundles=[])
    for _ in range(3):
        body = {"name": "Drops", "price": 900}
        await client.post(f"{ITEMS}/create", json=body, headers=clinic.billing)
    assert (await apply(products=named, bundles=[]))["product", "Drops"] == "unchanged"
    listed = (await client.get(f"{ITEMS}/list", params={"name": "Drops"}, headers=clinic.billing)).json()
    assert sorted(item["price"] for item in listed["data"]) == [500, 900, 900, 900]


async def test_a_package_may_hold_more_than_the_file_says_until_it_is_overwritten(client, services, shop):
    clinic, apply = shop
    extra = await insert_row(
        services, UUID(clinic.organization_id), "products", name="Extra", price_cents=1, currency="USD"
    )
    await insert_link(
        services, UUID(clinic.organization_id), "bundle_products", bundle_id=clinic.package_id, product_id=extra
    )
    assert (await apply())["bundle", "Plan"] == "unchanged"
    shown = (await client.get(f"{PACKAGES}/{clinic.package_id}", headers=clinic.billing)).json()
    assert {one["itemId"] for one in shown["items"]} == {clinic.item_id, str(extra)}
    assert (await apply(overwrite=True))["bundle", "Plan"] == "update"
    shown = (await client.get(f"{PACKAGES}/{clinic.package_id}", headers=clinic.billing)).json()
    assert [one["itemId"] for one in shown["items"]] == [clinic.item_id]


async def test_what_a_package_gets_while_apply_waits_for_it_stays(client, services, shop, owner_url):
    clinic, apply = shop
    organization_id = UUID(clinic.organization_id)
    extra = await insert_row(services, organization_id, "products", name="Extra", price_cents=1, currency="USD")
    plan = {"name": "Plan", "price": "161.00", "products": ["Tablets"]}
    with psycopg.connect(owner_url) as holder, psycopg.connect(owner_url, autocommit=True) as looker:
        holder.execute("SELECT FROM bundles WHERE id = %s FOR NO KEY UPDATE", (clinic.package_id,))
        applying = asyncio.create_task(apply(bundles=[plan]))
        await Door(holder, looker).until(1)
        adding = "INSERT INTO bundle_products (organization_id, bundle_id, product_id) VALUES (%s, %s, %s)"
        holder.execute(adding, (organization_id, clinic.package_id, extra))
        holder.commit()
        assert (await applying)["bundle", "Plan"] == "update"
    shown = (await client.get(f"{PACKAGES}/{clinic.package_id}", headers=clinic.billing)).json()
    assert shown["price"] == 16100
    assert {one["itemId"] for one in shown["items"]} == {clinic.item_id, str(extra)}
