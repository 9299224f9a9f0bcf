"""Sending over real HTTP by the real worker: order, retries, receivers that are slow, gone or elsewhere."""

import asyncio
import time
from functools import partial
from uuid import UUID, uuid4

import pytest

from carelane.processes import schedule
from carelane.webhooks.actions import Message
from carelane.webhooks.sending import jobs as sending
from tests.detail.asking import create_case
from tests.own_clinic import make_clinic
from tests.receiver import Behaviour
from tests.webhooks.cast import happen, until

URL = "/api/staff/webhook-endpoints"


async def delivery(client, admin, hooked, **query):
    answer = await client.get(f"{URL}/{hooked.id}/deliveries", params=query, headers=admin)
    assert answer.status_code == 200, answer.text
    return (answer.json()["deliveries"] or [None])[0]


async def attempts(client, admin, delivery_id):
    answer = await client.get(f"/api/staff/webhook-deliveries/{delivery_id}", headers=admin)
    return answer.json()["attempts"]


async def status_becomes(client, admin, hooked, status):
    async def look():
        found = await delivery(client, admin, hooked)
        return found if found and found["status"] == status else None

    return await until(look)


async def test_an_event_is_delivered_once_and_its_attempt_is_on_record(client, clinic, admin, hook, receiver):
    hooked = await hook()
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE")
    done = await status_becomes(client, admin, hooked, "DELIVERED")
    assert (done["event"], done["attempts"], done["nextAttemptAt"]) == ("CREATE_CASE", 1, None)
    (attempt,) = await attempts(client, admin, done["id"])
    assert (attempt["number"], attempt["httpStatus"], attempt["failure"]) == (1, 200, None)
    assert len(receiver.at(hooked.path)) == 1


async def test_what_fails_is_tried_again_under_the_same_id(client, clinic, admin, hook, receiver):
    hooked = await hook()
    receiver.behave(
        hooked.path, Behaviour(status=500), Behaviour(drop=True), Behaviour(status=302, headers={"location": "/"})
    )
    await create_case(client, clinic)
    requests = await hooked.gets("CREATE_CASE", 4)
    assert len({request.headers["webhook-id"] for request in requests}) == 1
    done = await status_becomes(client, admin, hooked, "DELIVERED")
    made = await attempts(client, admin, done["id"])
    assert [attempt["failure"] for attempt in made] == ["refused", "no answer", "redirect", None]
    assert [attempt["httpStatus"] for attempt in made] == [500, None, 302, 200]
    assert receiver.at("/") == []


async def test_the_order_within_a_case_holds_although_the_first_attempt_fails(client, clinic, hook, receiver, services):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=500, times=3))
    case_id = await create_case(client, clinic)
    organization_id = UUID(clinic.organization_id)
    for name in ("ESCALATE_CASE", "DEESCALATE_CASE", "ARCHIVE_CASE"):
        await happen(services, organization_id, case_id, type=name)
    await hooked.gets("ARCHIVE_CASE")
    names = receiver.events_at(hooked.path)
    assert names == ["CREATE_CASE"] * 4 + ["ESCALATE_CASE", "DEESCALATE_CASE", "ARCHIVE_CASE"]
    assert [request.json["sequence"] for request in receiver.at(hooked.path)][3:] == [1, 2, 3, 4]


async def test_events_of_one_act_arrive_in_their_order(client, clinic, hook, receiver, services):
    hooked = await hook()
    case_id = await create_case(client, clinic)
    names = ["CHANGE_CASE_STATUS", "ADD_CASE_ASSIGNEE", "ESCALATE_CASE", "DEESCALATE_CASE"] * 3
    await happen(services, UUID(clinic.organization_id), case_id, *({"type": name} for name in names))
    await hooked.gets("DEESCALATE_CASE", 3)
    assert receiver.events_at(hooked.path) == ["CREATE_CASE", *names]


