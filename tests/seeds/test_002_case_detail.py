"""Every example of the case-detail page (seed 002), word for word, and its whole shape on the case of seed 000.

The sections whose writers come later (decisions, comments, orders …) are filled and checked in `tests/detail`.
"""

import shutil

import pytest

from tests.seeds.pages import curls, json_blocks, read_page
from tests.seeds.replay import begins_with, by_curl, by_httpx, load
from tests.seeds.shape import differences

PAGE = load("002_case_detail")
CREATE = load("000_create_case")["createCase"]["body"]
ERRORS = PAGE["errors"]
PATH = "/api/v1/customer-case-detail"
EVERYTHING = {
    "includeAttachments": "true",
    "includeCalendarEvents": "true",
    "includeOrders": "true",
    "includeCaseProducts": "true",
}
SENDERS = [
    pytest.param(by_curl, marks=pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")),
    by_httpx,
]


def test_our_statement_of_the_examples_is_the_pages():
    text = read_page("002")
    assert curls(text) == [PAGE["caseDetail"]]
    assert json_blocks(text) == [PAGE["shape"], *ERRORS.values()]


@pytest.fixture
async def case_id(client, page_clinic):
    """The case of seed 000, with a document beside its answers."""
    product = CREATE["products"][0]
    document = {
        "question": "Laboratory results",
        "type": "FILE",
        "answer": {"name": "labs.png", "data": "iVBORw0KGgo="},
    }
    form = {**product["form"], "questions": [*product["form"]["questions"], document]}
    body = {**CREATE, "products": [{**product, "form": form}]}
    response = await client.post("/api/v1/cases", json=body, headers=page_clinic.key)
    return response.json()["data"]["caseId"]


@pytest.fixture
async def answer(client, page_clinic, case_id):
    response = await client.get(PATH, params={"caseId": case_id, **EVERYTHING}, headers=page_clinic.key)
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize("send", SENDERS)
async def test_the_curl_command_finds_no_case_123(server, page_clinic, send):
    answer = await send(server.url, PAGE["caseDetail"], page_clinic.api_key)
    assert answer.status == 404
    assert begins_with(answer.body, ERRORS["404"])


@pytest.mark.parametrize("send", SENDERS)
async def test_the_curl_command_with_the_id_of_a_case_finds_it(server, page_clinic, case_id, send):
    command = PAGE["caseDetail"] | {"path": PAGE["caseDetail"]["path"].replace("123", case_id)}
    answer = await send(server.url, command, page_clinic.api_key)
    assert answer.status == 200
    assert answer.body["caseDetail"]["id"] == case_id
    assert all("url" in attachment for attachment in answer.body["caseDetail"]["attachments"])


async def test_every_described_member_is_there_and_of_its_type(answer):
    shape = {**PAGE["shape"], "caseDetail": PAGE["shape"]["caseDetail"] | {"status": "string"}}
    assert list(differences(answer, shape)) == []
    assert answer.items() >= {"status": 200, "success": True}.items()


async def test_the_answer_has_no_member_beyond_the_described_ones_and_ours(answer):
    ours = {"isTest", "warnings", "promoCodes"}
    assert set(answer) == set(PAGE["shape"])
    assert set(answer["caseDetail"]) - set(PAGE["shape"]["caseDetail"]) == ours


async def test_the_sections_that_create_case_fills_are_filled(answer):
    case = answer["caseDetail"]
    for section in ("activity", "caseProducts", "payments", "attachments", "responses"):
        assert case[section], section
    assert case["submitter"]["email"] == CREATE["user"]["email"]
    assert case["submitter"]["dob"] == CREATE["user"]["dob"]
    assert case["submitter"]["postalCode"] == CREATE["user"]["shippingAddress"]["postalCode"]
    assert case["payments"][0]["amount"] == "159.00"
    assert case["caseProducts"][0]["subscription"] == {"interval": "month", "intervalCount": 3}
    shown = {entry["question"]["text"]: entry["text"] for entry in case["responses"][0]["responses"]}
    sent = CREATE["products"][0]["form"]["questions"]
    assert shown.items() >= {asked["question"]: asked["answer"] for asked in sent}.items()


@pytest.mark.parametrize(
    ("flag", "section"),
    [
        ("includeAttachments", "attachments"),
        ("includeCalendarEvents", "calendarEvents"),
        ("includeOrders", "orders"),
        ("includeCaseProducts", "caseProducts"),
    ],
)
async def test_a_section_is_absent_unless_asked_for(client, page_clinic, case_id, flag, section):
    params = {"caseId": case_id, **EVERYTHING, flag: "false"}
    case = (await client.get(PATH, params=params, headers=page_clinic.key)).json()["caseDetail"]
    sections = {"attachments", "calendarEvents", "orders", "caseProducts"}
    assert sections - set(case) == {section}


async def test_400_without_case_id_and_email(client, page_clinic):
    response = await client.get(PATH, headers=page_clinic.key)
    assert response.status_code == 400
    assert begins_with(response.json(), ERRORS["400"])


async def test_403_for_a_key_without_the_scope(client, page_clinic, case_id):
    response = await client.get(PATH, params={"caseId": case_id}, headers=page_clinic.catalog_only)
    assert response.status_code == 403
    assert begins_with(response.json(), ERRORS["403"])
