"""Leases: the next case, who looks after one, and how that ends."""

import asyncio
from contextlib import asynccontextmanager
from datetime import date, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from carelane.kit import clock
from tests.detail.asking import create_case
from tests.door import Door
from tests.factories.cases import case_body, change_case
from tests.own_clinic import make_clinic
from tests.review.people import LONG, Desk, decision, employ

NEXT = "/api/staff/cases/next"
# Whoever deals the case has begun to look, and does not lock its row before the door opens.
PAUSE = sql.SQL("""
CREATE FUNCTION pause_dealing(case_id uuid) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
  IF case_id = {} AND current_query() LIKE '%SKIP LOCKED%' THEN PERFORM pg_advisory_xact_lock_shared(2410); END IF;
  RETURN true;
END $$;
CREATE POLICY pause_dealing ON cases AS RESTRICTIVE FOR SELECT TO carelane_app USING (pause_dealing(id));
""")


@pytest.fixture
async def quay(services, tmp_path):
    """A clinic whose queue holds only what the test put there."""
    return await make_clinic(services, tmp_path)


@pytest.fixture
async def eve(services, quay):
    return await employ(services, quay, "Eve")


@pytest.fixture
async def oda(services, quay):
    return await employ(services, quay, "Oda")


async def make(client, quay, state=None) -> Desk:
    body = case_body(quay.product_id)
    if state:
        body["user"]["shippingAddress"] |= {"state": state, "postalCode": "43004"}
    return Desk(client, await create_case(client, quay, body))


