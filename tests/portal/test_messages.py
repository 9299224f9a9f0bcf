"""A patient reads and writes in their case: what is shown, where it appears, what it moves, and who else sees nothing."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from carelane.portal.messages.actions import MAX_IN_WINDOW
from tests.factories.conversations import comment
from tests.portal.cast import enroll, enter
from tests.quote_sending.world import until
from tests.review.people import Desk, employ

CASES = "/api/v1/users/me/cases"
NOBODYS = "00000000-0000-4000-8000-000000000001"


def path_of(case_id):
    return f"{CASES}/{case_id}/messages"


async def write(client, headers, case_id, text="It began on Monday", **more):
    return await client.post(path_of(case_id), json={"text": text}, headers=headers | more)


async def read(client, headers, case_id):
    answer = await client.get(path_of(case_id), headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["messages"]


@pytest.fixture
async def ada(services, own):
    return await employ(services, own, "Ada")


async def test_a_question_of_the_clinic_is_answered_and_the_case_waits_no_longer(
    client, services, own, inside, add_case, ada
):
    case_id = await add_case()
    desk = Desk(client, case_id)
    await desk.done(ada, "start")
    await desk.done(ada, "ask", {"text": "When did it begin?"})
    [case] = (await client.get(CASES, headers=inside)).json()["data"]["cases"]
    assert (case["id"], case["status"], case["isWaitingForYou"]) == (str(case_id), "IN_PROGRESS", True)
    answer = await write(client, inside, case_id)
    assert answer.status_code == 200, answer.text
    told = answer.json()["data"]
    assert (told["text"], told["from"], told["author"]) == (
        "It began on Monday",
        "PATIENT",
        {"firstName": "Robin", "lastName": "Vale"},
    )
    question, reply = await read(client, inside, case_id)
    assert (question["text"], question["from"], question["author"]) == (
        "When did it begin?",
        "CLINIC",
        {"firstName": "Ada", "lastName": "Berg"},
    )
    assert reply == told
    [case] = (await client.get(CASES, headers=inside)).json()["data"]["cases"]
    assert not case["isWaitingForYou"]
    queue = (await client.get("/api/staff/cases", params={"awaitingPatient": "true"}, headers=ada.headers)).json()
    assert queue["cases"] == []
    [*_, last] = (await desk.read(ada))["comments"]
    assert (last["text"], last["author"]["firstName"], last["isRestricted"]) == ("It began on Monday", "Robin", False)


async def test_it_is_an_event_of_the_patient_and_its_text_is_sealed(client, person, inside, add_case, look):
    case_id = await add_case()
    told = (await write(client, inside, case_id)).json()["data"]
    events = await look(
        "SELECT type, actor_kind, actor_id, target_id, is_restricted FROM events WHERE case_id = %s", case_id
    )
    assert events == [("ADD_CASE_COMMENT", "patient", person.id, UUID(told["id"]), False)]
    [(text,)] = await look("SELECT text_sealed FROM comments WHERE case_id = %s", case_id)
    assert b"Monday" not in bytes(text)


async def test_the_feed_tells_of_it(client, own, person, inside, add_case):
    told = (await write(client, inside, await add_case())).json()["data"]

    async def look():
        answer = await client.get("/api/v1/events", headers=own.key)
        return [event for event in answer.json()["data"]["events"] if event["event"] == "ADD_CASE_COMMENT"]

    [event] = await until(look)
    assert event["payload"]["comments"]["id"] == told["id"]
    assert event["payload"]["comments"]["author"]["id"] == str(person.id)
    assert event["payload"]["activity"]["actor"]["email"] == person.email


async def test_reads_are_recorded(client, person, inside, add_case, look):
    case_id = await add_case()
    await client.get(CASES, headers=inside)
    await read(client, inside, case_id)
    reads = await look(
        "SELECT actor_kind, actor_id FROM phi_reads WHERE record_kind = 'case' AND record_id = %s", case_id
    )
    assert reads == [("patient", person.id)] * 2


async def test_notes_and_deleted_comments_are_not_shown(client, services, own, inside, add_case):
    case_id, here = await add_case(), UUID(own.organization_id)
    await comment(services, here, case_id, "A note", is_restricted=True)
    await comment(services, here, case_id, "Gone", deleted_at="2026-01-01T00:00:00Z")
    await comment(services, here, case_id, "Hello")
    assert [(message["text"], message["author"]) for message in await read(client, inside, case_id)] == [
        ("Hello", None)
    ]


async def test_abandoned_carts_are_no_cases_of_the_patient(client, inside, add_case):
    case_id = await add_case("ABANDONED")
    assert (await client.get(CASES, headers=inside)).json()["data"]["cases"] == []
    assert (await write(client, inside, case_id)).status_code == 404


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "x" * 10_001, None, 7])
async def test_a_bad_text_is_named_and_nothing_is_kept(client, inside, add_case, look, text):
    case_id = await add_case()
    answer = await write(client, inside, case_id, text)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert {problem["field"] for problem in answer.json()["errors"]} == {"text"}
    assert await look("SELECT id FROM comments WHERE case_id = %s", case_id) == []


async def test_a_closed_case_is_read_but_takes_no_message(client, inside, add_case):
    case_id = await add_case(is_archived=True)
    answer = await write(client, inside, case_id)
    assert (answer.status_code, answer.json()["code"]) == (409, "CASE_CLOSED")
    assert await read(client, inside, case_id) == []


async def test_a_message_waits_for_a_case_that_is_being_closed(client, owner_url, inside, add_case, look):
    case_id = await add_case()
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute("UPDATE cases SET is_archived = true WHERE id = %s", (case_id,))
        message = asyncio.create_task(write(client, inside, case_id))
        await asyncio.sleep(0.5)
        assert not message.done()
    assert (await message).status_code == 409
    assert await look("SELECT id FROM comments WHERE case_id = %s", case_id) == []


async def test_there_are_only_so_many_in_an_hour_also_at_once(client, services, own, person, inside, add_case, look):
    case_id, here = await add_case(), UUID(own.organization_id)
    for _ in range(MAX_IN_WINDOW - 2):
        await comment(services, here, case_id, "Before", author_patient_id=person.id)
    answers = await asyncio.gather(*(write(client, inside, case_id) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429]
    assert len(await look("SELECT id FROM comments WHERE case_id = %s", case_id)) == MAX_IN_WINDOW


async def test_a_message_that_is_repeated_is_written_once(client, inside, add_case, look):
    case_id, key = await add_case(), {"Idempotency-Key": uuid4().hex}
    answers = [await write(client, inside, case_id, **key) for _ in range(2)]
    assert (answers[0].status_code, answers[1].content) == (200, answers[0].content)
    assert len(await look("SELECT id FROM comments WHERE case_id = %s", case_id)) == 1


async def test_a_case_of_another_patient_is_not_there(client, services, own, inside, add_case, look):
    stranger = await enroll(services, own)
    theirs = await add_case(patient_id=stranger.id)
    await comment(services, UUID(own.organization_id), theirs, "For somebody else")
    for case_id in (theirs, uuid4(), "x"):
        for answer in (await client.get(path_of(case_id), headers=inside), await write(client, inside, case_id)):
            told = (answer.status_code, answer.json()["error"], answer.json()["code"])
            assert told == (404, "Case not found", "VALIDATION_ERROR")
    assert (await client.get(CASES, headers=inside)).json()["data"]["cases"] == []
    assert len(await look("SELECT id FROM comments WHERE case_id = %s", theirs)) == 1
    assert len(await read(client, await enter(client, services, own, stranger), theirs)) == 1


@pytest.mark.parametrize(("method", "path"), [("GET", CASES), ("GET", path_of(NOBODYS)), ("POST", path_of(NOBODYS))])
async def test_nobody_comes_in_without_key_and_token(client, own, other_clinic, inside, method, path):
    sent = {"json": {"text": "Hello"}} if method == "POST" else {}
    statuses = [
        (await client.request(method, path, headers=headers, **sent)).status_code
        for headers in ({}, own.key, inside | {"cv-api-key": "cvk_wrong"}, inside | other_clinic.key)
    ]
    assert statuses == [400, 401, 404, 401]
