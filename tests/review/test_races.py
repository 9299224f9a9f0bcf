"""Several people at the same moment: one wins, the others are told who has the case."""

import asyncio
from collections import Counter

import httpx
import pytest

from tests.review.people import acts, decision

CALLERS = 20


@pytest.fixture
async def all_at_once(server):
    """The answers to the same act, sent by each of the callers on a connection of its own, together."""
    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as crowd:

        async def send(desk, name, calls):
            url = f"/api/staff/cases/{desk.case_id}/{name}"
            sent = (crowd.post(url, json=body, headers=person.headers) for person, body in calls)
            return await asyncio.gather(*sent)

        yield send


def one_won(answers):
    """The winner's answer, and what the others were told."""
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: len(answers) - 1}
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    return won, [answer.json()["detail"] for answer in answers if answer.status_code == 409]


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_two_start_at_once(all_at_once, desk, ada, ben, time):
    won, told = one_won(await all_at_once(desk, "start", [(ada, None), (ben, None)] * (CALLERS // 2)))
    name = won["inProgressBy"]["firstName"]
    assert all(f"{name} Berg" in detail for detail in told)
    assert [act[0] for act in acts(await desk.read(ada))] == ["ADD_CASE_ASSIGNEE", "CHANGE_CASE_STATUS"]


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_two_assign_at_once(all_at_once, desk, ada, ben, cleo, time):
    wanted = [(cleo, {"staffId": str(ada.id)}), (ada, {"staffId": str(ben.id)})] * (CALLERS // 2)
    won, told = one_won(await all_at_once(desk, "assign", wanted))
    name = won["assignedTo"]["firstName"]
    assert all(f"{name} Berg" in detail for detail in told)
    whole = await desk.read(ada)
    assert (len(whole["assignees"]), len(acts(whole))) == (1, 1)


@pytest.mark.parametrize("time", [1, 2, 3])
async def test_two_decide_at_once(all_at_once, pier, started, ada, ben, look, time):
    """Ada has the case in hand and two windows open, one that approves and one that rejects; Ben has neither."""
    approve, reject = ({"decisions": [decision(pier.product_id, outcome)]} for outcome in ("APPROVED", "REJECTED"))
    calls = [(ada, approve), (ben, approve), (ada, reject), (ben, reject)] * (CALLERS // 4)
    won, told = one_won(await all_at_once(started, "decide", calls))
    assert all("Ada Berg" in detail for detail in told)
    whole = await started.read(ada)
    (made,) = whole["decisions"]
    assert whole["status"] == won["case"]["status"] == ("APPROVED" if made["isApproved"] else "REJECTED")
    assert [act[0] for act in acts(whole)][2:] == ["ADD_CASE_DECISION", "CHANGE_CASE_STATUS"]
    stored = "SELECT count(*) FROM decision_medications m JOIN decisions d ON d.id = m.decision_id WHERE d.case_id = %s"
    assert await look(stored, started.case_id) == [(1 if made["isApproved"] else 0,)]


async def test_two_products_are_decided_at_once_and_the_case_moves_once(all_at_once, pier, drops, both, ada):
    calls = [(ada, {"decisions": [decision(product)]}) for product in (pier.product_id, drops)]
    answers = await all_at_once(both, "decide", calls)
    assert [answer.status_code for answer in answers] == [200, 200]
    told = [act[0] for act in acts(await both.read(ada))][2:]
    assert told == ["ADD_CASE_DECISION", "ADD_CASE_DECISION", "CHANGE_CASE_STATUS"]


async def test_a_case_is_taken_away_while_it_is_decided(all_at_once, pier, started, ada, ben, cleo):
    """Either the decision was first, or it is refused: never both by halves."""
    taken = all_at_once(started, "assign", [(cleo, {"staffId": str(ben.id), "insteadOf": str(ada.id)})])
    decided = all_at_once(started, "decide", [(ada, {"decisions": [decision(pier.product_id)]})])
    (assign,), (decide,) = await asyncio.gather(taken, decided)
    assert sorted((assign.status_code, decide.status_code)) == [200, 409]
    whole = await started.read(ada)
    assert (whole["status"], len(whole["decisions"])) == (
        ("APPROVED", 1) if decide.status_code == 200 else ("ASSIGNED", 0)
    )


async def test_twenty_comments_at_once_are_all_kept_and_numbered(all_at_once, desk, ada, look):
    answers = await all_at_once(desk, "comment", [(ada, {"text": "Hello", "isRestricted": False})] * CALLERS)
    assert {answer.status_code for answer in answers} == {200}
    numbers = await look("SELECT case_sequence FROM events WHERE case_id = %s ORDER BY 1", desk.case_id)
    assert [number for (number,) in numbers] == list(range(1, CALLERS + 2))


async def test_archiving_twice_at_once_happens_once(all_at_once, desk, cleo):
    _, told = one_won(await all_at_once(desk, "archive", [(cleo, {"reason": "COMPLETE"})] * CALLERS))
    assert set(told) == {"the case is archived (COMPLETE); possible now: reopen"}
