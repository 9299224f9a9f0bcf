"""A bundle's intake and follow-up form, when asked for."""

from uuid import UUID

import pytest
import yaml

from carelane.apply.actions import apply_file
from tests.catalog.conftest import BUNDLES, DOCUMENT, FORMS
from tests.own_clinic import make_clinic


async def data_of(get, bundle_id, **flags):
    response = await get(f"/{bundle_id}", **flags)
    assert response.status_code == 200, response.text
    return response.json()["data"]


@pytest.mark.parametrize(
    ("flags", "members"),
    [
        ({}, ["bundle"]),
        ({"includeIntakeForm": "false", "includeFollowupForm": "false"}, ["bundle"]),
        ({"includeIntakeForm": "true"}, ["bundle", "intakeForm"]),
        ({"includeFollowupForm": "true"}, ["bundle", "followupForm"]),
        ({"includeIntakeForm": "true", "includeFollowupForm": "false"}, ["bundle", "intakeForm"]),
        ({"includeIntakeForm": "true", "includeFollowupForm": "true"}, ["bundle", "intakeForm", "followupForm"]),
    ],
)
async def test_a_form_is_there_when_asked_for(get, bundle_ids, flags, members):
    assert list(await data_of(get, bundle_ids["Whole"], **flags)) == members


async def test_a_form_the_bundle_has_not_is_null(get, bundle_ids):
    flags = {"includeIntakeForm": "true", "includeFollowupForm": "true"}
    bare, hidden = await data_of(get, bundle_ids["Bare"], **flags), await data_of(get, bundle_ids["Hidden"], **flags)
    assert (bare["intakeForm"], bare["followupForm"]) == (None, None)
    assert (hidden["intakeForm"]["name"], hidden["followupForm"]) == ("Intake", None)


@pytest.mark.parametrize("name", ["includeIntakeForm", "includeFollowupForm"])
@pytest.mark.parametrize("text", ["yes", "", "True", "0"])
async def test_another_word_for_a_flag_is_400(get, bundle_ids, name, text):
    response = await get(f"/{bundle_ids['Whole']}", **{name: text})
    assert response.status_code == 400
    assert response.json()["message"] == "Invalid request parameters"
    assert response.json()["error"] == f"{name}: expected `true` or `false`"


async def test_every_field_of_the_forms(get, bundle_ids):
    data = await data_of(get, bundle_ids["Whole"], includeIntakeForm="true", includeFollowupForm="true")
    intake, followup = data["intakeForm"], data["followupForm"]
    assert (intake["name"], intake["description"], intake["isActive"]) == ("Intake", "Before we begin", True)
    assert (followup["name"], followup["description"], followup["isActive"]) == ("Check-in", None, False)
    for form in (intake, followup):
        assert str(UUID(form["id"])) == form["id"]
    assert [question["text"] for question in followup["questions"]] == ["Since then?"]


async def test_every_field_of_the_questions(get, bundle_ids):
    questions = (await data_of(get, bundle_ids["Whole"], includeIntakeForm="true"))["intakeForm"]["questions"]
    ids = [question.pop("id") for question in questions]
    assert len(set(ids)) == 3
    plain = {
        "hint": None, "isPHI": False, "options": [], "placeholder": None, "required": False, "renderMode": None,
        "condition": None, "organizationDocument": None,
    }  # fmt: skip
    assert questions == [
        plain | {"text": "Are you well?", "type": "BOOLEAN", "required": True, "index": 0},
        plain
        | {
            "text": "What ails you?",
            "type": "MULTISELECT",
            "isPHI": True,
            "carry": True,
            "options": ["Head", "Heart"],
            "hint": "All that apply",
            "placeholder": "Choose",
            "renderMode": "DROPDOWN",
            "condition": {"questionIndex": 0, "response": ["No", "Not quite"]},
            "index": 1,
        },
        plain | {"text": "Sign here", "type": "STATEMENT", "organizationDocument": DOCUMENT, "index": 2},
    ]


async def test_the_newest_version_of_a_form_is_shown(get, services, tmp_path, client):
    parts = {"forms": FORMS, "bundles": BUNDLES[:1]}
    before = await make_clinic(services, tmp_path, parts=parts)
    changed = {"name": "Intake", "questions": [{"text": "New?", "type": "TEXT"}]}
    listed = (await get(headers=before.key)).json()["data"][0]["id"]
    first = (await get(f"/{listed}", headers=before.key, includeIntakeForm="true")).json()["data"]["intakeForm"]

    await apply_again(services, tmp_path, before, {"forms": [changed, FORMS[1]], "bundles": BUNDLES[:1]})

    second = (await get(f"/{listed}", headers=before.key, includeIntakeForm="true")).json()["data"]["intakeForm"]
    assert second["id"] == first["id"]
    assert [question["text"] for question in second["questions"]] == ["New?"]


async def apply_again(services, folder, clinic, parts):
    path = folder / f"{clinic.tenant}.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | parts))
    await apply_file(services, path, False, {})
