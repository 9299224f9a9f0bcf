"""Every example of the place-order page (seed 001), word for word: the curl command, and both programs as they are."""

import re
import shutil
import sys
from uuid import UUID

import pytest

from carelane.surfaces.docs import examples
from tests.factories.pharmacies import add_drug, add_pharmacy
from tests.factories.rows import insert_row
from tests.seeds.pages import curls, json_blocks, program, read_page
from tests.seeds.replay import begins_with, by_curl, by_httpx, load, run_program

PAGE = load("001_place_order")
COMMAND = PAGE["placeOrder"]
ERRORS = PAGE["errors"]
CASE_ID = UUID(COMMAND["path"].rpartition("/")[2])
SENDERS = [
    pytest.param(by_curl, marks=pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")),
    by_httpx,
]
PROGRAMS = [
    pytest.param([sys.executable, "-c"], "import requests", "print(data)", id="Python"),
    pytest.param(
        ["node", "--input-type=module", "-e"],
        "const caseId",
        "console.log(data)",
        id="JavaScript",
        marks=pytest.mark.skipif(shutil.which("node") is None, reason="there is no node"),
    ),
]
_ID = re.compile(r"""['"]?id['"]?: ['"]([0-9a-f-]{36})['"]""")


@pytest.fixture
async def pharmacy_clinic(services, page_clinic):
    """The clinic of the pages, with what this page names: an approved case, a pharmacy, a drug."""
    organization_id = UUID(page_clinic.organization_id)
    await add_pharmacy(services, organization_id, "pharmacy-123")
    await add_drug(services, organization_id, "drug-456")
    patient_id = await insert_row(
        services,
        organization_id,
        "patients",
        email="jane.roe@example.com",
        first_name="Jane",
        last_name="Roe",
        phone_number="+14155550123",
    )
    await insert_row(
        services,
        organization_id,
        "cases",
        id=CASE_ID,
        short_id="OWN-SEEDED",
        patient_id=patient_id,
        type="GLP",
        title="Tablets",
        status="APPROVED",
    )
    return page_clinic


@pytest.fixture
def shown(client, pharmacy_clinic):
    async def orders():
        params = {"caseId": str(CASE_ID), "includeOrders": "true"}
        answer = await client.get("/api/v1/customer-case-detail", params=params, headers=pharmacy_clinic.key)
        return answer.json()["caseDetail"]["orders"]

    return orders


def test_our_statement_of_the_examples_is_the_pages():
    text = read_page("001")
    assert curls(text) == [COMMAND]
    body, placed, *errors = json_blocks(text)
    assert body == COMMAND["body"]
    assert placed == PAGE["placed"]
    assert errors == list(ERRORS.values())
    for status in ERRORS:
        assert f"\n▶{status}" in text


def test_the_documentation_shows_the_pages_body():
    assert COMMAND["body"] == examples.PLACE_ORDER


@pytest.mark.parametrize("send", SENDERS)
async def test_the_curl_command_places_the_order(server, pharmacy_clinic, shown, send):
    answer = await send(server.url, COMMAND, pharmacy_clinic.api_key)

    assert answer.status == 200, answer.body
    order_id = answer.body["data"]["order"]["id"]
    expected = PAGE["placed"] | {"data": {"order": {"id": order_id}}}
    assert answer.body == expected
    assert list(answer.body) == list(PAGE["placed"])
    (order,) = await shown()
    assert order["id"] == order_id
    assert [item["quantity"] for item in order["items"]] == ["30"]


@pytest.mark.parametrize(("command", "first", "last"), PROGRAMS)
async def test_the_programs_place_the_order(server, pharmacy_clinic, shown, command, first, last):
    text = program(read_page("001"), first, last)
    printed = await run_program(server.url, command, text, pharmacy_clinic.api_key)
    assert "Order created successfully" in printed
    (order,) = await shown()
    assert _ID.findall(printed) == [order["id"]]


async def test_400_names_the_missing_field(server, pharmacy_clinic):
    order = COMMAND["body"]["order"]
    nameless = {name: value for name, value in order["prescriber"].items() if name != "firstName"}
    body = COMMAND["body"] | {"order": order | {"prescriber": nameless}}
    answer = await by_httpx(server.url, COMMAND | {"body": body}, pharmacy_clinic.api_key)
    assert answer.status == 400
    assert begins_with(answer.body, ERRORS["400"])


async def test_400_without_a_key(client):
    response = await client.post(COMMAND["path"], json=COMMAND["body"])
    assert response.status_code == 400
    assert begins_with(response.json(), ERRORS["400"] | {"error": "cv-api-key is required"})


async def test_401_with_the_placeholder_in_place_of_a_key(server):
    answer = await by_httpx(server.url, COMMAND, "YOUR_SECRET_KEY")
    assert answer.status == 401
    assert begins_with(answer.body, ERRORS["401"])


async def test_403_for_a_case_of_another_organization(server, pharmacy_clinic, other_clinic):
    answer = await by_httpx(server.url, COMMAND, other_clinic.api_key)
    assert answer.status == 403
    assert begins_with(answer.body, ERRORS["403"])


async def test_409_for_the_same_command_again(server, pharmacy_clinic, shown):
    await by_httpx(server.url, COMMAND, pharmacy_clinic.api_key)
    answer = await by_httpx(server.url, COMMAND, pharmacy_clinic.api_key)
    assert answer.status == 409
    assert answer.body == ERRORS["409"]
    assert len(await shown()) == 1
