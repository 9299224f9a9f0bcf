"""Every example of the create-case page (seed 000), word for word."""

import shutil
from uuid import UUID

import pytest

from carelane.surfaces.docs import examples
from tests.seeds.pages import curls, json_blocks, read_page
from tests.seeds.replay import begins_with, by_curl, by_httpx, load

PAGE = load("000_create_case")
ERRORS = PAGE["errors"]
SENDERS = [
    pytest.param(by_curl, marks=pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")),
    by_httpx,
]


def test_our_statement_of_the_examples_is_the_pages():
    text = read_page("000")
    assert curls(text) == [PAGE["createCase"]]
    body, cart, created, *errors = json_blocks(text)
    assert body == PAGE["createCase"]["body"]
    assert cart == PAGE["abandonedCart"]
    assert created == PAGE["created"]
    assert errors == list(ERRORS.values())
    for status in ERRORS:
        assert f"\n{status}" in text


def test_the_documentation_shows_the_pages_bodies():
    assert PAGE["createCase"]["body"] == examples.CREATE_CASE
    assert PAGE["abandonedCart"] == examples.ABANDONED_CART


@pytest.mark.parametrize("send", SENDERS)
async def test_the_curl_command_creates_the_case(server, page_clinic, access_token, client, send):
    answer = await send(server.url, PAGE["createCase"], access_token)

    assert answer.status == 200, answer.body
    assert list(answer.body) == ["success", "data"]
    assert answer.body["success"] is True
    assert list(answer.body["data"]) == ["caseId"]
    case_id = answer.body["data"]["caseId"]
    assert str(UUID(case_id)) == case_id
    detail = await client.get("/api/v1/customer-case-detail", params={"caseId": case_id}, headers=page_clinic.key)
    assert detail.json()["caseDetail"]["isTest"] is True


@pytest.mark.parametrize("send", SENDERS)
async def test_the_abandoned_cart_is_kept(server, access_token, send):
    command = PAGE["createCase"] | {"body": PAGE["abandonedCart"]}
    answer = await send(server.url, command, access_token)
    assert answer.status == 200, answer.body
    assert list(answer.body["data"]) == ["caseId"]


async def test_the_key_opens_the_door_as_well(client, page_clinic):
    response = await client.post("/api/v1/cases", json=PAGE["createCase"]["body"], headers=page_clinic.key)
    assert response.status_code == 200


async def test_400_when_the_body_cannot_be_read(server, access_token):
    answer = await by_httpx(server.url, PAGE["createCase"] | {"body": ["no", "object"]}, access_token)
    assert answer.status == 400
    assert begins_with(answer.body, ERRORS["400"])


async def test_401_with_the_placeholder_in_place_of_a_token(server):
    answer = await by_httpx(server.url, PAGE["createCase"], "YOUR_ACCESS_TOKEN")
    assert answer.status == 401
    assert begins_with(answer.body, ERRORS["401"])


async def test_409_for_the_same_command_again(server, access_token):
    await by_httpx(server.url, PAGE["createCase"], access_token)
    answer = await by_httpx(server.url, PAGE["createCase"], access_token)
    assert answer.status == 409
    assert begins_with(answer.body, ERRORS["409"])


async def test_422_when_a_value_breaks_a_rule(server, access_token):
    body = PAGE["createCase"]["body"]
    broken = {**body, "payment": {**body["payment"], "amount": 1.234}}
    answer = await by_httpx(server.url, PAGE["createCase"] | {"body": broken}, access_token)
    assert answer.status == 422
    assert begins_with(answer.body, ERRORS["422"])


async def test_500_when_the_clinics_data_key_is_lost(client, page_clinic, broken):
    await broken("DELETE FROM organization_data_keys WHERE organization_id = %s")
    response = await client.post("/api/v1/cases", json=PAGE["createCase"]["body"], headers=page_clinic.key)
    assert response.status_code == 500
    assert begins_with(response.json(), ERRORS["500"])
    assert list(response.json()) == ["success", "message", "error", "requestId"]
