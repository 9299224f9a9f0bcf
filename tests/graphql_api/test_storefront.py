"""What a storefront shows: the queries of published storefronts, without a credential."""

import json
from uuid import UUID

import pytest

from tests.catalog.conftest import DOCUMENT, QUESTIONS
from tests.graphql_api.asking import BRAND, EVERYTHING, PATH, TESTIMONIALS, ask, code_of, data_of
from tests.graphql_api.conftest import FAQ, PRODUCT_ID
from tests.own_clinic import make_clinic

INFO = "organizationPartnerIntegrationPublicInfo"


@pytest.fixture
async def info(client, link_name):
    return (await data_of(client, EVERYTHING, linkName=link_name))[INFO]


async def test_the_branding_is_shown_field_by_field(info, shop, link_name):
    clinic, _ = shop
    assert info["organizationId"] == clinic.organization_id
    assert info["organizationName"] == "Own Clinic"
    assert info["linkName"] == link_name
    assert info["tagline"] == "Care at home"
    assert info["homeLink"] == "https://shop.example"
    assert info["colorPrimary"] == "#0b5d6b"
    assert info["selfSignUpProfileFields"] == ["firstName", "dob"]
    assert (info["paymentProvider"], info["nmiCollectJsPublicKey"]) == ("NMI", "key-4711")
    assert (info["showGDPRLogo"], info["isPartner"], info["loginCustomizeEnabled"]) == (True, True, False)
    assert info["videoLink"] is None
    assert UUID(info["id"])


async def test_amounts_are_numbers(client, link_name, info):
    assert info["monthlyCost"] == 49.9
    prices = [(bundle["price"], bundle["priceUnit"], bundle["initialDiscount"]) for bundle in info["productBundles"]]
    assert prices == [(1234.5, "EUR", 10), (0, "USD", 0), (99.99, "USD", 0)]
    answer = await client.post(PATH, json={"query": EVERYTHING, "variables": {"linkName": link_name}})
    assert '"price":99.99,' in answer.text


async def test_only_visible_bundles_are_shown(info):
    assert [bundle["name"] for bundle in info["productBundles"]] == ["Whole", "Bare", "Last"]


async def test_a_bundle_has_everything_a_storefront_selects(info, sold_out):
    whole, bare, _ = info["productBundles"]
    assert sold_out.items() <= whole.items()
    assert whole["isSoldOut"] is True
    [product] = whole["products"]
    assert (product["name"], product["imageUrl"]) == ("Tablets", "https://images.example.com/tablets.png")
    assert product["categories"] == []
    [form] = whole["formVersion"]["forms"]
    assert (form["name"], form["isActive"], form["showStepsIndividually"]) == ("Intake", True, True)
    assert [question["text"] for question in form["questions"]] == [question["text"] for question in QUESTIONS]
    assert UUID(form["versionId"])
    assert (bare["formVersion"], bare["products"], bare["tag"]) == (None, [], None)
    assert info["defaultProductBundle"] == whole


async def test_a_category_is_told_by_its_name(client, shop, link_name):
    clinic, _ = shop
    query = f"query ($linkName: String) {{ {INFO}(linkName: $linkName) {{ productBundles {{ products {{ categories {{ id name }} }} }} }} }}"
    path = f"/inventory/items/update/{PRODUCT_ID}"
    changed = await client.put(path, json={"category": "Tablets"}, headers=clinic.billing)
    assert changed.status_code == 200, changed.text
    shown = (await data_of(client, query, linkName=link_name))[INFO]["productBundles"][0]["products"]
    [category] = shown[0]["categories"]
    assert category["name"] == "Tablets"
    assert UUID(category["id"])


async def test_the_form_is_the_one_that_branding_names(info, shop):
    clinic, _ = shop
    form = info["form"]
    assert (form["name"], form["isActive"], form["versionNumber"]) == ("Check-in", False, 1)
    assert form["organization"]["id"] == clinic.organization_id
    assert [question["text"] for question in form["questions"]] == ["Since then?"]


