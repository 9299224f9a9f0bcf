"""Every example of the bundles page (seed 003), word for word."""

import re
import shutil

import pytest

from tests.seeds.conftest import BUNDLE_ID, UNKNOWN_BUNDLE_ID
from tests.seeds.pages import curls, json_blocks, read_page
from tests.seeds.replay import begins_with, by_curl, by_httpx, load
from tests.seeds.shape import differences

PAGE = load("003_bundles")
LIST, BUNDLE, BUNDLE_WITH_FORMS = PAGE["commands"]
ERRORS = PAGE["errors"]
SENDERS = [
    pytest.param(by_curl, marks=pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")),
    by_httpx,
]
MONEY = re.compile(r"\d+\.\d\d")


def test_our_statement_of_the_examples_is_the_pages():
    text = read_page("003")
    assert curls(text) == PAGE["commands"]
    invalid, internal = ERRORS["400"], ERRORS["500"]
    assert json_blocks(text) == [
        PAGE["list"], invalid, internal, PAGE["bundle"], PAGE["bundleWithForms"], invalid, ERRORS["unknownBundle"], internal,
    ]  # fmt: skip


@pytest.mark.parametrize("send", SENDERS)
async def test_the_list_command(server, page_clinic, send):
    answer = await send(server.url, LIST, page_clinic.api_key)

    assert answer.status == 200
    assert list(answer.body) == list(PAGE["list"])
    assert {name: answer.body[name] for name in ("status", "success", "message")} == {
        name: PAGE["list"][name] for name in ("status", "success", "message")
    }
    assert len(answer.body["data"]) == 2
    for bundle in answer.body["data"]:
        assert list(bundle) == list(PAGE["list"]["data"][0])
        assert list(differences(bundle, PAGE["list"]["data"][0])) == []
        assert MONEY.fullmatch(bundle["price"])
        assert MONEY.fullmatch(bundle["initialDiscount"])
        assert bundle["isVisible"] is True


@pytest.mark.parametrize("send", SENDERS)
async def test_the_bundle_command(server, page_clinic, send):
    answer = await send(server.url, BUNDLE, page_clinic.api_key)
    assert answer.status == 200
    assert list(answer.body) == list(PAGE["bundle"])
    assert list(answer.body["data"]) == ["bundle"]
    bundle = answer.body["data"]["bundle"]
    assert list(bundle) == list(PAGE["bundle"]["data"]["bundle"])
    assert (bundle["id"], bundle["name"], bundle["price"]) == (BUNDLE_ID, "Weight Loss Program", "99.99")
    assert (bundle["priceUnit"], bundle["initialDiscount"]) == ("USD", "10.00")


@pytest.mark.parametrize("send", SENDERS)
async def test_the_bundle_with_forms_command(server, page_clinic, send):
    answer = await send(server.url, BUNDLE_WITH_FORMS, page_clinic.api_key)

    assert answer.status == 200
    assert list(differences(answer.body, PAGE["bundleWithForms"])) == []
    data, described = answer.body["data"], PAGE["bundleWithForms"]["data"]
    assert list(data) == ["bundle", "intakeForm", "followupForm"]
    for form in (data["intakeForm"], data["followupForm"]):
        assert list(form) == list(described["intakeForm"])
        for question in form["questions"]:
            assert list(question) == list(described["intakeForm"]["questions"][0])


@pytest.mark.parametrize("command", PAGE["commands"])
async def test_400_with_the_placeholder_in_place_of_a_key(server, command):
    answer = await by_httpx(server.url, command, "YOUR_SECRET_KEY_HERE")
    assert answer.status == 400
    assert begins_with(answer.body, ERRORS["400"])


@pytest.mark.parametrize("name", ["includeIntakeForm", "includeFollowupForm"])
async def test_400_for_what_is_no_boolean(client, page_clinic, name):
    path = f"/api/v1/organization/bundles/{BUNDLE_ID}"
    response = await client.get(path, params={name: "yes"}, headers=page_clinic.key)
    assert response.status_code == 400
    assert begins_with(response.json(), ERRORS["400"])
    assert name in response.json()["error"]


async def test_400_for_an_unknown_bundle(client, page_clinic):
    path = f"/api/v1/organization/bundles/{UNKNOWN_BUNDLE_ID}"
    response = await client.get(path, headers=page_clinic.key)
    assert response.status_code == 400
    assert begins_with(response.json(), ERRORS["unknownBundle"])
    assert "message" not in response.json()


async def test_500_when_a_form_is_spoilt(client, page_clinic, broken):
    await broken("UPDATE form_questions SET condition = '5' WHERE organization_id = %s")
    response = await client.get(BUNDLE_WITH_FORMS["path"], headers=page_clinic.key)
    assert response.status_code == 500
    assert begins_with(response.json(), ERRORS["500"])
