"""Which case is meant, and which of its parts are wanted."""

from uuid import uuid4

import pytest

from tests.detail.asking import ask, create_case, read_case

OPTIONAL = {
    "includeAttachments": "attachments",
    "includeCalendarEvents": "calendarEvents",
    "includeOrders": "orders",
    "includeCaseProducts": "caseProducts",
}


async def test_an_email_names_the_patients_latest_case(client, juniper):
    email = f"{uuid4().hex}@patient.example"
    first = await create_case(client, juniper, email=email)
    second = await create_case(client, juniper, email=email, forceCreate=True)
    assert first != second
    found = await ask(client, juniper, email=email)
    assert found.json()["caseDetail"]["id"] == str(second)


async def test_the_case_of_letters_in_an_email_does_not_matter(client, juniper):
    email = f"{uuid4().hex}@patient.example"
    case_id = await create_case(client, juniper, email=email)
    found = await ask(client, juniper, email=email.upper())
    assert found.json()["caseDetail"]["id"] == str(case_id)


async def test_case_and_email_that_agree_name_the_case(client, juniper):
    email = f"{uuid4().hex}@patient.example"
    first = await create_case(client, juniper, email=email)
    await create_case(client, juniper, email=email, forceCreate=True)
    found = await ask(client, juniper, caseId=str(first), email=email)
    assert found.json()["caseDetail"]["id"] == str(first)


async def test_case_and_email_that_disagree_name_no_case(client, juniper, case_id):
    email = f"{uuid4().hex}@patient.example"
    await create_case(client, juniper, email=email)
    assert (await ask(client, juniper, caseId=str(case_id), email=email)).status_code == 404


async def test_the_optional_parts_are_absent_unless_asked_for(client, juniper, case_id):
    detail = await read_case(client, juniper, case_id)
    assert not set(OPTIONAL.values()) & set(detail)
    assert all("attachments" not in comment for comment in (*detail["comments"], *detail["notes"]))


@pytest.mark.parametrize(("flag", "member"), OPTIONAL.items())
async def test_each_flag_brings_its_own_part_alone(client, juniper, case_id, flag, member):
    detail = await read_case(client, juniper, case_id, **{flag: "true"})
    assert set(OPTIONAL.values()) & set(detail) == {member}


@pytest.mark.parametrize("spelling", ["false", "", "1", "TRUE", "yes"])
async def test_only_true_is_true(client, juniper, case_id, spelling):
    detail = await read_case(client, juniper, case_id, **dict.fromkeys(OPTIONAL, spelling))
    assert not set(OPTIONAL.values()) & set(detail)


async def test_a_part_that_was_asked_for_and_has_nothing_is_empty(client, juniper, case_id):
    detail = await read_case(client, juniper, case_id, **dict.fromkeys(OPTIONAL, "true"))
    assert (detail["attachments"], detail["calendarEvents"], detail["orders"]) == ([], [], [])


@pytest.mark.parametrize("document_format", ["pdf", "URL", ""])
async def test_another_document_format_is_400(client, juniper, case_id, document_format):
    answer = await ask(client, juniper, caseId=str(case_id), documentFormat=document_format)
    assert answer.status_code == 400
    assert answer.json()["error"] == "documentFormat: expected `base64` or `url`"


async def test_the_answer_says_that_it_succeeded(client, juniper, case_id):
    answer = (await ask(client, juniper, caseId=str(case_id))).json()
    assert (answer["status"], answer["success"]) == (200, True)
