"""What storefronts do to a case: ADD_COMMUNICATION, CHANGE_CASE_STATUS, UPDATE_CASE_PRODUCT, and products added to it."""

import asyncio
import base64
from collections import Counter
from uuid import UUID, uuid4

import pytest

from carelane.cases.assignment.actions import assign_waiting
from carelane.kit.auth import system_actor
from tests.cases.bodies import case_body, question
from tests.factories.staff import hire
from tests.own_clinic import make_clinic

NO_CASE = {
    "status": 400,
    "success": False,
    "message": "Invalid request",
    "error": "No Case found for provided details!",
    "code": "VALIDATION_ERROR",
}
ACTIONS = ("PLACE_ORDER", "ADD_COMMUNICATION", "CHANGE_CASE_STATUS", "UPDATE_CASE_PRODUCT")


@pytest.fixture
async def own(services, tmp_path):
    """It assigns nobody, so nothing moves while a test looks."""
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def case_id(created, own):
    return await created(case_body(own.product_id), own.key)


@pytest.fixture
def act(client, own):
    async def post(case_id, body, headers=None):
        path = f"/api/v1/cases/{case_id}"
        return await client.post(path, json=body, headers=own.key if headers is None else headers)

    return post


def plain(answer):
    return {name: value for name, value in answer.json().items() if name not in {"requestId", "errors"}}


def moved(status, **more):
    return {"action": "CHANGE_CASE_STATUS", "status": status, **more}


def said(text="Hello", **more):
    author = {"email": "ann@partner.example", "firstName": "Ann", "lastName": "Lee"}
    return {
        "action": "ADD_COMMUNICATION",
        "communication": {"text": text, "isRestricted": False, "author": author, **more},
    }


def closed(product_id, **more):
    return {"action": "UPDATE_CASE_PRODUCT", "caseProductInput": {"productId": product_id, "status": "CLOSE", **more}}


async def test_an_unknown_action_is_told_those_there_are(act, case_id):
    answer = await act(case_id, {"action": "DELETE"})
    assert answer.status_code == 400
    for name in ACTIONS:
        assert name in answer.json()["error"]


async def test_closing_and_reopening(act, case_id, detail, own):
    answer = await act(case_id, moved("CLOSE", reason="Moved away"))
    assert answer.json() == {"status": 200, "success": True, "message": "Case closed successfully"}
    case = await detail(case_id, own.key)
    assert (case["isArchived"], case["archiveNote"]) == (True, "Moved away")
    for status in ("OPEN", "CLOSE"):
        refused = await act(case_id, moved(status))
        assert refused.status_code == 400
        assert "REOPEN" in refused.json()["error"]
    assert (await act(case_id, said())).status_code == 400
    answer = await act(case_id, moved("REOPEN"))
    assert answer.json() == {"status": 200, "success": True, "message": "Case reopened successfully"}
    case = await detail(case_id, own.key)
    assert (case["isArchived"], case["archiveNote"], case["archiveReason"]) == (False, None, None)
    assert (await act(case_id, moved("REOPEN"))).status_code == 400
    types = [one["type"] for one in case["activity"]]
    assert types == ["CREATE_CASE", "ARCHIVE_CASE", "REOPEN_CASE"]


async def test_opening_what_was_abandoned(act, created, own, detail):
    case_id = await created(case_body(own.product_id, status="ABANDONED"), own.key)
    answer = await act(case_id, moved("OPEN"))
    assert answer.json() == {"status": 200, "success": True, "message": "Case opened successfully"}
    case = await detail(case_id, own.key)
    assert case["status"] == "OPEN"
    last = case["activity"][-1]
    assert (last["type"], last["valueBefore"], last["valueAfter"]) == ("CHANGE_CASE_STATUS", "ABANDONED", "OPEN")
    assert (await act(case_id, moved("OPEN"))).status_code == 200
    assert len((await detail(case_id, own.key))["activity"]) == len(case["activity"])


