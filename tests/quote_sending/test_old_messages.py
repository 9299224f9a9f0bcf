"""Quotes that the version before the outbox was to send: they become messages, on their date and with their words."""

from datetime import timedelta
from uuid import UUID, uuid4

from carelane.kit import clock
from carelane.kit.ids import uuid7
from carelane.quotes.sending.jobs import move_old_messages
from carelane.quotes.sending.queries import OLD_WORDS
from tests.factories.quotes import make_quote
from tests.factories.rows import insert_row
from tests.quote_sending.test_sending import let_the_date_come
from tests.quote_sending.world import clinic_of

OLD = "SELECT status, failure FROM quote_messages WHERE organization_id = %s AND id = %s"


async def old_message(world, own, quote_id, words=None, **columns):
    """A row as that version wrote it."""
    message_id, organization_id = uuid7(), UUID(own.organization_id)
    data_key = await world.services.keyring.data_key(organization_id)
    sealed = data_key.seal(words.encode(), OLD_WORDS, message_id) if words else None
    row = {"quote_id": quote_id, "method": "email", "message_sealed": sealed} | columns
    return await insert_row(world.services, organization_id, "quote_messages", id=message_id, **row)


async def test_a_scheduled_quote_is_sent_on_its_date_with_its_words(world, tmp_path):
    own, address = await clinic_of(world.services, tmp_path)
    quote_id = await make_quote(world.services, own, status="DRAFT")
    date = clock.now().replace(microsecond=0) + timedelta(days=3)
    old_id = await old_message(world, own, quote_id, "Call us, please.", next_attempt_at=date)
    for _ in range(2):
        await move_old_messages(world.services)
    ((channel, status, attempts, _, due_at, _),) = await world.messages(own, quote_id)
    assert (channel, status, attempts, due_at) == ("MAIL", "QUEUED", 0, date)
    assert await world.rows(own, OLD, old_id) == [("CANCELED", "moved to messages")]
    await let_the_date_come(world, own, quote_id)
    assert [status for _, status, *_ in await world.settled(own, quote_id)] == ["SENT"]
    (text,) = world.mails_to(address)
    assert "Call us, please." in text


async def test_what_a_worker_has_in_hand_and_what_was_sent_stays_where_it_is(world, own):
    quote_id = await make_quote(world.services, own, status="SENT")
    in_a_minute = clock.now() + timedelta(minutes=1)
    held_id = await old_message(world, own, quote_id, claim_id=uuid4(), next_attempt_at=in_a_minute)
    sent_id = await old_message(world, own, quote_id, status="SENT", next_attempt_at=None)
    dead_id = await old_message(world, own, quote_id, claim_id=uuid4(), method="sms")
    await move_old_messages(world.services)
    statuses = [(await world.rows(own, OLD, one))[0][0] for one in (held_id, sent_id, dead_id)]
    assert statuses == ["PENDING", "SENT", "CANCELED"]
    assert [channel for channel, *_ in await world.messages(own, quote_id)] == ["SMS"]


async def test_old_and_new_messages_count_alike_towards_the_most_that_wait(world, own):
    quote_id = await make_quote(world.services, own, status="DRAFT")
    date = clock.now() + timedelta(days=1)
    for _ in range(9):
        await old_message(world, own, quote_id, next_attempt_at=date, claim_id=uuid4())
    sent = [await world.send(own, quote_id, scheduleSendDate=date.isoformat()) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [200, 409]
