"""GET /api/staff/messages and POST /api/staff/messages/{id}/retry."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit import clock
from carelane.kit.ids import uuid7
from tests.factories.rows import update_row
from tests.messages.cast import new_message, queue_message, settled
from tests.own_clinic import make_clinic
from tests.review.people import employ

PATH = "/api/staff/messages"
EVENTS = "SELECT type, actor_kind, target_id FROM events WHERE organization_id = %s AND type = 'MESSAGE_RETRIED'"


def later():
    return clock.now() + timedelta(days=1)


async def failed_message(world, own, **columns):
    """One that was given up."""
    (message_id,) = await queue_message(
        world.services, own, new_message(f"{own.tenant}@clinic.example", due_at=later())
    )
    failed = {"status": "FAILED", "attempts": 8, "failure": "SMTPDataError 451", "due_at": None}
    failed |= {"settled_at": clock.now()} | columns
    await update_row(world.services, UUID(own.organization_id), "messages", message_id, **failed)
    return message_id


async def listed(world, headers, **params):
    answer = await world.client.get(PATH, params=params, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_without_a_session_or_with_a_wrong_one(world, own):
    message_id = await failed_message(world, own)
    for headers in ({}, {"Authorization": "Bearer cvt_wrong"}, own.key):
        assert (await world.client.get(PATH, headers=headers)).status_code == 401
        assert (await world.client.post(f"{PATH}/{message_id}/retry", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("role", "retries"), [("ADMIN", 200), ("CASEMANAGER", 200), ("CASEWORKER", 403), ("SUPPORT", 200)]
)
async def test_who_may_see_and_who_may_send_again(world, own, role, retries):
    message_id = await failed_message(world, own)
    person = await employ(world.services, own, "Vera", role=role)
    assert len((await listed(world, person.headers))["messages"]) == 1
    answer = await world.client.post(f"{PATH}/{message_id}/retry", headers=person.headers)
    assert answer.status_code == retries


async def test_another_clinics_message_is_as_unknown_as_one_that_is_not_there(world, own, tmp_path):
    message_id = await failed_message(world, own)
    other = await make_clinic(world.services, tmp_path)
    stranger = (await employ(world.services, other, "Wanda", role="ADMIN")).headers
    assert await listed(world, stranger) == {"messages": [], "next": None}
    answers = [
        await world.client.post(f"{PATH}/{one}/retry", headers=stranger) for one in (message_id, uuid4(), "no-uuid")
    ]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert len({answer.json()["title"] for answer in answers}) == 1
    assert (await settled(world, own, message_id))[0] == "FAILED"


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"recordId": "x"}, "recordId"),
        ({"after": "x"}, "after"),
        ({"status": "LOST"}, "status"),
        ({"limit": "0"}, "limit"),
    ],
)
async def test_a_parameter_that_cannot_be_read_is_named(world, admin, params, field):
    answer = await world.client.get(PATH, params=params, headers=admin)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_the_list_shows_how_each_stands_and_not_what_it_says(world, own, admin):
    message_id = await failed_message(world, own)
    ((shown,), following) = (await listed(world, admin)).values()
    assert following is None
    assert (shown["id"], shown["kind"], shown["channel"]) == (str(message_id), "CASE_CREATED", "MAIL")
    assert (shown["status"], shown["attempts"], shown["failure"]) == ("FAILED", 8, "SMTPDataError 451")
    assert shown["recipient"] == f"{own.tenant[0]}***@clinic.example"
    assert (shown["recordKind"], shown["dueAt"]) == ("case", None)
    assert "There is a new case" not in str(shown)


async def test_the_list_is_narrowed_and_paged(world, own, admin):
    failed = await failed_message(world, own)
    record_id = uuid7()
    queued = [new_message(record_id=record_id, due_at=later()) for _ in range(3)]
    sms = new_message("+15550100123", channel="SMS", due_at=later())
    ids = [str(one) for one in await queue_message(world.services, own, *queued, sms)]
    everything = (await listed(world, admin))["messages"]
    assert [message["id"] for message in everything] == [*sorted(ids, reverse=True), str(failed)]
    assert {m["recipient"] for m in everything if m["channel"] == "SMS"} == {"***0123"}
    assert [m["id"] for m in (await listed(world, admin, status="FAILED"))["messages"]] == [str(failed)]
    assert len((await listed(world, admin, status=["FAILED", "QUEUED"]))["messages"]) == 5
    of_record = {"recordId": str(record_id), "limit": 2}
    first = await listed(world, admin, **of_record)
    second = await listed(world, admin, **of_record, after=first["next"])
    assert [len(page["messages"]) for page in (first, second)] == [2, 1]
    assert second["next"] is None
    assert {m["recordId"] for page in (first, second) for m in page["messages"]} == {str(record_id)}


async def test_a_failed_message_is_sent_again_and_the_act_recorded(world, own, admin):
    message_id = await failed_message(world, own)
    answer = await world.client.post(f"{PATH}/{message_id}/retry", headers=admin)
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["attempts"], answer.json()["settledAt"]) == ("QUEUED", 0, None)
    status, attempts, failure, *_ = await settled(world, own, message_id)
    assert (status, attempts, failure) == ("SENT", 1, None)
    assert len(world.mails_to(f"{own.tenant}@clinic.example")) == 1
    assert await world.rows(own, EVENTS) == [("MESSAGE_RETRIED", "staff", message_id)]


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"status": "SENT"}, "SENT"),
        ({"status": "CANCELED"}, "CANCELED"),
        ({"status": "QUEUED", "due_at": "2199-01-01", "settled_at": None}, "QUEUED"),
        ({"content_sealed": None}, "removed"),
        ({"expires_at": "2020-01-01"}, "passed"),
    ],
)
async def test_only_a_failed_message_that_is_still_of_use_is_sent_again(world, own, admin, columns, word):
    message_id = await failed_message(world, own, **columns)
    answer = await world.client.post(f"{PATH}/{message_id}/retry", headers=admin)
    assert answer.status_code == 409
    assert word in answer.json()["detail"]
    assert await world.rows(own, EVENTS) == []
