"""GET /admin/providers."""

from uuid import UUID, uuid4

import pytest

from carelane.kit.ids import record_id
from tests.factories.staff import hire
from tests.own_clinic import make_clinic

LIST = "/admin/providers/list"


@pytest.fixture(scope="module")
async def house(services, tmp_path_factory):
    return await make_clinic(services, tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
async def people(services, house):
    """Two who work there, and one who does no more."""
    here = (services, UUID(house.organization_id))
    usual = {"npi": "1234567893", "title": "Dr.", "title_suffix": "MD", "dea": "AB1234563"}
    return [
        await hire(*here, "Zoe", "Adler", email="zoe@staff.example", phone_number="+12125550100", **usual),
        await hire(*here, "Bo", "Young", given_id="prov_bo"),
        await hire(*here, "Old", "Hand", deactivated_at="2026-01-01T00:00:00Z"),
    ]


async def test_those_who_work_there_are_listed_by_last_name(client, house, people):
    response = await client.get(LIST, headers=house.billing)
    assert response.status_code == 200
    assert [(one["lastName"], one["isArchived"]) for one in response.json()] == [
        ("Adler", False), ("Berg", False), ("Young", False),
    ]  # fmt: skip
    assert [one["id"] for one in response.json()][2] == "prov_bo"


async def test_the_other_parameters_change_nothing(client, house, people):
    for params in ({"include_decoda": "false"}, {"location_id": str(uuid4())}, {"include_decoda": "true"}):
        shown = await client.get(LIST, params=params, headers=house.billing)
        assert len(shown.json()) == 3
    wrong = await client.get(LIST, params={"include_decoda": "perhaps"}, headers=house.billing)
    assert wrong.status_code == 422
    assert wrong.json()["detail"][0]["loc"] == ["query", "include_decoda"]


async def test_a_provider_is_shown_with_what_is_known(client, house, people):
    shown = (await client.get(f"/admin/providers/{people[0]}", headers=house.billing)).json()
    known = {
        "id": str(people[0]), "firstName": "Zoe", "lastName": "Adler", "email": "zoe@staff.example",
        "createdDate": shown["createdDate"], "type": "PROVIDER", "phoneNumber": "+12125550100", "title": "Dr.",
        "titleSuffix": "MD", "npi": "1234567893", "isArchived": False, "nationalProviderIdentifier": "1234567893",
    }  # fmt: skip
    assert shown["roles"]
    # What else the vendor lists is not known here.
    assert {name: value for name, value in shown.items() if name in known} == known


async def test_who_works_there_no_more_can_still_be_asked_about(client, house, people):
    shown = (await client.get(f"/admin/providers/{people[2]}", headers=house.billing)).json()
    assert (shown["lastName"], shown["isArchived"]) == ("Hand", True)


async def test_a_chosen_name_finds_the_provider(client, house, services):
    given = f"prov {uuid4().hex}"
    here = (services, UUID(house.organization_id))
    await hire(*here, "By", "Name", id=record_id(here[1], given), given_id=given, deactivated_at="2026-01-01")
    assert (await client.get(f"/admin/providers/{given}", headers=house.billing)).json()["id"] == given


async def test_unknown_and_another_clinics_are_not_there(client, house, other_clinic, people):
    nobody = str(uuid4())
    unknown = await client.get(f"/admin/providers/{nobody}", headers=house.billing)
    theirs = await client.get(f"/admin/providers/{people[0]}", headers=other_clinic.billing)
    assert (unknown.status_code, theirs.status_code) == (404, 404)
    assert unknown.json() == {"detail": f"no provider {nobody} here"}
    assert theirs.json() == {"detail": f"no provider {people[0]} here"}
    listed = (await client.get(LIST, headers=other_clinic.billing)).json()
    assert str(people[0]) not in {one["id"] for one in listed}


@pytest.mark.parametrize("path", [LIST, "/admin/providers/some"])
async def test_without_a_good_credential_is_401(client, house, other_clinic, path):
    for headers in (
        {},
        {"API-KEY": "cvk_wrong", "TENANT": house.tenant},
        {"API-KEY": house.api_key, "TENANT": other_clinic.tenant},
    ):
        assert (await client.get(path, headers=headers)).status_code == 401
