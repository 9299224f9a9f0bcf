"""The form that comes with a product: found again by title, versioned when its questions change."""

from uuid import uuid4

import pytest

from tests.cases.bodies import case_body, question, with_questions
from tests.own_clinic import make_clinic

VERSIONS = """
SELECT f.id::text, v.number, count(q.id)
FROM forms f JOIN form_versions v ON v.form_id = f.id LEFT JOIN form_questions q ON q.form_version_id = v.id
WHERE f.organization_id = %s AND f.name = %s GROUP BY f.id, v.number ORDER BY v.number
"""


@pytest.fixture
def title():
    return f"Intake {uuid4().hex}"


@pytest.fixture
def versions(rows, clinic, title):
    """(form id, version number, how many questions) for the test's own title."""

    async def read():
        return await rows(VERSIONS, clinic.organization_id, title)

    return read


@pytest.fixture
def send(created, clinic, title):
    async def send_questions(*questions, **changes):
        return await created(with_questions(case_body(clinic.product_id, **changes), *questions, title=title))

    return send_questions


async def test_the_same_questions_again_are_the_same_version(send, versions):
    await send(question(answer="One"))
    await send(question(answer="Two"))
    assert [row[1:] for row in await versions()] == [(1, 1)]


async def test_changed_questions_make_a_new_version_of_the_same_form(send, versions):
    await send(question())
    await send(question(), question("And you?"))
    await send(question(required=True))
    found = await versions()
    assert [row[1:] for row in found] == [(1, 1), (2, 2), (3, 1)]
    assert len({row[0] for row in found}) == 1


async def test_each_answer_belongs_to_the_version_that_was_asked(send, versions, detail):
    first = await send(question("Old?", "Yes"))
    await send(question("New?", "No"))
    (response,) = (await detail(first))["responses"]
    assert [answer["question"]["text"] for answer in response["responses"]] == ["Old?"]


async def test_going_back_to_old_questions_finds_the_old_version(send, versions):
    for text in ("One?", "Two?", "One?"):
        await send(question(text))
    assert [row[1] for row in await versions()] == [1, 2]


async def test_a_form_belongs_to_its_product(created, rows, clinic, services, tmp_path, title):
    products = [{"id": str(uuid4()), "name": name, "price": "1"} for name in ("One", "Two")]
    own = await make_clinic(services, tmp_path, parts={"products": products, "bundles": []})
    form = {"title": title, "questions": [question()]}
    body = case_body(own.product_id, products=[{"id": product["id"], "form": form} for product in products])

    await created(body, headers=own.key)

    found = await rows("SELECT product_id::text FROM forms WHERE name = %s", title)
    assert sorted(row[0] for row in found) == sorted(product["id"] for product in products)


async def test_two_products_of_one_case_may_bring_the_same_new_form(created, versions, clinic, title):
    product = {"id": clinic.product_id, "form": {"title": title, "questions": [question()]}}
    await created(case_body(clinic.product_id, products=[product, product]))
    assert [row[1:] for row in await versions()] == [(1, 1)]


@pytest.mark.parametrize("form", [{}, {"title": None}, {"questions": []}, {"title": "  ", "description": "x"}])
async def test_a_form_may_have_no_title_and_no_questions(created, detail, clinic, form):
    case_id = await created(case_body(clinic.product_id, products=[{"id": clinic.product_id, "form": form}]))
    (response,) = (await detail(case_id))["responses"]
    assert response["form"]["name"] == "Intake form"
    assert response["responses"] == []


async def test_a_title_without_questions_makes_an_empty_version(send, versions):
    await send()
    assert [row[1:] for row in await versions()] == [(1, 0)]


async def test_the_description_is_kept(created, detail, clinic, title):
    form = {"title": title, "description": "Before we begin", "questions": [question()]}
    case_id = await created(case_body(clinic.product_id, products=[{"id": clinic.product_id, "form": form}]))
    (response,) = (await detail(case_id))["responses"]
    assert (response["form"]["name"], response["form"]["description"]) == (title, "Before we begin")


ANSWERS = [
    ("TEXT", "138 lbs", "138 lbs"),
    ("TEXT", 138, "138"),
    ("TEXT", 61.5, "61.5"),
    ("TEXT", None, ""),
    ("SINGLESELECT", "Red", "Red"),
    ("MULTISELECT", ["Red", "Green"], '["Red","Green"]'),
    ("MULTISELECT", "Red, Green", "Red, Green"),
    ("MULTISELECT", [], "[]"),
    ("BOOLEAN", True, "true"),
    ("BOOLEAN", "Yes", "Yes"),
    ("DATE", "05/15/1990", "05/15/1990"),
    ("DATERANGE", "01/01/2026 - 02/01/2026", "01/01/2026 - 02/01/2026"),
    ("FILE", "none at hand", "none at hand"),
    ("STATEMENT", "", ""),
    ("WIDGET_BMI", '{"height": 70, "weight": 180}', '{"height": 70, "weight": 180}'),
    ("WIDGET_STATE_PICKER", "NY", "NY"),
    ("WIDGET_USER_ID_DOCUMENT", "", ""),
    ("WIDGET_VISIT_TYPE", "SYNC_VIDEO", "SYNC_VIDEO"),
]


@pytest.mark.parametrize("phi", [False, True])
@pytest.mark.parametrize(("kind", "answer", "shown"), ANSWERS)
async def test_every_type_of_question_is_accepted(send, detail, kind, answer, shown, phi):
    asked = question("Which?", answer, kind, phi=phi, options=["Red", "Green"])

    case = await detail(await send(asked))

    assert case["warnings"] == []
    (kept,) = case["responses"][0]["responses"]
    assert kept["text"] == shown
    assert kept["question"] == {
        "index": 0, "type": kind, "text": "Which?", "isPHI": phi, "options": ["Red", "Green"], "required": False,
    }  # fmt: skip


async def test_a_statement_needs_no_answer(created, detail, clinic):
    statement = {"question": "Your answers go to a clinician.", "type": "STATEMENT", "required": True}
    case_id = await created(with_questions(case_body(clinic.product_id), statement))
    assert (await detail(case_id))["responses"][0]["responses"][0]["text"] == ""


async def test_hint_and_placeholder_are_kept(send, rows, title):
    await send(question(hint="Roughly", placeholder="12"))
    found = await rows(
        "SELECT q.hint, q.placeholder FROM form_questions q JOIN form_versions v ON v.id = q.form_version_id "
        "JOIN forms f ON f.id = v.form_id WHERE f.name = %s",
        title,
    )
    assert found == [("Roughly", "12")]