async def test_what_was_abandoned_and_is_opened_is_given_to_somebody(client, created, services, tmp_path, detail):
    clinic = await make_clinic(services, tmp_path, assignmentPolicy="round_robin")
    member = await hire(services, UUID(clinic.organization_id), "Ida", "Berg", takes_cases=True)
    left = await created(case_body(clinic.product_id, status="ABANDONED"), clinic.key)
    assert (await detail(left, clinic.key))["assignedTo"] is None
    answer = await client.post(f"/api/v1/cases/{left}", json=moved("OPEN"), headers=clinic.key)
    assert answer.status_code == 200
    # By the server's own worker or here, whoever comes first.
    await assign_waiting(services, system_actor(UUID(clinic.organization_id)))
    case = await detail(left, clinic.key)
    assert (case["status"], case["assignedTo"]["id"]) == ("ASSIGNED", str(member))


@pytest.mark.parametrize("status", ["IN_PROGRESS", "APPROVED", "REJECTED", "NO_DECISION"])
async def test_what_cannot_be_opened(act, case_id, rows, status):
    await rows("UPDATE cases SET status = %s WHERE id = %s RETURNING id", status, case_id)
    answer = await act(case_id, moved("OPEN"))
    assert answer.status_code == 400
    assert status in answer.json()["error"]


async def test_another_clinics_case_is_unauthorized(act, case_id, other_clinic):
    for case, key in ((case_id, other_clinic.key), (uuid4(), None), ("none", None)):
        answer = await act(case, moved("CLOSE"), key)
        assert answer.status_code == 401
        assert answer.json()["success"] is False


async def test_64_who_close_at_once_close_it_once(act, case_id, detail, own):
    answers = await asyncio.gather(*(act(case_id, moved("CLOSE")) for _ in range(64)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: 63}
    case = await detail(case_id, own.key)
    assert [one["type"] for one in case["activity"]].count("ARCHIVE_CASE") == 1


async def test_a_comment_of_somebody_unknown(act, case_id, detail, own):
    content = base64.b64encode(b"Scan").decode()
    files = [{"fileName": "scan.txt", "content": content, "isRestricted": False, "isPHI": True}]
    answer = await act(case_id, said(attachments=files))
    assert answer.status_code == 200, answer.text
    case = await detail(case_id, own.key, includeAttachments="true")
    (comment,) = case["comments"]
    assert comment["id"] == answer.json()["data"]["commentId"]
    assert comment["text"] == "Hello"
    assert (comment["author"]["firstName"], comment["author"]["lastName"]) == ("Ann", "Lee")
    (attachment,) = comment["attachments"]
    assert (attachment["fileName"], attachment["content"], attachment["isPHI"]) == ("scan.txt", content, True)
    assert case["activity"][-1]["type"] == "ADD_CASE_COMMENT"


async def test_a_note_of_the_patient(act, created, own, detail):
    body = case_body(own.product_id)
    case_id = await created(body, own.key)
    author = {"email": body["user"]["email"].upper(), "firstName": "x", "lastName": "y"}
    assert (await act(case_id, said(isRestricted=True, author=author))).status_code == 200
    case = await detail(case_id, own.key)
    assert case["comments"] == []
    (note,) = case["notes"]
    assert note["author"]["id"] == case["submitter"]["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "communication.text"),
        ({"author": {"email": "nobody"}}, "communication.author.email"),
        ({"attachments": [{"fileName": "a", "content": "%"}]}, "communication.attachments[0].data"),
        ({"isRestricted": "yes"}, "communication.isRestricted"),
    ],
)
async def test_a_wrong_field_of_a_comment(act, case_id, changes, field):
    answer = await act(case_id, said(**changes))
    assert answer.status_code == 400, answer.text
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]


