"""GET /api/v1/events: the same events as webhooks carry, in one order without gaps."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tests.detail.asking import create_case
from tests.factories.conversations import comment
from tests.own_clinic import make_clinic
from tests.webhooks.cast import happen, until

URL = "/api/v1/events"


async def ask(client, clinic, **query):
    answer = await client.get(URL, params=query, headers=clinic.key)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def read_all(client, clinic, after=0, limit=7):
    """Every event behind a position, page by page, and the position after them."""
    events = []
    while True:
        page = await ask(client, clinic, after=after, limit=limit)
        assert len(page["events"]) <= limit
        events += page["events"]
        after = page["after"]
        if not page["hasMore"]:
            return events, after


async def dispatched(client, clinic, count):
    async def look():
        events, _ = await read_all(client, clinic)
        return events if len(events) >= count else None

    return await until(look)


async def test_an_event_is_as_a_webhook_with_only_event_data_carries_it(client, clinic, hook, services):
    hooked = await hook(payload="EVENT_ONLY", events=["ADD_CASE_COMMENT"])
    case_id = await create_case(client, clinic)
    organization_id = UUID(clinic.organization_id)
    comment_id = await comment(services, organization_id, case_id, "Take two")
    await happen(services, organization_id, case_id, type="ADD_CASE_COMMENT", target_id=comment_id)
    first, second = await dispatched(client, clinic, 2)
    (request,) = await hooked.gets("ADD_CASE_COMMENT")
    assert second.pop("position") > first["position"]
    assert second == request.json
    assert second["payload"]["comment"]["text"] == "Take two"
    assert "comment" not in first["payload"]


async def test_the_envelope_is_the_dialects(client, clinic):
    answer = await client.get(URL, headers=clinic.key)
    assert answer.json() == {"status": 200, "success": True, "data": {"events": [], "after": 0, "hasMore": False}}


async def test_it_is_gap_free_while_many_write(client, clinic, services):
    """A reader that goes on from the last position it saw gets each event once, in the order of each case."""
    organization_id = UUID(clinic.organization_id)
    cases = [await create_case(client, clinic) for _ in range(6)]
    writing = asyncio.gather(*(write(services, organization_id, case_id) for case_id in cases))
    seen, after = [], 0
    while len(seen) < 6 * 11:
        page = await ask(client, clinic, after=after, limit=5)
        assert page["after"] >= after
        seen += page["events"]
        after = page["after"]
        if writing.done() and not page["hasMore"]:
            await dispatched(client, clinic, 6 * 11)
    await writing
    positions = [event["position"] for event in seen]
    assert positions == sorted(set(positions))
    assert len({event["id"] for event in seen}) == 66
    for case_id in cases:
        of_case = [event["sequence"] for event in seen if event["payload"]["case"]["id"] == str(case_id)]
        assert of_case == list(range(1, 12))


async def write(services, organization_id, case_id):
    for number in range(5):
        await happen(services, organization_id, case_id, {"type": "ESCALATE_CASE"}, {"type": "DEESCALATE_CASE"})
        await asyncio.sleep(0.02 * number)


async def test_latest_is_the_end_of_the_feed(client, clinic):
    await create_case(client, clinic)
    (event,) = await dispatched(client, clinic, 1)
    page = await ask(client, clinic, after="latest")
    assert page == {"events": [], "after": event["position"], "hasMore": False}


async def test_what_happens_to_endpoints_is_not_in_it(client, clinic, admin, hook):
    hooked = await hook()
    await client.post(f"/api/staff/webhook-endpoints/{hooked.id}/test", headers=admin)
    await create_case(client, clinic)
    await hooked.gets("WEBHOOK_TEST")
    events = await dispatched(client, clinic, 1)
    assert [event["event"] for event in events] == ["CREATE_CASE"]


async def test_another_clinics_events_are_not_in_it(client, clinic, services, tmp_path):
    other = await make_clinic(services, tmp_path)
    theirs = await create_case(client, other)
    ours = await create_case(client, clinic)
    (event,) = await dispatched(client, clinic, 1)
    assert event["payload"]["case"]["id"] == str(ours)
    assert str(theirs) not in str(event)


async def test_who_read_it_is_on_record(client, clinic, owner):
    case_id = await create_case(client, clinic)
    await dispatched(client, clinic, 1)
    reads = await owner("SELECT DISTINCT actor_kind, reason FROM phi_reads WHERE record_id = %s", case_id)
    assert reads == [("key", "event feed")]


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [({}, 401, "UNAUTHORIZED"), ({"cv-api-key": f"cvk_{uuid4().hex}"}, 401, "UNAUTHORIZED"),
     ({"authorization": "Bearer cvt_x"}, 401, "UNAUTHORIZED")],
)  # fmt: skip
async def test_without_a_good_key_it_is_closed(client, headers, status, code):
    answer = await client.get(URL, headers=headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["success"]) == (status, code, False)


async def test_a_key_without_the_scope_is_403(client, clinic):
    answer = await client.get(URL, headers=clinic.catalog_only)
    assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    ("query", "field"),
    [({"after": "-1"}, "after"), ({"after": "last"}, "after"), ({"after": str(2**63)}, "after"), ({"after": "9" * 400}, "after"),
     ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"limit": ""}, "limit"), ({"limit": "²"}, "limit")],
)  # fmt: skip
async def test_a_wrong_question_is_named(client, clinic, query, field):
    answer = await client.get(URL, params=query, headers=clinic.key)
    body = answer.json()
    assert (answer.status_code, body["code"], body["errors"][0]["field"]) == (400, "VALIDATION_ERROR", field)
