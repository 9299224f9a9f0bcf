"""Workers beside each other: each message is handed out once, and who lost a claim writes nothing."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.claims import ClaimRequest, Lease
from carelane.messages.actions import queue
from carelane.messages.jobs import Outbox
from carelane.messages.queries import DueMessage
from carelane.messages.schemas import Content, NewMessage
from carelane.quotes.sending.jobs import HOOKS
from tests.factories.quotes import make_quote
from tests.factories.rows import update_row
from tests.quote_sending.world import clinic_of

ROW = "SELECT status, attempts, claim_id, due_at FROM messages WHERE organization_id = %s AND id = %s"


async def waiting_message(services, own, quote_id):
    """One that no worker finds by itself: it is due in a day."""
    organization_id = UUID(own.organization_id)
    message = NewMessage(
        kind="QUOTE_LINK",
        channel="MAIL",
        record_kind="quote",
        record_id=quote_id,
        content=Content("robin@patient.example"),
        due_at=clock.now() + timedelta(days=1),
    )
    data_key = await services.keyring.data_key(organization_id)
    async with services.db.transaction(system_actor(organization_id)) as conn:
        (message_id,) = await queue(conn, system_actor(organization_id), data_key, message)
    return message_id


async def claimed_message(services, own, quote_id, attempts=1):
    """One that some worker has claimed, and by which claim."""
    message_id, claim_id = await waiting_message(services, own, quote_id), uuid4()
    claimed = {"status": "SENDING", "claim_id": claim_id, "attempts": attempts}
    await update_row(services, UUID(own.organization_id), "messages", message_id, **claimed)
    return message_id, claim_id


async def send(services, own, message_id, claim_id):
    outbox, item = Outbox(services, {"QUOTE_LINK": HOOKS}), DueMessage(UUID(own.organization_id), message_id)
    await outbox.send(Lease(item, claim_id, time.clock_gettime(time.CLOCK_BOOTTIME) + 60))


async def row_of(services, own, message_id):
    async with services.db.reading(UUID(own.organization_id)) as conn:
        return await (await conn.execute(ROW, (own.organization_id, message_id))).fetchone()


async def test_many_claims_at_once_hand_each_message_out_once(services, tmp_path):
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own)
    ids = [await waiting_message(services, own, quote_id) for _ in range(12)]
    for message_id in ids:
        await update_row(services, UUID(own.organization_id), "messages", message_id, due_at=clock.now())
    outbox = Outbox(services, {})

    async def claim():
        request = ClaimRequest(limit=6, claim_id=uuid4(), lease_seconds=60, organization_ids=[], share_keys=[])
        return await outbox.claim(request)

    claimed = [message.id for found in await asyncio.gather(*(claim() for _ in range(8))) for message in found]
    assert len(claimed) == len(set(claimed))
    # The server's own worker may have had some of them; but somebody had each, and nobody had one twice.
    assert [(await row_of(services, own, message_id))[1] for message_id in ids] == [1] * len(ids)


async def test_who_lost_a_claim_writes_nothing_and_sends_nothing(services, tmp_path):
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own, status="DRAFT")
    message_id, _ = await claimed_message(services, own, quote_id)
    before = await row_of(services, own, message_id)
    await send(services, own, message_id, uuid4())
    assert await row_of(services, own, message_id) == before


async def test_a_message_that_ended_every_worker_is_given_up(services, tmp_path):
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own, status="DRAFT")
    message_id, claim_id = await claimed_message(services, own, quote_id, attempts=9)
    await send(services, own, message_id, claim_id)
    assert (await row_of(services, own, message_id))[0] == "FAILED"


async def test_a_server_that_lost_its_settings_keeps_the_message_for_later(services, tmp_path):
    """These services have no mail server: the message waits for another attempt."""
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own)
    message_id, claim_id = await claimed_message(services, own, quote_id)
    await send(services, own, message_id, claim_id)
    status, _, kept_claim, due_at = await row_of(services, own, message_id)
    assert (status, kept_claim) == ("QUEUED", None)
    assert due_at < clock.now() + timedelta(minutes=1)