async def test_questions_are_as_rest_shows_them(client, shop, link_name):
    """With their conditions and documents."""
    clinic, _ = shop
    fields = (
        "hint id isPHI options placeholder required text type renderMode index condition { questionIndex response }"
    )
    query = f"""query ($linkName: String) {{ {INFO}(linkName: $linkName) {{ productBundles {{ id formVersion {{ forms {{
      questions {{ {fields} document {{ id fileName isGlobal }} }} }} }} }} }} }}"""
    whole = (await data_of(client, query, linkName=link_name))[INFO]["productBundles"][0]
    path = f"/api/v1/organization/bundles/{whole['id']}"
    rest = (await client.get(path, params={"includeIntakeForm": "true"}, headers=clinic.key)).json()
    wanted = [
        question | {"document": question.pop("organizationDocument")}
        for question in rest["data"]["intakeForm"]["questions"]
        # No known query asks whether its answer is carried.
        if question.pop("carry", True)
    ]
    assert whole["formVersion"]["forms"][0]["questions"] == wanted
    assert wanted[1]["condition"] == {"questionIndex": 0, "response": ["No", "Not quite"]}
    assert wanted[2]["document"] == DOCUMENT


async def test_questions_and_answers_come_in_the_order_of_the_file(info):
    shown = [{"question": entry["question"], "answer": entry["answer"]} for entry in info["faq"]]
    assert shown == FAQ
    assert [entry["index"] for entry in info["faq"]] == [0, 1]
    assert len({entry["id"] for entry in info["faq"]}) == 2


async def test_what_customers_said_is_shown_newest_first(client, link_name):
    said = (await data_of(client, TESTIMONIALS, linkName=link_name))["organizationPublicTestimonials"]
    assert [(one["customerName"], one["rating"], one["isVerified"], one["title"]) for one in said] == [
        ("Luis R.", 5, True, "Yes"),
        ("Dana M.", 4, False, None),
    ]
    assert said[0]["createdAt"] == "2026-02-28T00:00:00Z"


async def test_what_an_organization_is_called(client, shop, link_name):
    clinic, _ = shop
    brand = (await data_of(client, BRAND, organizationId=clinic.organization_id))["organizationBrandInfo"]
    assert (brand["id"], brand["name"], brand["isPartner"]) == (clinic.organization_id, "Own Clinic", True)
    assert brand["partnerIntegrationInfo"]["linkName"] == link_name
    by_name = f'{{ organizationBrandInfo(linkName: "{link_name}") {{ partnerIntegrationInfoId }} }}'
    named = (await data_of(client, by_name))["organizationBrandInfo"]
    assert named["partnerIntegrationInfoId"] == brand["partnerIntegrationInfoId"]


async def test_the_demo_prints_its_link_name(client, demo):
    for found in (demo, demo["other"]):
        info = (await data_of(client, EVERYTHING, linkName=found["linkName"]))[INFO]
        assert info["organizationId"] == found["organizationId"]


@pytest.mark.parametrize("spelled", [str.upper, str.title, lambda name: f" {name} "])
async def test_a_link_name_is_found_however_it_is_spelled(client, link_name, spelled):
    assert (await data_of(client, EVERYTHING, linkName=spelled(link_name)))[INFO]["linkName"] == link_name


@pytest.mark.parametrize("query", [EVERYTHING, TESTIMONIALS])
@pytest.mark.parametrize("named", ["nobody-here", "x" * 5_000, "\N{SNOWMAN}", "%", "_"])
async def test_an_unknown_name_is_not_found(client, query, named):
    assert await code_of(client, query, linkName=named) == "NOT_FOUND"


@pytest.mark.parametrize("query", [EVERYTHING, TESTIMONIALS])
async def test_a_name_that_is_missing_is_named(client, query):
    for variables in ({}, {"linkName": None}, {"linkName": ""}):
        body = await ask(client, query, **variables)
        assert body["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"
        assert "linkName is required" in body["errors"][0]["message"]


async def test_an_organization_without_branding_is_shown_to_nobody(client, services, tmp_path):
    clinic = await make_clinic(services, tmp_path)
    assert await code_of(client, EVERYTHING, linkName=clinic.tenant) == "NOT_FOUND"
    assert await code_of(client, BRAND, organizationId=clinic.organization_id) == "NOT_FOUND"
    assert await code_of(client, BRAND, organizationId="7") == "VALIDATION_ERROR"


async def test_a_part_that_fails_leaves_the_others(client, link_name):
    query = f'{{ good: organizationBrandInfo(linkName: "{link_name}") {{ name }} bad: organizationBrandInfo(linkName: "none") {{ name }} }}'
    body = await ask(client, query)
    assert body["data"] == {"good": {"name": "Own Clinic"}, "bad": None}
    [error] = body["errors"]
    assert error["path"] == ["bad"]
    assert json.dumps(error["locations"])