async def test_after_five_failures_of_one_event_the_next_goes_ahead(client, clinic, hook, receiver, services, owner):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=500, times=5))
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, type="ESCALATE_CASE")
    await hooked.gets("CREATE_CASE", 3)
    # Not to wait for real: the next attempts are due now.
    for count in (4, 5):
        await owner(
            "UPDATE webhook_deliveries SET next_attempt_at = now() WHERE endpoint_id = %s AND attempts > 0 AND claim_id IS NULL",
            hooked.id,
        )
        await hooked.gets("CREATE_CASE", count)
    await hooked.gets("ESCALATE_CASE")
    assert receiver.events_at(hooked.path) == ["CREATE_CASE"] * 5 + ["ESCALATE_CASE"]


async def test_a_receiver_that_hangs_holds_up_no_other(client, clinic, hook, receiver):
    hanging, well = await hook(), await hook()
    receiver.behave(hanging.path, Behaviour(delay_seconds=1.5, times=1000))
    cases = [await create_case(client, clinic) for _ in range(40)]
    started = time.monotonic()
    await well.gets("CREATE_CASE", len(cases), seconds=10)
    assert time.monotonic() - started < 5
    assert len(receiver.at(hanging.path)) < len(cases)


async def test_a_receiver_that_answers_too_late_has_failed(client, clinic, admin, hook, receiver):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(delay_seconds=5))
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE", 2)
    done = await status_becomes(client, admin, hooked, "DELIVERED")
    assert (await attempts(client, admin, done["id"]))[0]["failure"] == "no answer"


async def test_any_2xx_is_delivered_whatever_its_body_does(client, clinic, admin, hook, receiver):
    for status in (200, 202, 226):
        hooked = await hook()
        receiver.behave(hooked.path, Behaviour(status=status, body_bytes=10**12, times=5))
        await create_case(client, clinic)
        done = await status_becomes(client, admin, hooked, "DELIVERED")
        (attempt,) = await attempts(client, admin, done["id"])
        assert (attempt["httpStatus"], attempt["failure"]) == (status, None)
        assert attempt["durationMilliseconds"] < 2_000


async def test_a_query_is_sent_as_it_was_written(client, clinic, hook, receiver):
    query = "?to=%2Fa%2Fb&plus=a+b&tilde=%7e&empty="
    path = f"/{uuid4().hex}"
    hooked = (await hook(url=receiver.url + path + query))._replace(path=path)
    await create_case(client, clinic)
    assert (await hooked.gets("CREATE_CASE"))[0].target == path + query


async def test_a_result_whose_claim_was_lost_moves_nothing(client, clinic, admin, hook, receiver, owner):
    """As when a worker was suspended while it sent, and another has the delivery by now."""
    hooked, other_claim = await hook(), uuid4()
    for status in (200, 500):
        receiver.behave(hooked.path, Behaviour(status=status, delay_seconds=1))
        before = len(receiver.at(hooked.path))
        await create_case(client, clinic)
        await hooked.gets("CREATE_CASE", before + 1)
        ((delivery_id, due_at),) = await owner(
            "UPDATE webhook_deliveries SET claim_id = %s, next_attempt_at = now() + interval '1 hour' "
            "WHERE endpoint_id = %s AND claim_id IS NOT NULL AND claim_id <> %s RETURNING id, next_attempt_at",
            other_claim,
            hooked.id,
            other_claim,
        )
        (attempt,) = await until(partial(attempts, client, admin, str(delivery_id)))
        assert attempt["httpStatus"] == status
        statement = "SELECT status, claim_id, next_attempt_at, delivered_at FROM webhook_deliveries WHERE id = %s"
        assert await owner(statement, delivery_id) == [("PENDING", other_claim, due_at, None)]


