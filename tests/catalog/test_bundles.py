"""Listing bundles and reading one (seed 003)."""

from uuid import UUID, uuid4

import pytest

from carelane.kit.auth import system_actor
from carelane.organizations.actions import create_credential

INVALID = {"status": 400, "success": False, "message": "Invalid request parameters"}


def names(response):
    assert response.status_code == 200, response.text
    return [bundle["name"] for bundle in response.json()["data"]]


async def test_all_bundles_are_listed(get):
    assert sorted(names(await get())) == ["Bare", "Hidden", "Last", "Whole"]


async def test_the_list_keeps_its_order(get):
    assert names(await get()) == names(await get())


@pytest.mark.parametrize(("is_visible", "found"), [("true", ["Bare", "Last", "Whole"]), ("false", ["Hidden"])])
async def test_is_visible_chooses(get, is_visible, found):
    assert sorted(names(await get(isVisible=is_visible))) == found


@pytest.mark.parametrize("name", ["isVisible"])
@pytest.mark.parametrize("text", ["yes", "", "TRUE", "1", "null", " true"])
async def test_another_word_for_is_visible_is_400(get, name, text):
    response = await get(**{name: text})
    assert response.status_code == 400
    assert response.json().items() >= INVALID.items()
    assert response.json()["error"] == "isVisible: expected `true` or `false`"


async def test_every_field_of_a_bundle(get):
    shown = {bundle["name"]: bundle for bundle in (await get()).json()["data"]}
    whole = shown["Whole"]
    assert whole == {
        "id": whole["id"],
        "name": "Whole",
        "imageUrl": "https://images.example.com/whole.png",
        "description": "Everything",
        "price": "1234.50",
        "priceUnit": "EUR",
        "initialDiscount": "10.00",
        "isSoldOut": True,
        "isVisible": True,
    }
    assert {name: shown["Bare"][name] for name in ("imageUrl", "description", "price", "priceUnit", "isSoldOut")} == {
        "imageUrl": None, "description": None, "price": "0.00", "priceUnit": "USD", "isSoldOut": False,
    }  # fmt: skip
    assert (shown["Hidden"]["price"], shown["Hidden"]["isVisible"]) == ("0.07", False)


async def test_one_bundle_is_shown_as_in_the_list(get):
    listed = (await get()).json()["data"]
    for bundle in listed:
        response = await get(f"/{bundle['id']}")
        assert response.json() == {
            "status": 200, "success": True, "message": "Bundle return successfully", "data": {"bundle": bundle},
        }  # fmt: skip


@pytest.mark.parametrize(
    "bundle_id",
    ["01a20000-0000-7000-8000-00000000dead", "nonsense", "00000000-0000-0000-0000-000000000000", "%00", "a" * 500],
)
async def test_an_unknown_or_malformed_id_is_400(get, bundle_id):
    response = await get(f"/{bundle_id}")
    assert response.status_code == 400
    shown = "\0" if bundle_id == "%00" else bundle_id
    assert list(response.json().items())[:3] == [
        ("status", 400), ("success", False), ("error", f"Bundle with ID {shown} not found"),
    ]  # fmt: skip
    assert "message" not in response.json()


async def test_another_clinics_bundle_is_as_unknown_as_any(get, clinic):
    response = await get(f"/{clinic.bundle_id}")
    assert response.status_code == 400
    assert response.json()["error"] == f"Bundle with ID {clinic.bundle_id} not found"


@pytest.mark.parametrize("path", ["", "/3b67583d-e17b-44de-8811-bdf520b99425"])
async def test_a_missing_key_is_400(get, path):
    response = await get(path, headers={})
    assert response.status_code == 400
    assert response.json().items() >= (INVALID | {"error": "cv-api-key is required"}).items()


@pytest.mark.parametrize("path", ["", "/3b67583d-e17b-44de-8811-bdf520b99425"])
@pytest.mark.parametrize("key", ["cvk_wrong", "x" * 5_000])
async def test_a_wrong_key_is_400(get, path, key):
    response = await get(path, headers={"cv-api-key": key})
    assert response.status_code == 400
    assert response.json().items() >= INVALID.items()


async def test_a_bearer_token_is_no_key(get):
    assert (await get(headers={"authorization": "Bearer x.y.z"})).status_code == 400


@pytest.mark.parametrize("path", ["", "/3b67583d-e17b-44de-8811-bdf520b99425"])
async def test_a_key_without_the_scope_is_403(get, services, clinic, path):
    organization_id = UUID(clinic.organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        _, secret = await create_credential(
            conn, system_actor(organization_id), "key", f"Writer {uuid4()}", ["cases:write"]
        )
    response = await get(path, headers={"cv-api-key": secret})
    assert response.status_code == 403
    assert response.json()["success"] is False


async def test_the_catalog_scope_is_enough(get, shop):
    assert len(names(await get(headers=shop.catalog_only))) == 4
