"""/users/me/carried-answers: the newest of one's own answers to what holds from visit to visit, and nobody else's."""

from uuid import UUID, uuid4

import msgspec
import pytest

from carelane.forms.catalog.actions import change_form, create_form
from carelane.forms.catalog.schemas import AskedFormIn, AskedQuestionIn
from carelane.kit.auth import system_actor
from carelane.kit.errors import RuleBrokenError
from tests.detail.asking import create_case
from tests.factories.cases import case_body
from tests.own_clinic import make_clinic
from tests.portal.cast import enroll, enter

URL = "/api/v1/users/me/carried-answers"
ALLERGIES, SMOKES, TAKES, TODAY = "Any allergies?", "Do you smoke?", "What do you take?", "How are you today?"
OPTIONS = ["Tea", "Pills", "Drops"]


def questions(options=OPTIONS, *, carry=True):
    return [
        AskedQuestionIn(text=TODAY, type="TEXT"),
        AskedQuestionIn(text=ALLERGIES, type="TEXT", is_phi=True, carry=carry),
        AskedQuestionIn(text=SMOKES, type="SINGLESELECT", options=["Yes", "No"], carry=carry),
        AskedQuestionIn(text=TAKES, type="MULTISELECT", options=options, carry=carry),
    ]


@pytest.fixture
async def form(services, own):
    body = AskedFormIn(name="Visit", questions=questions())
    return await create_form(services, system_actor(UUID(own.organization_id)), body, None)


@pytest.fixture
def answer(client, own):
    """Sends a case of somebody who answered the form."""

    async def send(email, title="Visit", **answers):
        sent = [
            {"question": TODAY, "type": "TEXT", "answer": "Fine"},
            {"question": ALLERGIES, "type": "TEXT", "phi": True, "answer": answers.get("allergies", "Nuts")},
            {
                "question": SMOKES,
                "type": "SINGLESELECT",
                "answer": answers.get("smokes", "No"),
                "options": ["Yes", "No"],
            },
            {
                "question": TAKES,
                "type": "MULTISELECT",
                "answer": answers.get("takes", ["Tea", "Pills"]),
                "options": OPTIONS,
            },
        ]
        body = case_body(own.product_id, email, forceCreate=True)
        body["user"] |= {"firstName": "Robin", "lastName": "Vale"}
        body["products"] = [{"id": own.product_id, "form": {"title": title, "questions": sent}}]
        return await create_case(client, own, body)

    return send


async def carried(client, headers, form_id, status=200):
    answer = await client.get(URL, params={"formId": str(form_id)}, headers=headers)
    assert answer.status_code == status, answer.text
    return {one["question"]: one for one in answer.json()["data"]["answers"]} if status == 200 else answer.json()


async def test_the_newest_answers_are_carried_to_the_newest_questions(
    client, services, own, person, inside, form, answer, look
):
    assert await carried(client, inside, form.id) == {}
    await answer(person.email, allergies="Pollen", smokes="Yes")
    await answer(person.email, takes=["Pills", "Drops"])
    found = await carried(client, inside, form.id)
    assert {text: one["answer"] for text, one in found.items()} == {
        ALLERGIES: "Nuts",
        SMOKES: "No",
        TAKES: ["Pills", "Drops"],
    }
    actor = system_actor(UUID(own.organization_id))
    fewer = AskedFormIn(name="Visit", questions=questions(["Tea", "Pills"]), version=form.version)
    changed = await change_form(services, actor, str(form.id), fewer, None)
    again = await carried(client, inside, form.id)
    # The questions have other ids now; what cannot be chosen any more is not offered.
    assert again[TAKES]["answer"] == ["Pills"]
    assert again[ALLERGIES]["questionId"] != found[ALLERGIES]["questionId"]
    shown = await look("SELECT id FROM form_questions WHERE text = %s AND carry ORDER BY id DESC LIMIT 1", ALLERGIES)
    assert again[ALLERGIES]["questionId"] == str(shown[0][0])
    none = msgspec.structs.replace(fewer, questions=questions(carry=False), version=changed.version)
    await change_form(services, actor, str(form.id), none, None)
    assert await carried(client, inside, form.id) == {}


async def test_it_is_sealed_and_the_read_is_recorded(client, person, inside, form, answer, look):
    await answer(person.email, allergies="Quillwort")
    sealed = "SELECT w.text FROM form_answers w JOIN form_questions q ON q.id = w.question_id WHERE q.text = %s"
    assert set(await look(sealed, ALLERGIES)) == {(None,)}
    assert (await carried(client, inside, form.id))[ALLERGIES]["answer"] == "Quillwort"
    why = "SELECT reason FROM phi_reads WHERE record_kind = 'patient' AND record_id = %s"
    assert ("the patient's own earlier answers",) in await look(why, person.id)


async def test_nobody_elses_answers_and_no_other_form(client, services, own, person, inside, form, answer, tmp_path):
    other = await enroll(services, own)
    await answer(other.email)
    await answer(person.email, title="Another form")
    assert await carried(client, inside, form.id) == {}
    clinic = await make_clinic(services, tmp_path)
    stranger = await enter(client, services, clinic, await enroll(services, clinic))
    assert "Form not found" in str(await carried(client, stranger, form.id, 404))


async def test_what_is_empty_is_not_carried(client, person, inside, form, answer):
    await answer(person.email, allergies="  ", takes=[])
    assert set(await carried(client, inside, form.id)) == {SMOKES}


async def test_who_may_not_ask(client, own, inside, form):
    query = {"formId": str(form.id)}
    assert (await client.get(URL, params=query)).status_code == 400
    assert (await client.get(URL, params=query, headers=own.key)).status_code == 401
    wrong = own.key | {"Authorization": "Bearer nothing"}
    assert (await client.get(URL, params=query, headers=wrong)).status_code == 401
    await carried(client, inside, uuid4(), 404)
    for bad in ({"formId": "5"}, {}, {"formId": "\0"}):
        answer = await client.get(URL, params=bad, headers=inside)
        assert answer.status_code == 400
        assert "formId" in answer.text


async def test_documents_are_never_carried(services, own):
    documents = [AskedQuestionIn(text="Your card", type="FILE", carry=True)]
    with pytest.raises(RuleBrokenError) as refused:
        await create_form(
            services, system_actor(UUID(own.organization_id)), AskedFormIn(name="Cards", questions=documents), None
        )
    assert [problem.field for problem in refused.value.problems] == ["questions[0].carry"]
