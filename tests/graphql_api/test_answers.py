"""Answers that are the same for everybody are kept, and are never old."""

import asyncio

import pytest

from tests.catalog.conftest import BUNDLES
from tests.detail.test_round_trips import tapped_client
from tests.graphql_api.asking import EVERYTHING, PATH, TESTIMONIALS, ask, code_of, data_of
from tests.graphql_api.conftest import branding
from tests.organizations.conftest import OwnFile
from tests.safety.test_cross_origin import page  # noqa: F401 - a fixture

INFO = "organizationPartnerIntegrationPublicInfo"


@pytest.fixture
async def file(services, tmp_path):
    own = OwnFile(services, tmp_path / "own.yaml")
    own.content |= {
        "products": [{"name": "Tablets", "price": "7.00"}],
        "forms": [{"name": "Intake", "questions": [{"text": "Well?", "type": "TEXT"}]}],
        "bundles": [{"name": "Plan", "price": "10.00", "products": ["Tablets"], "intakeForm": "Intake"}],
        "branding": branding(form="Intake", defaultBundle="Plan"),
    }
    await own.apply()
    return own


def link_name(file) -> str:
    return file.content["branding"]["linkName"]


async def shown(client, file):
    return (await data_of(client, EVERYTHING, linkName=link_name(file)))[INFO]


async def test_a_change_is_seen_in_the_next_answer(client, file):
    """Each of several times, so that the answer before was kept."""
    assert (await shown(client, file))["tagline"] == "Care at home"
    for number in range(3):
        file.content["branding"]["tagline"] = f"Now {number}"
        await file.apply()
        assert (await shown(client, file))["tagline"] == f"Now {number}"
        assert (await shown(client, file))["tagline"] == f"Now {number}"


@pytest.mark.parametrize(
    ("section", "values", "find"),
    [
        ("bundles", {"price": "11.00"}, lambda info: info["productBundles"][0]["price"] == 11),
        ("bundles", {"isVisible": False}, lambda info: info["productBundles"] == []),
        ("bundles", {"tag": "New"}, lambda info: info["productBundles"][0]["tag"] == "New"),
        ("products", {"imageUrl": "https://x.example/y"}, lambda info: info["productBundles"][0]["products"][0]["imageUrl"]),
        ("forms", {"description": "New"}, lambda info: info["form"]["description"] == "New"),
        ("forms", {"showStepsIndividually": True}, lambda info: info["form"]["showStepsIndividually"]),
        ("forms", {"questions": [{"text": "Ill?", "type": "TEXT"}]}, lambda info: info["form"]["questions"][0]["text"] == "Ill?"),
    ],
)  # fmt: skip
async def test_whatever_changes_is_seen(client, file, section, values, find):
    assert not find(await shown(client, file))
    file.content[section][0] |= values
    await file.apply()
    assert find(await shown(client, file))


async def test_the_organizations_own_name_is_seen(client, file):
    await shown(client, file)
    file.content["organization"]["name"] = "Fern"
    await file.apply()
    assert (await shown(client, file))["organizationName"] == "Fern"


async def test_a_name_that_was_given_up_is_nobodys(client, file):
    before = link_name(file)
    await shown(client, file)
    file.content["branding"]["linkName"] = before + "-2"
    await file.apply()
    assert await code_of(client, EVERYTHING, linkName=before) == "NOT_FOUND"
    assert (await shown(client, file))["linkName"] == before + "-2"


async def test_a_name_that_is_new_is_found_at_once(client, file):
    wanted = link_name(file) + "-3"
    assert await code_of(client, TESTIMONIALS, linkName=wanted) == "NOT_FOUND"
    file.content["branding"]["linkName"] = wanted
    await file.apply()
    assert await data_of(client, TESTIMONIALS, linkName=wanted)


async def test_variables_are_part_of_the_question(client, file, link_name):
    own = file.content["branding"]["linkName"]
    for _ in range(2):
        for name in (own, link_name):
            assert (await data_of(client, EVERYTHING, linkName=name))[INFO]["linkName"] == name


async def test_an_answer_that_is_kept_costs_one_look(services, tmp_path, file):
    """Round trips: one made anew, and then the same again."""
    async with tapped_client(services, tmp_path) as (client, tap):

        async def trips(query):
            before = tap.round_trips
            answer = await client.post(PATH, json={"query": query, "variables": {"linkName": link_name(file)}})
            assert answer.json()["data"][INFO]["tagline"]
            return tap.round_trips - before

        await trips(EVERYTHING)
        anew = await trips(f"{EVERYTHING} ")
        again = [await trips(f"{EVERYTHING} ") for _ in range(3)]
    assert anew == 8
    assert again == [2, 2, 2]


async def test_what_needs_a_credential_is_never_kept(client, file, other_clinic):
    """The same question, asked with and without one."""
    query = f'{{ organizationBrandInfo(linkName: "{link_name(file)}") {{ name }} allOrganizations {{ id }} }}'
    for _ in range(2):
        own = await data_of(client, query, other_clinic.key)
        assert own["allOrganizations"] == [{"id": other_clinic.organization_id}]
        body = await ask(client, query)
        assert body["data"]["allOrganizations"] is None
        assert body["errors"][0]["extensions"]["code"] == "UNAUTHORIZED"


async def test_many_at_once_are_told_the_same(client, file):
    answers = await asyncio.gather(*(shown(client, file) for _ in range(40)))
    assert all(answer == answers[0] for answer in answers)
    assert len(answers[0]["productBundles"]) == 1 < len(BUNDLES)


async def test_pages_of_the_organizations_own_origins_may_read_it(page, services, tmp_path):  # noqa: F811
    """Those that the organization file lists, and no other organization's; kept or made anew."""
    clinics = {}
    for name in ("moss", "fern"):
        own = OwnFile(services, tmp_path / f"{name}.yaml")
        origin = f"https://{own.tenant}.example"
        own.content["organization"]["storefrontOrigins"] = [origin]
        own.content["branding"] = {"linkName": own.tenant}
        await own.apply()
        clinics[name] = (own.tenant, origin)
    (moss, moss_origin), (_, fern_origin) = clinics.values()
    body = {"query": EVERYTHING, "variables": {"linkName": moss}}
    for _ in range(2):
        for origin, allowed in ((moss_origin, moss_origin), (fern_origin, None), ("https://nobody.example", None)):
            answer = await page.post(PATH, json=body, headers={"origin": origin})
            assert answer.json()["data"][INFO]["linkName"] == moss
            assert answer.headers.get("access-control-allow-origin") == allowed


async def test_promo_codes_are_shown_while_they_are_visible_and_good(client, file):
    seen = {"discountPercentage": "10", "isVisible": True}
    file.content["promoCodes"] = [
        seen | {"code": "SUMMER", "label": "Summer", "description": "Ten percent"},
        seen | {"code": "OVER", "endsAt": "2020-01-01T00:00:00Z"},
        {"code": "SECRET", "discountPercentage": "50"},
    ]
    assert (await shown(client, file))["visiblePromoCodes"] == []
    await file.apply()
    [code] = (await shown(client, file))["visiblePromoCodes"]
    assert (code["name"], code["label"], code["description"]) == ("SUMMER", "Summer", "Ten percent")
    file.content["promoCodes"][0]["isActive"] = False
    await file.apply()
    assert (await shown(client, file))["visiblePromoCodes"] == []