@pytest.mark.parametrize(
    ("planned", "is_recalled"),
    [
        ("claim_id = gen_random_uuid(), next_attempt_at = now() + interval '5 minutes'", True),
        ("claim_id = gen_random_uuid(), next_attempt_at = now() + interval '30 seconds'", False),
        ("claim_id = NULL, next_attempt_at = now() + interval '2 days'", True),
        ("claim_id = NULL, next_attempt_at = now() + interval '26 hours'", False),
    ],
)
async def test_what_a_clock_that_was_ahead_put_off_is_recalled(
    client, clinic, hook, receiver, services, owner, planned, is_recalled
):
    """No lease begins in the future, and no wait is longer than a day and its jitter."""
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=500, times=2))
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE", 2)
    waiting = f"UPDATE webhook_deliveries SET {planned} WHERE endpoint_id = %s AND claim_id IS NULL RETURNING id"
    ((delivery_id,),) = await until(partial(owner, waiting, hooked.id))
    await schedule.recall_what_is_ahead(services)
    ((is_due,),) = await owner("SELECT next_attempt_at <= now() FROM webhook_deliveries WHERE id = %s", delivery_id)
    if is_recalled:
        await hooked.gets("CREATE_CASE", 3)
    else:
        assert not is_due


async def test_a_receiver_that_is_not_there_is_no_connection(client, clinic, admin, hook):
    hooked = await hook(url="http://127.0.0.1:9/nobody")
    await create_case(client, clinic)

    async def look():
        found = await delivery(client, admin, hooked)
        return await attempts(client, admin, found["id"]) if found else None

    made = await until(look)
    assert (made[0]["failure"], made[0]["httpStatus"]) == ("no connection", None)


async def test_retry_after_puts_the_next_attempt_off(client, clinic, admin, hook, receiver):
    hooked = await hook()
    receiver.behave(hooked.path, Behaviour(status=429, headers={"retry-after": "2"}))
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE", 1)
    started = time.monotonic()
    await hooked.gets("CREATE_CASE", 2)
    assert 1.5 < time.monotonic() - started < 5


async def test_retry_after_that_asks_for_less_shortens_nothing(client, clinic, admin, hook, receiver):
    hooked = await hook()
    asked = ("0", "Wed, 21 Oct 2015 07:28:00 GMT", "1")
    receiver.behave(hooked.path, *(Behaviour(status=503, headers={"retry-after": each}) for each in asked))
    await create_case(client, clinic)
    await hooked.gets("CREATE_CASE", 3)
    await asyncio.sleep(1)
    # Ours are 0.1, 0.6 and 2.4 seconds.
    assert len(receiver.at(hooked.path)) == 3
    await hooked.gets("CREATE_CASE", 4)
    found = await status_becomes(client, admin, hooked, "DELIVERED")
    assert len(await attempts(client, admin, found["id"])) == 4


async def test_a_name_that_resolves_to_a_private_address_is_refused_when_connecting(services, receiver):
    """`services` of the tests may reach no private network."""
    port = receiver.url.rpartition(":")[2]
    for host in ("localhost", "127.0.0.1", "[::1]", "169.254.169.254"):
        outcome = await sending.send_message(services, Message(f"http://{host}:{port}/rebound", {}, b"{}"))
        assert (outcome.failure, outcome.http_status) == ("private address", None), host
    assert receiver.at("/rebound") == []


async def test_only_the_events_an_endpoint_asked_for_are_sent(client, clinic, hook, receiver, services):
    some, every = await hook(events=["ESCALATE_CASE"]), await hook()
    case_id = await create_case(client, clinic)
    await happen(services, UUID(clinic.organization_id), case_id, type="ESCALATE_CASE")
    await every.gets("ESCALATE_CASE")
    await some.gets("ESCALATE_CASE")
    assert receiver.events_at(some.path) == ["ESCALATE_CASE"]


async def test_another_clinics_events_are_not_sent(client, clinic, hook, receiver, services, tmp_path):
    hooked = await hook()
    other = await make_clinic(services, tmp_path)
    theirs = await create_case(client, other)
    ours = await create_case(client, clinic)
    (request,) = await hooked.gets("CREATE_CASE")
    assert request.json["payload"]["case"]["id"] == str(ours)
    assert str(theirs) not in str(receiver.at(hooked.path))
