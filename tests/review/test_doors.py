"""Every route of review: who may ask, and what is answered to everybody else."""

from uuid import UUID, uuid4

import pytest

from tests.review.people import decision

BODIES = {
    "assign": {"staffId": str(uuid4())},
    "unassign": None,
    "start": None,
    "comment": {"text": "Hello", "isRestricted": False},
    "ask": {"text": "How tall are you?"},
    "decide": {"decisions": [decision(str(uuid4()))]},
    "archive": {"reason": "COMPLETE"},
    "reopen": None,
    "escalate": {"text": "Look again"},
    "deescalate": None,
}
READS = ["", "/why"]
ROUTES = [("GET", end, None) for end in READS] + [("POST", f"/{name}", body) for name, body in BODIES.items()]
named = pytest.mark.parametrize(("method", "end", "body"), ROUTES, ids=lambda value: str(value)[:12])


def url(case_id, end):
    return f"/api/staff/cases/{case_id}{end}"


@named
async def test_no_credential_is_401(client, desk, method, end, body):
    answer = await client.request(method, url(desk.case_id, end), json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


@named
async def test_a_wrong_credential_is_401(client, desk, method, end, body):
    headers = {"authorization": "Bearer cvt_wrong"}
    answer = await client.request(method, url(desk.case_id, end), json=body, headers=headers)
    assert answer.status_code == 401


@named
async def test_a_storefronts_key_is_401(client, desk, pier, method, end, body):
    assert (await client.request(method, url(desk.case_id, end), json=body, headers=pier.key)).status_code == 401


@named
async def test_support_is_403(client, desk, dan, method, end, body):
    answer = await client.request(method, url(desk.case_id, end), json=body, headers=dan.headers)
    assert answer.status_code == 403
    assert "cases:" in answer.json()["detail"]


@named
async def test_the_other_clinics_case_is_as_unknown_as_one_that_never_was(
    client, desk, stranger, method, end, body, look
):
    foreign = await client.request(method, url(desk.case_id, end), json=body, headers=stranger.headers)
    unknown = await client.request(method, url(uuid4(), end), json=body, headers=stranger.headers)
    malformed = await client.request(method, url("seven", end), json=body, headers=stranger.headers)
    told = [{**answer.json(), "requestId": ""} for answer in (foreign, unknown, malformed)]
    assert [answer.status_code for answer in (foreign, unknown, malformed)] == [404, 404, 404]
    assert told[0] == told[1] == told[2]
    assert len(await look("SELECT 1 FROM events WHERE case_id = %s", desk.case_id)) == 1


@pytest.mark.parametrize(("name", "wrong", "fields"), [
    ("assign", {"staffId": "x", "insteadOf": 7}, ["insteadOf", "staffId"]),
    ("assign", {"staff": "x"}, ["staff", "staffId"]),
    ("comment", {"text": 5}, ["isRestricted", "text"]),
    ("comment", {"text": " \n", "isRestricted": "no"}, ["isRestricted", "text"]),
    ("ask", {"text": ""}, ["text"]),
    ("archive", {"reason": "BORED", "note": 1}, ["note", "reason"]),
    ("escalate", {"text": "x" * 10_001, "loud": True}, ["loud", "text"]),
    ("decide", {"decisions": []}, ["decisions"]),
    ("decide", {"decisions": [{"outcome": "MAYBE", "medInfo": [{"dosage": 5}]}]},
     ["decisions[0].medInfo[0].dosage", "decisions[0].medInfo[0].medicine", "decisions[0].outcome",
      "decisions[0].productId"]),
], ids=lambda value: str(value)[:20])  # fmt: skip
async def test_a_body_that_cannot_be_read_names_every_field(started, ada, name, wrong, fields):
    answer = await started.act(ada, name, wrong)
    assert answer.status_code == 400
    assert sorted(problem["field"] for problem in answer.json()["errors"]) == fields
    assert {"type", "title", "status", "detail"} <= set(answer.json())


@pytest.mark.parametrize("name", [name for name, body in BODIES.items() if body is not None])
async def test_no_json_is_400(client, started, ada, name):
    answer = await client.post(url(started.case_id, f"/{name}"), content=b"{", headers=ada.headers)
    assert answer.status_code == 400


async def test_a_case_manager_neither_starts_nor_decides(desk, cleo):
    for name in ("start", "decide"):
        answer = await desk.act(cleo, name, BODIES[name])
        assert (answer.status_code, "cases:decide" in answer.json()["detail"]) == (403, True)


async def test_reading_a_case_as_staff_is_on_record(client, desk, ada, look):
    whole = await desk.read(ada)
    assert UUID(whole["id"]) == desk.case_id
    assert {"orders", "attachments", "calendarEvents", "caseProducts"} <= set(whole)
    reads = await look("SELECT actor_kind, actor_id, reason FROM phi_reads WHERE record_id = %s", desk.case_id)
    assert reads == [("staff", ada.id, "case detail")]
