"""Deliveries as staff see them: lists, replays one by one and by range, the test event."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.detail.asking import create_case
from tests.receiver import Behaviour
from tests.webhooks.cast import happen, until

URL = "/api/staff/webhook-endpoints"
DELIVERIES = "/api/staff/webhook-deliveries"


def span(**members):
    now = datetime.now(UTC)
    return {"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(hours=1)).isoformat()} | members


async def listed(client, admin, hooked, **query):
    answer = await client.get(f"{URL}/{hooked.id}/deliveries", params=query, headers=admin)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def settled(client, admin, hooked, count):
    async def look():
        found = (await listed(client, admin, hooked, status="DELIVERED", limit="100"))["deliveries"]
        return found if len(found) == count else None

    return await until(look)


@pytest.fixture
async def busy(client, clinic, admin, hook, services):
    """An endpoint that got five events of one case."""
    hooked = await hook()
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, *[{"type": "ESCALATE_CASE"}] * 4)
    await settled(client, admin, hooked, 5)
    return hooked


async def test_the_list_is_paged_without_gaps_or_repetitions(client, admin, busy):
    seen, before = [], {}
    while True:
        page = await listed(client, admin, busy, limit="2", **before)
        seen += page["deliveries"]
        assert len(page["deliveries"]) <= 2
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    assert len({entry["id"] for entry in seen}) == len(seen) == 5
    assert [entry["createdAt"] for entry in seen] == sorted((entry["createdAt"] for entry in seen), reverse=True)


async def test_the_list_is_filtered_by_status(client, admin, busy):
    assert len((await listed(client, admin, busy, status="DELIVERED"))["deliveries"]) == 5
    for status in ("PENDING", "FAILED", "CANCELED"):
        assert (await listed(client, admin, busy, status=status))["deliveries"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [({"status": "LOST"}, "status"), ({"before": "x"}, "before"), ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"),
     ({"limit": "9" * 30}, "limit"), ({"limit": "ten"}, "limit")],
)  # fmt: skip
async def test_a_wrong_question_is_named(client, admin, busy, query, field):
    answer = await client.get(f"{URL}/{busy.id}/deliveries", params=query, headers=admin)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


async def test_no_answer_holds_health_information(client, admin, busy):
    shown = (await listed(client, admin, busy))["deliveries"]
    answers = [await client.get(f"{DELIVERIES}/{entry['id']}", headers=admin) for entry in shown]
    text = "".join(answer.text for answer in answers)
    for word in ("Iris", "Marker", "138 lbs", "patient.example"):
        assert word not in text


async def test_one_is_replayed_under_the_same_id(client, admin, busy, receiver):
    shown = (await listed(client, admin, busy))["deliveries"]
    (first,) = [entry for entry in shown if entry["event"] == "CREATE_CASE"]
    again = await client.post(f"{DELIVERIES}/{first['id']}/replay", headers=admin)
    assert again.status_code == 202
    assert (again.json()["replayOfId"], again.json()["eventId"]) == (first["id"], first["eventId"])
    one, two = await busy.gets("CREATE_CASE", 2)
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    # The case may have changed since; what the event itself is has not.
    assert [one.json[name] for name in ("id", "sequence", "timestamp")] == [
        two.json[name] for name in ("id", "sequence", "timestamp")
    ]


async def test_a_replay_of_a_replay_repeats_the_first(client, admin, busy):
    (*_, first) = (await listed(client, admin, busy))["deliveries"]
    one = (await client.post(f"{DELIVERIES}/{first['id']}/replay", headers=admin)).json()
    two = (await client.post(f"{DELIVERIES}/{one['id']}/replay", headers=admin)).json()
    assert two["replayOfId"] == first["id"]


async def test_a_range_is_replayed(client, admin, busy, receiver):
    answer = await client.post(f"{URL}/{busy.id}/replay", json=span(), headers=admin)
    assert (answer.status_code, answer.json()) == (202, {"replayed": 5})
    await settled(client, admin, busy, 10)
    assert len(receiver.at(busy.path)) == 10
    # Replays are not replayed again with the range that they fall into.
    answer = await client.post(f"{URL}/{busy.id}/replay", json=span(status="DELIVERED"), headers=admin)
    assert answer.json() == {"replayed": 5}


async def test_a_range_is_bound_by_time_and_status(client, admin, busy):
    early = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
    for body in (early, span(status="FAILED")):
        answer = await client.post(f"{URL}/{busy.id}/replay", json=body, headers=admin)
        assert answer.json() == {"replayed": 0}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, 422, "to"),
        ({"from": "2026-01-02T00:00:00", "to": "2026-01-03T00:00:00Z"}, 400, "from"),
        ({"from": "2026-01-02T00:00:00Z"}, 400, "to"),
        ({"from": "yesterday", "to": "2026-01-03T00:00:00Z"}, 400, "from"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-03T00:00:00Z", "status": "LOST"}, 400, "status"),
    ],
)
async def test_a_range_that_is_none_is_named(client, admin, busy, body, status, field):
    answer = await client.post(f"{URL}/{busy.id}/replay", json=body, headers=admin)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field)


async def test_a_range_of_more_than_ten_thousand_is_refused_and_nothing_is_replayed(client, admin, hook, clinic, owner):
    hooked = await hook(events=["REOPEN_CASE"])
    await create_case(client, clinic)
    await owner(
        "WITH e AS (INSERT INTO events (organization_id, id, type, actor_kind, dispatched_at) "
        "SELECT %s, gen_random_uuid(), 'REOPEN_CASE', 'system', now() FROM generate_series(1, 10001) RETURNING id) "
        "INSERT INTO webhook_deliveries (organization_id, endpoint_id, event_id, status, next_attempt_at) "
        "SELECT %s, %s, id, 'CANCELED', null FROM e",
        clinic.organization_id,
        clinic.organization_id,
        hooked.id,
    )
    answer = await client.post(f"{URL}/{hooked.id}/replay", json=span(), headers=admin)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "to")
    count = "SELECT count(*) FROM webhook_deliveries WHERE endpoint_id = %s AND replay_of_id IS NOT NULL"
    assert await owner(count, hooked.id) == [(0,)]


async def test_a_test_event_goes_to_its_endpoint_alone(client, admin, hook, receiver):
    one, other = await hook(), await hook()
    answer = await client.post(f"{URL}/{one.id}/test", headers=admin)
    assert (answer.status_code, answer.json()["event"]) == (202, "WEBHOOK_TEST")
    (request,) = await one.gets("WEBHOOK_TEST")
    assert request.json["payload"]["endpoint"] == {"id": one.id}
    await settled(client, admin, one, 1)
    assert receiver.at(other.path) == []


async def test_what_is_switched_off_gets_nothing_until_it_is_switched_on(client, clinic, admin, hook, receiver):
    hooked, other = await hook(), await hook()
    await client.delete(f"{URL}/{hooked.id}", headers=admin)
    await create_case(client, clinic)
    await other.gets("CREATE_CASE")
    assert (await client.post(f"{URL}/{hooked.id}/test", headers=admin)).status_code == 409
    assert (await client.post(f"{URL}/{hooked.id}/replay", json=span(), headers=admin)).status_code == 409
    assert (await listed(client, admin, hooked))["deliveries"] == []
    await client.post(f"{URL}/{hooked.id}/enable", headers=admin)
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE")
    assert len(receiver.at(hooked.path)) == 1


async def test_switching_off_calls_off_what_waits_and_a_range_brings_it_back(client, clinic, admin, hook, receiver):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=503, headers={"retry-after": "3600"}))
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE")
    await until(lambda: waiting(client, admin, hooked))
    await client.delete(f"{URL}/{hooked.id}", headers=admin)
    (canceled,) = (await listed(client, admin, hooked))["deliveries"]
    assert (canceled["status"], canceled["nextAttemptAt"]) == ("CANCELED", None)
    again = f"{DELIVERIES}/{canceled['id']}/replay"
    assert (await client.post(again, headers=admin)).status_code == 409
    await client.post(f"{URL}/{hooked.id}/enable", headers=admin)
    answer = await client.post(f"{URL}/{hooked.id}/replay", json=span(status="CANCELED"), headers=admin)
    assert answer.json() == {"replayed": 1}
    await hooked.gets("CREATE_CASE", 2)


async def waiting(client, admin, hooked):
    """Whether the failed attempt is on record."""
    (entry,) = (await listed(client, admin, hooked))["deliveries"]
    return (await client.get(f"{DELIVERIES}/{entry['id']}", headers=admin)).json()["attempts"]
