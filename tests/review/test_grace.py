"""Decisions that are held back: undone in time, taken when due, by whom, and what is told when they cannot be taken."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from carelane.kit import clock
from tests.review.people import acts, decision, employ

LONG_GRACE = 300
SHORT_GRACE = 1
# The worker looks several times a second; the machine may be busy.
DUE_SECONDS = 30


async def settled(desk, person):
    """The held decision once it is over."""
    deadline = asyncio.get_running_loop().time() + DUE_SECONDS
    while True:
        held = await held_of(desk, person)
        if held["status"] != "PENDING":
            return held
        assert asyncio.get_running_loop().time() < deadline, "nobody took the decision"
        await asyncio.sleep(0.1)


async def held_of(desk, person):
    answer = await desk.client.get(f"/api/staff/cases/{desk.case_id}/held-decision", headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def held(product_id, seconds=LONG_GRACE, outcome="APPROVED", **members):
    return {"decisions": [decision(product_id, outcome)], "graceSeconds": seconds, **members}


async def test_nothing_happens_before_the_grace_is_over(pier, started, ada, look):
    before = clock.now()
    answer = await started.done(ada, "decide", held(pier.product_id))
    told = answer["case"]["heldDecision"]
    assert (answer["decisionIds"], answer["case"]["status"]) == ([], "IN_PROGRESS")
    assert (told["by"]["id"], answer["case"]["possibleActs"]) == (str(ada.id), ["comment", "escalate"])
    due = datetime.fromisoformat(told["dueAt"])
    assert timedelta(0) <= due - before - timedelta(seconds=LONG_GRACE) < timedelta(seconds=20)
    assert (await started.read(ada))["decisions"] == []
    why = await started.why(ada)
    assert (why["code"], datetime.fromisoformat(why["nextAt"])) == ("DECISION_HELD", due)
    assert why["waitsFor"] == "the time in which Ada Berg can undo the decision"
    kept = await held_of(started, ada)
    assert (kept["status"], kept["body"]["decisions"][0]["decisionText"]) == ("PENDING", "Reviewed with care")
    ((sealed, row),) = await look(
        "SELECT body_sealed, (p.*)::text FROM pending_decisions p WHERE case_id = %s", started.case_id
    )
    assert b"Reviewed" not in sealed
    assert "Zephyrol" not in row


async def test_it_is_taken_as_the_member_when_it_is_due(pier, started, ada, look):
    await started.done(ada, "decide", held(pier.product_id, SHORT_GRACE))
    over = await settled(started, ada)
    assert (over["status"], over["failure"], over["body"]) == ("TAKEN", None, None)
    assert datetime.fromisoformat(over["endedAt"]) >= datetime.fromisoformat(over["dueAt"])
    whole = await started.read(ada)
    (made,) = whole["decisions"]
    assert (whole["status"], made["addedBy"]["id"], made["medInfo"][0]["medicine"]) == (
        "APPROVED", str(ada.id), "Zephyrol",
    )  # fmt: skip
    assert [act[0] for act in acts(whole)][2:] == ["DECISION_SUBMITTED", "ADD_CASE_DECISION", "CHANGE_CASE_STATUS"]
    actors = await look(
        "SELECT actor_kind, actor_id FROM events WHERE case_id = %s AND type = 'ADD_CASE_DECISION'", started.case_id
    )
    assert actors == [("staff", ada.id)]
    problem = (await started.act(ada, "undo-decision")).json()
    assert (problem["status"], problem["type"]) == (409, "urn:carelane:nothing-to-undo")


async def test_undone_in_time_it_never_was(pier, started, ada):
    await started.done(ada, "decide", held(pier.product_id, SHORT_GRACE))
    case = await started.done(ada, "undo-decision")
    assert (case["status"], case["heldDecision"], "decide" in case["possibleActs"]) == ("IN_PROGRESS", None, True)
    over = await settled(started, ada)
    assert (over["status"], over["body"]["decisions"][0]["medInfo"][0]["medicine"]) == ("UNDONE", "Zephyrol")
    await asyncio.sleep(SHORT_GRACE + 1)
    whole = await started.read(ada)
    assert (whole["decisions"], [act[0] for act in acts(whole)][2:]) == ([], ["DECISION_SUBMITTED", "DECISION_UNDONE"])
    await started.done(ada, "decide", held(pier.product_id, 0))
    assert (await started.read(ada))["status"] == "APPROVED"


async def test_storefronts_hear_nothing_of_what_is_held(pier, started, ada, look):
    await started.done(ada, "decide", held(pier.product_id))
    await started.done(ada, "undo-decision")
    told = "SELECT type, is_quiet, is_restricted FROM events WHERE case_id = %s AND type LIKE 'DECISION_%%' ORDER BY case_sequence"
    assert await look(told, started.case_id) == [("DECISION_SUBMITTED", True, True), ("DECISION_UNDONE", True, True)]


@pytest.mark.parametrize("act", ["assign", "unassign", "start", "ask", "decide", "archive"])
async def test_nobody_moves_the_case_meanwhile(pier, started, ada, ben, act):
    await started.done(ada, "decide", held(pier.product_id))
    bodies = {
        "assign": {"staffId": str(ben.id), "insteadOf": str(ada.id)},
        "ask": {"text": "Does it hurt?"},
        "decide": held(pier.product_id, 0, "REJECTED"),
        "archive": {"reason": "COMPLETE"},
    }
    for person in (ben, ada):
        answer = await started.act(person, act, bodies.get(act))
        assert answer.status_code == 409, answer.text
        assert "Ada Berg has decided on the case, and can undo that until" in answer.json()["detail"]
    await started.done(ben, "comment", {"text": "Seen", "isRestricted": True})


async def test_only_who_decided_undoes_it(pier, started, ada, ben, cleo, dan, stranger):
    await started.done(ada, "decide", held(pier.product_id))
    told = {
        person.name: (await started.act(person, "undo-decision")).status_code for person in (ben, cleo, dan, stranger)
    }
    assert told == {ben.name: 409, cleo.name: 403, dan.name: 403, stranger.name: 404}
    assert "Ada Berg" in (await started.act(ben, "undo-decision")).json()["detail"]
    url = f"/api/staff/cases/{started.case_id}/held-decision"
    for person, status in ((ben, 200), (dan, 403), (stranger, 404)):
        assert (await started.client.get(url, headers=person.headers)).status_code == status
    assert (await started.client.get(url)).status_code == 401
    assert (await started.act(ada, "undo-decision")).status_code == 200


async def test_what_is_wrong_is_said_at_once_and_nothing_is_kept(pier, started, ada, look):
    bad = {"decisions": [decision(pier.product_id, medInfo=[])], "graceSeconds": LONG_GRACE}
    assert (await started.act(ada, "decide", bad)).status_code == 422
    for seconds in (-1, 301, "30", 1.5):
        answer = await started.act(ada, "decide", held(pier.product_id, seconds))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "graceSeconds")
    assert await look("SELECT 1 FROM pending_decisions WHERE case_id = %s", started.case_id) == []
    missing = await started.client.get(f"/api/staff/cases/{started.case_id}/held-decision", headers=ada.headers)
    assert missing.status_code == 404


@pytest.mark.parametrize(("how", "code"), [
    ("licence", "RULE_BROKEN"), ("account", "PERMISSION_DENIED"), ("role", "PERMISSION_DENIED"),
    ("archived", "CASE_STATE"),
])  # fmt: skip
async def test_what_cannot_be_taken_any_more_is_told(services, pier, desk, ada, owner_run, how, code):
    lou = await employ(services, pier, "Lou")
    await desk.done(lou, "start")
    await desk.done(lou, "decide", held(pier.product_id, 2))
    changes = {
        "licence": ("DELETE FROM staff_licenses WHERE staff_id = %s", lou.id),
        "account": ("UPDATE staff SET deactivated_at = now() WHERE id = %s", lou.id),
        "role": ("UPDATE staff SET role = 'SUPPORT' WHERE id = %s", lou.id),
        # By a storefront, which knows nothing of what is held.
        "archived": ("UPDATE cases SET is_archived = true WHERE id = %s", desk.case_id),
    }
    await owner_run(*changes[how])
    over = await settled(desk, ada)
    assert (over["status"], over["failureCode"]) == ("FAILED", code)
    assert over["failure"]
    assert over["body"]["decisions"][0]["outcome"] == "APPROVED"
    whole = await desk.read(ada)
    assert (whole["decisions"], whole["status"]) == ([], "IN_PROGRESS")
    assert acts(whole)[-1] == ("DECISION_NOT_TAKEN", None, code)


async def test_a_second_look_is_needed_when_something_was_added(pier, started, ada, ben):
    version = (await started.done(ada, "escalate", {}))["version"]
    await started.done(ben, "comment", {"text": "Look at the allergies", "isRestricted": True})
    answer = await started.act(ada, "decide", held(pier.product_id, version=version))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:carelane:case-changed")
    now = (await started.done(ada, "deescalate"))["version"]
    assert now > version
    assert (await started.done(ada, "decide", held(pier.product_id, 0, version=now)))["case"]["status"] == "APPROVED"


async def test_the_same_request_twice_holds_it_once(pier, started, ada, look):
    url, headers = f"/api/staff/cases/{started.case_id}/decide", {**ada.headers, "Idempotency-Key": uuid4().hex}
    first, second = [await started.client.post(url, json=held(pier.product_id), headers=headers) for _ in range(2)]
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert await look("SELECT count(*) FROM pending_decisions WHERE case_id = %s", started.case_id) == [(1,)]


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_two_clinicians_at_once_one_decision_and_both_are_told(server, pier, started, ada, ben, look, time):
    """Ada has two windows open, Ben wants the case and decides, too; one decision is held, everybody else hears of it."""
    limits = httpx.Limits(max_connections=12)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as crowd:
        url = f"/api/staff/cases/{started.case_id}/decide"
        calls = [(ada, "APPROVED"), (ben, "APPROVED"), (ada, "REJECTED"), (ben, "REJECTED")] * 3
        answers = await asyncio.gather(*(
            crowd.post(url, json=held(pier.product_id, outcome=outcome), headers=person.headers)
            for person, outcome in calls
        ))  # fmt: skip
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 11}
    assert all("Ada Berg" in answer.json()["detail"] for answer in answers if answer.status_code == 409)
    assert await look("SELECT count(*) FROM pending_decisions WHERE case_id = %s", started.case_id) == [(1,)]


async def test_undone_at_the_moment_it_is_due_it_is_one_or_the_other(server, pier, started, ada):
    due_at = (await started.done(ada, "decide", held(pier.product_id, SHORT_GRACE)))["case"]["heldDecision"]["dueAt"]
    wait = (datetime.fromisoformat(due_at) - datetime.now(UTC)).total_seconds()
    await asyncio.sleep(max(wait - 0.02, 0))
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as crowd:
        url = f"/api/staff/cases/{started.case_id}/undo-decision"
        answers = await asyncio.gather(*(crowd.post(url, headers=ada.headers) for _ in range(8)))
    won = [answer for answer in answers if answer.status_code == 200]
    over, whole = await settled(started, ada), await started.read(ada)
    if won:
        assert (len(won), over["status"], whole["decisions"]) == (1, "UNDONE", [])
    else:
        assert (over["status"], whole["status"], len(whole["decisions"])) == ("TAKEN", "APPROVED", 1)


async def test_a_late_worker_changes_nothing(pier, started, ada, owner_run):
    """Due, and nobody there to take it: it can still be undone."""
    await started.done(ada, "decide", held(pier.product_id))
    await owner_run(
        "UPDATE pending_decisions SET due_at = created_at + interval '1 ms' WHERE case_id = %s", started.case_id
    )
    assert (await started.done(ada, "undo-decision"))["heldDecision"] is None
