"""POST /api/v1/customer-dynamic-case-form: a form for a case that is there, also while somebody closes it."""

import asyncio
from uuid import uuid4

import psycopg
import pytest

from tests.cases.bodies import case_body
from tests.cases.dynamic_bodies import asked, dynamic_body

PATH = "/api/v1/customer-dynamic-case-form"


def form_body(case_id, **changes):
    body = {"caseId": case_id, "formTitle": "Follow-up", "questions": [asked("Any side effects?", "None")], **changes}
    return {name: value for name, value in body.items() if value is not None}


@pytest.fixture
def send(client, clinic):
    async def post(body, headers=None):
        return await client.post(PATH, json=body, headers=clinic.key if headers is None else headers)

    return post


@pytest.fixture
async def case_id(created, clinic):
    return await created(case_body(clinic.product_id))


async def test_the_form_is_in_the_case(send, case_id, detail, rows):
    answer = await send(form_body(case_id))
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told == {
        "status": 200,
        "success": True,
        "data": {"caseId": case_id, "formResponseId": told["data"]["formResponseId"]},
    }
    (response,) = (await detail(case_id))["responses"]
    assert response["id"] == told["data"]["formResponseId"]
    assert response["form"]["name"] == "Follow-up"
    assert response["responses"][0]["text"] == "None"
    events = await rows("SELECT target_id FROM events WHERE case_id = %s AND type = 'ADD_FORM_RESPONSE'", case_id)
    assert [str(target) for (target,) in events] == [response["id"]]


async def test_the_key_in_the_body(send, case_id, clinic):
    assert (await send(form_body(case_id, key=clinic.api_key), {})).status_code == 200


@pytest.mark.parametrize("size", [0, 100_000])
async def test_no_key_anywhere(send, case_id, size):
    answer = await send(form_body(case_id, formDescription=None, questions=[asked(answer="x" * size)]), {})
    assert answer.status_code == 400
    assert "key is required" in answer.json()["error"]


async def test_a_large_body_with_its_key_in_it(send, case_id, clinic):
    body = form_body(case_id, key=clinic.api_key, questions=[asked(answer="x " * 50_000)])
    assert (await send(body, {})).status_code == 200


async def test_a_wrong_key_in_the_body(send, case_id):
    assert (await send(form_body(case_id, key="cvk_wrong"), {})).status_code == 401


async def test_only_ids_and_answers(send, made_first, detail):
    """As in the page's own example: the question is known by its id, from whatever form asked it."""
    case_id, question_id = made_first
    questions = [{"questionId": question_id, "answer": "140 lbs"}, {"questionId": "q-17", "answer": "Yes"}]
    answer = await send(form_body(case_id, questions=questions))
    assert answer.status_code == 200, answer.text
    shown = (await detail(case_id))["responses"][1]["responses"]
    told = [(one["question"]["text"], one["question"]["isPHI"], one["text"]) for one in shown]
    assert told == [("How much do you weigh?", True, "140 lbs"), ("q-17", True, "Yes")]


@pytest.fixture
async def made_first(client, clinic, rows):
    created = await client.post("/api/v1/dynamic-case", json=dynamic_body(), headers=clinic.key)
    data = created.json()["data"]
    found = await rows(
        "SELECT a.question_id FROM form_answers a JOIN form_questions q ON q.id = a.question_id "
        "WHERE a.form_response_id = %s ORDER BY q.index",
        data["formResponseId"],
    )
    return data["caseId"], str(found[0][0])


@pytest.mark.parametrize("kind", ["text", "file", "multiselect", "TEXT"])
async def test_types_in_any_case(send, case_id, kind):
    assert (await send(form_body(case_id, questions=[asked(type=kind, answer="x")]))).status_code == 200


@pytest.mark.parametrize("field", ["caseId", "formTitle", "questions"])
async def test_a_missing_field_is_named(send, case_id, field):
    body = {name: value for name, value in form_body(case_id).items() if name != field}
    answer = await send(body)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


async def test_a_case_that_is_not_there_or_another_clinics(send, case_id, other_clinic):
    answers = [await send(form_body(one)) for one in (str(uuid4()), "none")]
    answers.append(await send(form_body(case_id), other_clinic.key))
    for answer in answers:
        assert answer.status_code == 400
        assert answer.json()["error"] == "No Case found for provided details!"
        assert answer.json()["code"] == "VALIDATION_ERROR"


async def test_a_closed_case_takes_no_form(send, case_id, rows, owner_url):
    await close(owner_url, case_id)
    answer = await send(form_body(case_id))
    assert answer.status_code == 400
    assert "archived" in answer.json()["error"]
    assert await rows("SELECT 1 FROM form_responses WHERE case_id = %s", case_id) == []


async def close(owner_url, case_id):
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
        await conn.execute("UPDATE cases SET is_archived = true WHERE id = %s", (case_id,))


async def test_a_case_that_closes_meanwhile_takes_no_form(send, case_id, rows, owner_url):
    """The form has waited for whoever closes the case, and sees that it is closed."""
    async with await psycopg.AsyncConnection.connect(owner_url) as closing:
        await closing.execute("UPDATE cases SET is_archived = true WHERE id = %s", (case_id,))
        asking = asyncio.create_task(send(form_body(case_id)))
        await until_somebody_waits(owner_url)
        assert not asking.done()
        await closing.commit()
        answer = await asking
    assert answer.status_code == 400
    assert "archived" in answer.json()["error"]
    assert await rows("SELECT 1 FROM form_responses WHERE case_id = %s", case_id) == []


async def until_somebody_waits(owner_url):
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
        for _ in range(1_000):
            if (await (await conn.execute(waiting)).fetchone())[0]:
                return
            await asyncio.sleep(0.02)
    raise AssertionError("nobody waits for a lock")


async def test_an_answer_ends_the_wait_for_the_patient(send, case_id, rows, owner_url):
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as conn:
        await conn.execute("UPDATE cases SET asked_patient_at = now() WHERE id = %s", (case_id,))
    assert (await send(form_body(case_id))).status_code == 200
    assert await rows("SELECT asked_patient_at FROM cases WHERE id = %s", case_id) == [(None,)]


async def test_the_header_answers_again(client, clinic, case_id, rows):
    key = clinic.key | {"Idempotency-Key": uuid4().hex}
    first, second = [await client.post(PATH, json=form_body(case_id), headers=key) for _ in range(2)]
    assert second.content == first.content
    assert len(await rows("SELECT 1 FROM form_responses WHERE case_id = %s", case_id)) == 1