async def ask_next(client, person, **body):
    answer = await client.post(NEXT, json=body, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["caseId"]


async def lease(client, method, case, person, status=200):
    answer = await client.request(method, f"/api/staff/cases/{case.case_id}/lease", headers=person.headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def entry(client, case, person):
    answer = await client.get("/api/staff/cases", params={"limit": "200"}, headers=person.headers)
    return next(one for one in answer.json()["cases"] if one["id"] == str(case.case_id))


async def test_sixteen_who_ask_at_once_get_sixteen_cases(client, services, quay):
    cases = [await make(client, quay) for _ in range(16)]
    people = [await employ(services, quay, f"Eve{number}") for number in range(16)]
    dealt = await asyncio.gather(*(ask_next(client, person) for person in people))
    assert sorted(dealt) == sorted(str(case.case_id) for case in cases)
    late = await employ(services, quay, "Late")
    assert await ask_next(client, late) is None


async def test_what_runs_out_first_is_dealt_first_and_again_until_it_is_laid_down(client, services, quay, eve, oda):
    first, second = await make(client, quay), await make(client, quay)
    assert await ask_next(client, eve) == str(first.case_id)
    assert await ask_next(client, eve) == str(first.case_id), "what is in hand is not forgotten"
    assert await ask_next(client, oda) == str(second.case_id)
    assert await ask_next(client, eve, insteadOf=str(first.case_id)) is None
    assert await ask_next(client, oda, insteadOf=str(second.case_id)) == str(first.case_id)


async def test_nobody_is_dealt_what_they_cannot_decide(client, services, quay, eve, oda):
    ohio, theirs, asked, done = [await make(client, quay, state) for state in ("OH", None, None, None)]
    await theirs.done(oda, "assign", {"staffId": str(oda.id)})
    await asked.done(eve, "ask", {"text": "How tall are you?"})
    await done.done(eve, "archive", {"reason": "RESOLVED"})
    assert await ask_next(client, eve) is None
    both = await employ(services, quay, "Both", licenses={"OH": LONG, "NY": date(2000, 1, 1)})
    assert await ask_next(client, both) == str(ohio.case_id)
    assert await ask_next(client, oda) == str(theirs.case_id)


@asynccontextmanager
async def dealing_paused(owner_url, case):
    with psycopg.connect(owner_url) as holder, psycopg.connect(owner_url, autocommit=True) as looker:
        looker.execute(PAUSE.format(case.case_id))
        holder.execute("SELECT pg_advisory_xact_lock(2410)")
        try:
            yield Door(holder, looker)
        finally:
            holder.rollback()
            looker.execute("DROP POLICY pause_dealing ON cases")
            looker.execute("DROP FUNCTION pause_dealing")


async def test_a_case_that_is_decided_while_it_is_being_dealt_is_not_dealt(client, quay, eve, owner_url):
    """What the dealer saw of the decisions is older than its lock on the case."""
    case = await make(client, quay)
    await case.done(eve, "start")
    body = {"decisions": [decision(quay.product_id)], "graceSeconds": 300}
    async with dealing_paused(owner_url, case) as door:
        asking = asyncio.create_task(ask_next(client, eve))
        await door.until(1)
        await case.done(eve, "decide", body)
        door.open()
        assert await asking is None
    assert (await entry(client, case, eve))["lease"] is None


async def test_filters_narrow_what_is_dealt(client, quay, eve):
    await make(client, quay)
    assert await ask_next(client, eve, state="OH") is None
    assert await ask_next(client, eve, product=str(uuid4())) is None
    assert await ask_next(client, eve, product=quay.product_id, state="ny") is not None


async def test_a_lease_is_shown_renewed_by_acts_and_over_in_time(client, services, quay, eve, oda):
    case = await make(client, quay)
    assert (await lease(client, "PUT", case, eve))["isMine"]
    shown = (await entry(client, case, oda))["lease"]
    assert shown["staff"]["firstName"] == "Eve"
    other = await lease(client, "PUT", case, oda)
    assert (other["isMine"], other["lease"]["staff"]["firstName"]) == (False, "Eve")
    await ago(services, quay, case, minutes=-1)
    await case.done(eve, "comment", {"text": "Looks fine", "isRestricted": True})
    renewed = (await entry(client, case, oda))["lease"]
    assert renewed["until"] > (clock.now() + timedelta(minutes=10)).isoformat()
    await ago(services, quay, case, minutes=1)
    assert (await entry(client, case, oda))["lease"] is None
    assert (await lease(client, "PUT", case, oda))["isMine"]


async def ago(services, quay, case, minutes):
    await change_case(
        services, UUID(quay.organization_id), case.case_id, lease_ends_at=clock.now() - timedelta(minutes=minutes)
    )


async def test_a_lease_forbids_nothing_and_ends_with_what_it_was_for(client, services, quay, eve, oda):
    case = await make(client, quay)
    await lease(client, "PUT", case, eve)
    await case.done(oda, "start")
    assert (await entry(client, case, oda))["lease"] is None
    await lease(client, "PUT", case, oda)
    assert (await lease(client, "DELETE", case, eve))["lease"]["staff"]["firstName"] == "Oda"
    assert (await lease(client, "DELETE", case, oda)) == {"isMine": False, "lease": None}
    await lease(client, "PUT", case, oda)
    await case.done(oda, "archive", {"reason": "RESOLVED"})
    assert (await lease(client, "PUT", case, oda)) == {"isMine": False, "lease": None}


async def test_claiming_is_an_event_and_renewing_is_none(client, quay, eve, look):
    case = await make(client, quay)
    for _ in range(3):
        await lease(client, "PUT", case, eve)
    await lease(client, "DELETE", case, eve)
    told = await look(
        "SELECT type FROM events WHERE case_id = %s AND type IN ('CASE_CLAIMED', 'CASE_RELEASED') ORDER BY id",
        case.case_id,
    )
    assert told == [("CASE_CLAIMED",), ("CASE_RELEASED",)]


async def test_a_request_that_is_sent_again_deals_the_same_case(client, quay, eve):
    first = await make(client, quay)
    await make(client, quay)
    headers = eve.headers | {"Idempotency-Key": "next-1"}
    answers = [await client.post(NEXT, json={}, headers=headers) for _ in range(2)]
    assert [answer.json()["caseId"] for answer in answers] == [str(first.case_id)] * 2
    assert answers[1].headers["Idempotent-Replayed"] == "true"


async def test_only_those_who_may_decide_are_dealt_cases(client, services, quay, eve, tmp_path):
    case = await make(client, quay)
    manager = await employ(services, quay, "Max", role="CASEMANAGER")
    support = await employ(services, quay, "Sue", role="SUPPORT")
    for person, status in ((manager, 403), (support, 403)):
        assert (await client.post(NEXT, json={}, headers=person.headers)).status_code == status
    assert (await lease(client, "PUT", case, manager))["isMine"]
    await lease(client, "PUT", case, support, 403)
    assert (await client.post(NEXT, json={})).status_code == 401
    assert (await client.post(NEXT, json={}, headers={"Authorization": "Bearer nobody"})).status_code == 401
    other = await make_clinic(services, tmp_path)
    stranger = await employ(services, other, "Stranger")
    await lease(client, "PUT", case, stranger, 404)
    await lease(client, "DELETE", case, stranger, 404)
    assert await ask_next(client, stranger) is None
    for body in ({"insteadOf": "x"}, {"product": 7}, {"state": ""}, {"more": 1}):
        assert (await client.post(NEXT, json=body, headers=eve.headers)).status_code == 400, body
