"""Alerts that are sent again, and alerts that are given up."""

import asyncio
from uuid import uuid4

from carelane.webhooks.sending.states import MAX_ATTEMPTS
from tests.receiver import Behaviour
from tests.webhooks.alerts import URL, create_patient
from tests.webhooks.cast import until


async def test_an_alert_is_sent_again_under_the_same_id(client, clinic, listen, told, attempts):
    listener = await listen("PATIENT_CREATED")
    await create_patient(client, clinic)
    (first,) = await told(listener)
    url = f"{URL}/events/{first.json['id']}/send"
    answer = await client.get(url, headers=clinic.billing)
    assert (answer.status_code, answer.json()["id"]) == (200, first.json["id"])
    _, second = await told(listener, 2)
    assert second.json == first.json
    assert second.headers["webhook-id"] == first.headers["webhook-id"]
    assert [one["id"] for one in await attempts(listener)] == [first.json["id"]]


async def test_asking_at_once_sends_it_once(client, clinic, listen, told, receiver, owner):
    listener = await listen("PATIENT_CREATED")
    await create_patient(client, clinic)
    (first,) = await told(listener)
    receiver.behave(listener.path, Behaviour(delay_seconds=1.5))
    url = f"{URL}/events/{first.json['id']}/send"
    answers = await asyncio.gather(*[client.get(url, headers=clinic.billing) for _ in range(16)])
    assert {answer.status_code for answer in answers} == {200}
    assert await owner("SELECT count(*)::int FROM webhook_deliveries WHERE replay_of_id = %s", first.json["id"]) == [
        (1,)
    ]


async def test_nothing_is_sent_again_to_one_that_is_off(client, clinic, listen, told, admin):
    listener = await listen("PATIENT_CREATED")
    await create_patient(client, clinic)
    (first,) = await told(listener)
    url = f"{URL}/events/{first.json['id']}/send"
    await client.delete(f"/api/staff/webhook-endpoints/{listener.id}", headers=admin)
    assert (await client.get(url, headers=clinic.billing)).status_code == 409
    await client.delete(f"{URL}/delete/{listener.id}", headers=clinic.billing)
    assert (await client.get(url, headers=clinic.billing)).status_code == 409
    assert (await client.get(f"{URL}/events/{first.json['id']}", headers=clinic.billing)).status_code == 200


def mails_to(mails, address):
    return [mail for recipient, mail in mails.messages if recipient == address]


async def give_up(client, clinic, listener, told, receiver, owner, count):
    """The receiver refuses so many alerts for the last time."""
    receiver.behave(listener.path, Behaviour(status=500, times=1_000))
    for _ in range(count):
        await create_patient(client, clinic)
    await told(listener, count)
    statement = """UPDATE webhook_deliveries SET attempts = %s, next_attempt_at = now()
        WHERE endpoint_id = %s AND claim_id IS NULL AND status = 'PENDING' AND attempts < %s"""

    async def failed():
        await owner(statement, MAX_ATTEMPTS - 1, listener.id, MAX_ATTEMPTS - 1)
        found = await owner(
            "SELECT count(*)::int FROM webhook_deliveries WHERE endpoint_id = %s AND status = 'FAILED'", listener.id
        )
        return found[0][0] == count

    await until(failed)


async def test_who_is_to_be_told_of_failures_gets_one_mail_a_day(client, clinic, listen, told, receiver, owner, mails):
    address = f"{uuid4().hex}@shop.example"
    listener = await listen("PATIENT_CREATED", notificationEmail=address)
    await give_up(client, clinic, listener, told, receiver, owner, 3)

    async def mailed():
        return mails_to(mails, address)

    (mail,) = await until(mailed)
    assert "not delivered" in "".join(str(mail["subject"]).split("\n"))
    assert "Ida" not in mail.as_string()
    recorded = await owner(
        "SELECT count(*)::int FROM events WHERE target_id = %s AND type = 'WEBHOOK_DELIVERY_FAILED'", listener.id
    )
    assert recorded == [(1,)]


async def test_nobody_is_told_of_a_repeat_that_asks_for_no_mail(client, clinic, listen, told, receiver, owner, mails):
    address = f"{uuid4().hex}@shop.example"
    listener = await listen("PATIENT_CREATED", notificationEmail=address)
    await create_patient(client, clinic)
    (first,) = await told(listener)
    receiver.behave(listener.path, Behaviour(status=500, times=1_000))
    url = f"{URL}/events/{first.json['id']}/send"
    await client.get(url, params={"notify_failure": "false"}, headers=clinic.billing)
    await told(listener, 2)

    async def failed():
        await owner(
            "UPDATE webhook_deliveries SET attempts = %s, next_attempt_at = now() WHERE replay_of_id = %s AND claim_id IS NULL"
            " AND status = 'PENDING' AND attempts < %s", MAX_ATTEMPTS - 1, first.json["id"], MAX_ATTEMPTS - 1,
        )  # fmt: skip
        return await owner(
            "SELECT 1 FROM webhook_deliveries WHERE replay_of_id = %s AND status = 'FAILED'", first.json["id"]
        )

    await until(failed)
    assert await owner("SELECT told_at FROM webhook_endpoints WHERE id = %s", listener.id) == [(None,)]
    assert mails_to(mails, address) == []
