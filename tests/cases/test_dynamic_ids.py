"""POST /api/v1/dynamic-case with a form that is there already."""

from uuid import UUID, uuid4

import msgspec
import pytest

from tests.cases.dynamic_bodies import asked, dynamic_body
from tests.own_clinic import make_clinic

FORM = {
    "name": "Checkup",
    "questions": [
        {"text": "Weight?", "type": "TEXT", "required": True, "isPHI": True},
        {"text": "Goals?", "type": "MULTISELECT", "options": ["A", "B"]},
        {"text": "Why?", "type": "TEXT", "required": True, "condition": {"questionIndex": 1, "response": "A"}},
    ],
}


@pytest.fixture
async def shop(services, tmp_path, client, rows):
    """A clinic with a form that a bundle shows, and what is known of it."""
    bundle = {"id": str(uuid4()), "name": "Plan", "price": "10", "products": ["One"], "intakeForm": "Checkup"}
    parts = {"products": [{"name": "One", "price": "10"}], "forms": [FORM], "bundles": [bundle]}
    clinic = msgspec.structs.replace(await make_clinic(services, tmp_path, parts=parts), bundle_id=bundle["id"])
    found = await rows(
        "SELECT f.id, q.id FROM forms f JOIN form_versions v ON v.form_id = f.id "
        "JOIN form_questions q ON q.form_version_id = v.id WHERE f.organization_id = %s ORDER BY q.index",
        UUID(clinic.organization_id),
    )
    return clinic, str(found[0][0]), [str(row[1]) for row in found]


async def test_a_form_by_its_id(client, shop, send, detail):
    clinic, form_id, ids = shop
    questions = [{"questionId": ids[1], "answer": '["A"]'}, {"questionId": ids[0], "answer": "138 lbs"}]
    answer = await send(dynamic_body(formTitle=None, formId=form_id, questions=questions), clinic.key)
    assert answer.status_code == 200, answer.text
    case = await detail(answer.json()["data"]["caseId"], clinic.key)
    (response,) = case["responses"]
    assert response["form"]["name"] == "Checkup"
    shown = [(one["question"]["text"], one["text"], one["question"]["isPHI"]) for one in response["responses"]]
    assert shown == [("Weight?", "138 lbs", True), ("Goals?", '["A"]', False)]


async def test_answers_to_a_form_are_held_against_its_questions(shop, send):
    clinic, form_id, ids = shop
    questions = [{"questionId": str(uuid4()), "answer": "x"}, *[{"questionId": ids[1], "answer": "A"}] * 2]
    answer = await send(dynamic_body(formTitle=None, formId=form_id, questions=questions), clinic.key)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == [
        "questions[0].questionId",
        "questions[2].questionId",
        "questions",
    ]


async def test_what_bundles_show_does_not_change(client, shop, send):
    """A case with other questions under the title of a bundle's form makes a version that only the case shows."""
    clinic, form_id, ids = shop
    path = f"/api/v1/organization/bundles/{clinic.bundle_id}"
    flags = {"includeIntakeForm": "true"}
    before = await client.get(path, params=flags, headers=clinic.key)
    assert before.status_code == 200, before.text
    answer = await send(dynamic_body(formTitle="Checkup", questions=[asked("Something else?")]), clinic.key)
    assert answer.status_code == 200
    assert (await client.get(path, params=flags, headers=clinic.key)).json() == before.json()
    questions = [{"questionId": ids[0], "answer": "138 lbs"}]
    by_id = await send(dynamic_body(formTitle=None, formId=form_id, questions=questions), clinic.key)
    assert by_id.status_code == 200, by_id.text
