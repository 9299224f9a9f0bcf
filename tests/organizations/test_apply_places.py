"""`locations` and `taxes` of an organization file, and what a member is called by the billing dialect."""

from decimal import Decimal

import pytest

from carelane.apply.errors import InvalidFileError
from carelane.kit.ids import record_id

TAXES = """
SELECT t.name, t.percentage, t.scope, t.category_names, t.archived_at IS NOT NULL,
  ARRAY(SELECT l.name FROM tax_locations a JOIN locations l ON l.id = a.location_id WHERE a.tax_id = t.id ORDER BY 1)
FROM taxes t ORDER BY t.name
"""


@pytest.fixture
def places(file):
    file.content |= {
        "locations": [
            {"name": "Main Street", "city": "Reno", "state": "NV", "postalCode": 89501, "timezone": "America/Los_Angeles"},
            {"name": "Online", "isVirtual": True},
        ],
        "taxes": [
            {"name": "State", "percentage": "8.265"},
            {"name": "Street", "percentage": 1, "scope": "SPECIFIC_CATEGORIES", "categories": ["Skin"], "locations": ["Main Street"]},
        ],
    }  # fmt: skip
    return file


async def test_first_creates_then_changes_nothing(places):
    first = await places.apply()
    assert [(change.action, change.what, change.name) for change in first[1:]] == [
        ("create", "location", "Main Street"),
        ("create", "location", "Online"),
        ("create", "tax", "State"),
        ("create", "tax", "Street"),
    ]
    assert await places.done() == []
    assert await places.fetch("SELECT name, is_virtual, postal_code, timezone FROM locations ORDER BY name") == [
        ("Main Street", False, "89501", "America/Los_Angeles"),
        ("Online", True, None, "UTC"),
    ]
    assert await places.fetch(TAXES) == [
        ("State", Decimal("8.265"), "ALL", [], False, []),
        ("Street", Decimal(1), "SPECIFIC_CATEGORIES", ["Skin"], False, ["Main Street"]),
    ]


async def test_changed_parts_are_updated_and_nothing_else(places):
    await places.apply()
    places.content["locations"][1]["timezone"] = "America/Denver"
    places.content["taxes"][0] |= {"percentage": "8.5", "locations": ["Online", "Main Street"]}
    places.content["taxes"][1]["isActive"] = False
    assert await places.done() == [
        ("update", "location", "Online"),
        ("update", "tax", "State"),
        ("update", "tax", "Street"),
    ]
    assert await places.fetch(TAXES) == [
        ("State", Decimal("8.5"), "ALL", [], False, ["Main Street", "Online"]),
        ("Street", Decimal(1), "SPECIFIC_CATEGORIES", ["Skin"], True, ["Main Street"]),
    ]


async def test_what_is_left_out_stays(places):
    await places.apply()
    del places.content["locations"], places.content["taxes"]
    assert await places.done() == []
    assert len(await places.fetch(TAXES)) == 2


async def test_every_fault_is_named(places):
    places.content["organization"]["currency"] = "XXQ"
    places.content["locations"] += [{"name": "Online"}, {"name": "Moon", "timezone": "Moon/Crater"}]
    places.content["taxes"] = [
        {"name": "Much", "percentage": "100.1"},
        {"name": "Odd", "percentage": "eight"},
        {"name": "Fine", "percentage": "1.1234567"},
        {"name": "Which", "percentage": 1, "scope": "SPECIFIC_CATEGORIES"},
        {"name": "Whose", "percentage": 1, "categories": ["Skin"], "locations": ["Mars"]},
    ]
    with pytest.raises(InvalidFileError) as raised:
        await places.apply()
    assert [problem.field for problem in raised.value.problems] == [
        "locations[2]", "organization.currency", "locations[3].timezone", "taxes[0].percentage", "taxes[1].percentage",
        "taxes[2].percentage", "taxes[3].categories", "taxes[4].categories", "taxes[4].locations[0]",
    ]  # fmt: skip


async def test_a_member_can_have_a_name_of_its_own(file):
    file.content["staff"] = [
        {"email": "a@moss.example", "firstName": "A", "lastName": "B", "role": "CASEWORKER", "givenId": "prov_1"}
    ]
    await file.apply()
    organization_id = await file.organization_id()
    assert await file.fetch("SELECT id, given_id FROM staff") == [(record_id(organization_id, "prov_1"), "prov_1")]
    assert await file.done() == []
    del file.content["staff"][0]["givenId"]
    assert await file.done() == []


async def test_a_member_has_an_id_or_a_name(file):
    id_ = "0a9f1c52-6f6b-4a53-9c6e-3a4f8f2d7e10"
    named = {"email": "a@moss.example", "firstName": "A", "lastName": "B", "role": "ADMIN", "givenId": "x", "id": id_}
    file.content["staff"] = [named]
    with pytest.raises(InvalidFileError) as raised:
        await file.apply()
    assert [problem.field for problem in raised.value.problems] == ["staff[0].givenId"]