async def test_closing_a_product(act, case_id, own, detail, rows):
    answer = await act(case_id, closed(own.product_id, reason="Out of stock"))
    assert answer.json() == {
        "status": 200,
        "success": True,
        "message": "Case product updated successfully",
        "data": {"success": True},
    }
    assert (await act(case_id, closed(own.product_id))).status_code == 200
    assert await rows("SELECT status FROM case_products WHERE case_id = %s", case_id) == [("CLOSE",)]
    case = await detail(case_id, own.key)
    assert [one["type"] for one in case["activity"]].count("CASE_PRODUCT_CLOSED") == 1


@pytest.mark.parametrize("body", [said(), closed(str(uuid4()))])
async def test_no_such_case(act, case_id, body, other_clinic):
    for case, key in ((uuid4(), None), ("none", None), (case_id, other_clinic.key)):
        answer = await act(case, body, key)
        assert answer.status_code == 400
        assert plain(answer) == NO_CASE


async def test_no_such_product(act, case_id):
    answer = await act(case_id, closed(str(uuid4())))
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == ["caseProductInput.productId"]


@pytest.mark.parametrize("body", [said(), moved("CLOSE"), closed(str(uuid4()))])
async def test_credentials(act, case_id, body, own):
    assert (await act(case_id, body, {})).status_code == 400
    assert (await act(case_id, body, {"cv-api-key": "cvk_wrong"})).status_code == 401


# ---- products


def products(*ids, **more):
    return {"products": [{"id": one, **more} for one in ids]}


@pytest.fixture
async def shop(services, tmp_path, created):
    two = [str(uuid4()), str(uuid4())]
    parts = {"products": [{"id": one, "name": one[:8], "price": "1"} for one in two], "bundles": []}
    clinic = await make_clinic(services, tmp_path, parts=parts)
    return clinic, two, await created(case_body(two[0]), clinic.key)


async def test_adding_a_product(client, shop, detail):
    clinic, (_, second), case_id = shop
    form = {"title": "More", "questions": [question()]}
    subscription = {"interval": "month", "intervalCount": 3}
    body = products(second, form=form, visitType="SYNC_VIDEO", subscription=subscription)
    answer = await client.post(f"/api/v1/cases/{case_id}/products", json=body, headers=clinic.key)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["caseId"] == case_id
    case = await detail(case_id, clinic.key, includeCaseProducts="true")
    added = case["caseProducts"][1]
    assert added["organizationProduct"]["id"] == second
    assert added["subscription"] == subscription
    assert added["caseProductRequests"][0]["visitType"] == "SYNC_VIDEO"
    assert added["caseProductRequests"][0]["formResponseId"] == case["responses"][0]["id"]
    again = await client.post(f"/api/v1/cases/{case_id}/products", json=body, headers=clinic.key)
    assert again.status_code == 422
    assert [problem["field"] for problem in again.json()["errors"]] == ["products[0].id"]


async def test_products_that_cannot_be_added(client, shop, other_clinic, act):
    clinic, (_, second), case_id = shop
    path = f"/api/v1/cases/{case_id}/products"
    unknown = await client.post(path, json=products(str(uuid4())), headers=clinic.key)
    assert unknown.status_code == 422
    theirs = await client.post(path, json=products(other_clinic.product_id), headers=other_clinic.key)
    assert theirs.status_code == 400
    assert (await client.post(path, json={"products": []}, headers=clinic.key)).status_code == 400
    assert (await client.post(path, json=products(second), headers={})).status_code == 401
    assert (await act(case_id, moved("CLOSE"), clinic.key)).status_code == 200
    assert (await client.post(path, json=products(second), headers=clinic.key)).status_code == 400


async def test_64_who_add_a_product_at_once_add_it_once(client, shop, rows):
    clinic, (_, second), case_id = shop
    path = f"/api/v1/cases/{case_id}/products"
    posts = (client.post(path, json=products(second), headers=clinic.key) for _ in range(64))
    assert Counter(answer.status_code for answer in await asyncio.gather(*posts)) == {200: 1, 422: 63}
    assert len(await rows("SELECT 1 FROM case_products WHERE case_id = %s", case_id)) == 2
