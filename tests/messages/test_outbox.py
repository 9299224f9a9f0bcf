"""Queueing and sending: in the act's transaction, once for each key, not after its time, and sealed."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.messages.actions import queue
from carelane.messages.errors import SendError
from carelane.messages.jobs import Hooks
from carelane.messages.schemas import Content
from carelane.messages.states import MAX_ATTEMPTS, outcome_of
from carelane.services import open_services
from carelane.settings import read_settings
from tests.messages.cast import claimed_by_a_worker, new_message, queue_message, row_of, send, settled
from tests.processes.smtp_sink import SmtpSink
from tests.quote_sending.world import TOKEN, running_provider

COUNT = "SELECT count(*) FROM messages WHERE organization_id = %s"
CLEAR = "SELECT m::text FROM messages m WHERE organization_id = %s AND id = %s"


def later():
    return clock.now() + timedelta(days=1)


async def test_a_message_is_sent_as_it_was_queued(world, own):
    address = f"{own.tenant}@clinic.example"
    (message_id,) = await queue_message(world.services, own, new_message(address))
    status, attempts, failure, due_at, *_ = await settled(world, own, message_id)
    assert (status, attempts, failure, due_at) == ("SENT", 1, None, None)
    ((subject, text),) = [(mail["Subject"], mail.get_payload()) for to, mail in world.sink.messages if to == address]
    assert (subject, text.strip()) == ("New case", "There is a new case.")


async def test_an_act_that_is_undone_leaves_no_message(world, own):
    actor = system_actor(UUID(own.organization_id))
    data_key = await world.services.keyring.data_key(actor.organization_id)

    async def act():
        async with world.services.db.transaction(actor) as conn:
            await queue(conn, actor, data_key, new_message())
            raise LookupError

    with pytest.raises(LookupError):
        await act()
    assert await world.rows(own, COUNT) == [(0,)]


async def test_a_second_message_with_the_same_key_is_not_queued(world, own):
    first, second = [
        await queue_message(world.services, own, new_message(dedupe_key="a", due_at=later())) for _ in "12"
    ]
    third = await queue_message(world.services, own, new_message(dedupe_key="b", due_at=later()))
    both = [new_message(dedupe_key="c", due_at=later())] * 2
    assert [len(ids) for ids in (first, second, third, await queue_message(world.services, own, *both))] == [1, 0, 1, 1]
    assert await world.rows(own, COUNT) == [(3,)]


async def test_nothing_of_a_message_is_in_the_clear(world, own):
    content = Content("zephyr@patient.example", "Zephyr", "Zephyr's quote")
    message = new_message(content=content, due_at=later(), dedupe_key="zephyr")
    (message_id,) = await queue_message(world.services, own, message)
    ((row,),) = await world.rows(own, CLEAR, message_id)
    for text in ("zephyr", "Zephyr"):
        assert text not in row
        assert text.encode().hex() not in row
    assert "zephyr" not in repr(message)


async def test_a_message_is_not_sent_after_its_time(world, own):
    address = f"{own.tenant}@clinic.example"
    (message_id,) = await queue_message(world.services, own, new_message(address, expires_at=clock.now()))
    status, attempts, failure, *_ = await settled(world, own, message_id)
    assert (status, attempts, failure) == ("FAILED", 1, "it was of use until a moment that has passed")
    assert world.mails_to(address) == []


async def test_a_refused_recipient_is_given_up_at_once(world, own):
    address = f"{own.tenant}@clinic.example"
    world.sink.refused[address] = "550 5.1.1 no such mailbox"
    (message_id,) = await queue_message(world.services, own, new_message(address))
    status, attempts, failure, *_ = await settled(world, own, message_id)
    assert (status, attempts, failure) == ("FAILED", 1, "SMTPRecipientsRefused 550")


def test_a_wait_that_outlasts_the_message_is_not_begun():
    now, failure = clock.now(), SendError("busy")
    in_a_minute = now + timedelta(minutes=1)
    assert outcome_of(failure, 1, in_a_minute, now, 30).status == "QUEUED"
    assert outcome_of(failure, 1, in_a_minute, now, 60).status == "FAILED"
    assert outcome_of(failure, MAX_ATTEMPTS - 1, None, now, 60).due_at == in_a_minute
    assert outcome_of(failure, MAX_ATTEMPTS, None, now, 60).status == "FAILED"
    assert outcome_of(SendError("no", is_final=True), 1, None, now, 60).status == "FAILED"
    assert outcome_of(None, 1, now, now, 60).failure is None


async def test_nothing_leaves_under_a_lease_that_ended(world, worker, own):
    """In a worker that was suspended: another may be sending the message by now."""
    address = f"{own.tenant}@clinic.example"
    (message_id,) = await queue_message(world.services, own, new_message(address, due_at=later()))
    claim_id = await claimed_by_a_worker(worker, own, message_id)
    await send(worker, own, message_id, claim_id, seconds=0)
    assert (await row_of(world, own, message_id))[0] == "SENDING"


async def test_what_was_sent_is_written_down_although_the_database_went_away_meanwhile(world, own, tmp_path):
    """Its connections are cut while the mail server has the message: it is not sent a second time."""
    address = f"{own.tenant}@clinic.example"
    (message_id,) = await queue_message(world.services, own, new_message(address, due_at=later()))
    same = {"data_dir": world.services.settings.data_dir, "database_url": world.services.settings.database_url}
    others = _connections(world, "SELECT pid FROM pg_stat_activity")
    with SmtpSink() as sink:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'carelane' AND pid <> ALL(%s)"
        sink.at_data = lambda: _connections(world, cut, [pid for (pid,) in others])
        settings = read_settings({}, **same, smtp_host="127.0.0.1", smtp_port=sink.port, smtp_starttls=False)
        async with open_services(settings) as services:
            await send(services, own, message_id, await claimed_by_a_worker(services, own, message_id))
        assert len(sink.messages) == 1
    assert (await row_of(world, own, message_id))[0] == "SENT"


def _connections(world, statement, *values):
    with psycopg.connect(EmbeddedPostgres(world.services.settings.data_dir).owner_url) as conn:
        return conn.execute(statement, values).fetchall()


async def test_a_feature_decides_as_a_message_leaves_and_hears_what_came_of_it(world, worker, own):
    heard = []

    async def write(_, __, message, queued):
        assert queued.text == "There is a new case.\n"
        return None if message.record_kind == "gone" else Content("not an address", text="Text")

    async def hear(_, actor, message, failure):
        heard.append((actor.kind, message.record_kind, str(failure)))

    hooks = {"CASE_CREATED": Hooks(write=write, settled=hear)}
    outcomes = []
    for record_kind in ("gone", "case"):
        message = new_message(record_kind=record_kind, due_at=later())
        (message_id,) = await queue_message(worker, own, message)
        await send(worker, own, message_id, await claimed_by_a_worker(worker, own, message_id), **hooks)
        outcomes.append((await row_of(world, own, message_id))[0])
    assert outcomes == ["CANCELED", "FAILED"]
    assert heard == [("system", "case", "the recipient is not one plain address")]


@pytest.mark.parametrize(("setting", "status"), [("sms_simulator_url", "SENT"), ("sms_url", "QUEUED")])
async def test_only_the_simulator_may_be_on_loopback(world, own, setting, status):
    (message_id,) = await queue_message(
        world.services, own, new_message("+15550100123", channel="SMS", due_at=later(), kind="QUOTE_LINK")
    )
    same = {"data_dir": world.services.settings.data_dir, "database_url": world.services.settings.database_url}
    async with running_provider() as (provider, url):
        settings = read_settings({}, **same, **{setting: url}, sms_account="clinic", sms_token=TOKEN)
        async with open_services(settings) as services:
            await send(services, own, message_id, await claimed_by_a_worker(services, own, message_id))
        assert len(provider.texts) == (1 if status == "SENT" else 0)
    row = await row_of(world, own, message_id)
    assert row[0] == status
    assert ("127.0.0.1 is no public address" in str(row[2])) is (status == "QUEUED")
