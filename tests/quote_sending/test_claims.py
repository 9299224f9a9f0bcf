"""Workers beside each other: each message is handed out once, and who lost a claim writes nothing."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

from carelane.kit import clock
from carelane.kit.auth import system_actor
from carelane.kit.ids import uuid7
from carelane.quotes.sending import queries
from carelane.quotes.sending.delivering import deliver
from carelane.quotes.sending.queries import Claimed
from tests.factories.quotes import make_quote
from tests.factories.rows import update_row
from tests.quote_sending.world import clinic_of

ROW = "SELECT status, attempts, claim_id, next_attempt_at FROM quote_messages WHERE organization_id = %s AND id = %s"


async def waiting_message(services, own, quote_id):
    """One that no worker finds by itself: it is due in a day."""
    message_id, due_at = uuid7(), clock.now() + timedelta(days=1)
    async with services.db.transaction(system_actor(UUID(own.organization_id))) as conn:
        await queries.insert_message(conn, UUID(own.organization_id), message_id, quote_id, "email", None, due_at)
    return message_id


async def row_of(services, own, message_id):
    async with services.db.reading(UUID(own.organization_id)) as conn:
        return await (await conn.execute(ROW, (own.organization_id, message_id))).fetchone()


async def test_many_claims_at_once_hand_each_message_out_once(services, tmp_path):
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own)
    organization_id = UUID(own.organization_id)
    ids = [await waiting_message(services, own, quote_id) for _ in range(12)]
    for message_id in ids:
        await update_row(services, organization_id, "quote_messages", message_id, next_attempt_at=clock.now())

    async def claim():
        async with services.db.across() as conn:
            return await queries.claim_due(conn, 3, 60, uuid4())

    claimed = [message.id for found in await asyncio.gather(*(claim() for _ in range(8))) for message in found]
    assert len(claimed) == len(set(claimed))
    # The server's own worker may have had some of them; but somebody had each, and nobody had one twice.
    assert [(await row_of(services, own, message_id))[1] for message_id in ids] == [1] * len(ids)


async def test_who_lost_a_claim_writes_nothing_and_sends_nothing(services, tmp_path):
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own, status="DRAFT")
    message_id = await waiting_message(services, own, quote_id)
    await update_row(services, UUID(own.organization_id), "quote_messages", message_id, claim_id=uuid4())
    before = await row_of(services, own, message_id)
    message = Claimed(organization_id=UUID(own.organization_id), id=message_id, quote_id=quote_id, attempts=1)
    await deliver(services, message, uuid4())
    assert await row_of(services, own, message_id) == before


async def test_a_message_that_ended_every_worker_is_given_up(services, tmp_path):
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own, status="DRAFT")
    message_id, claim_id = await waiting_message(services, own, quote_id), uuid4()
    await update_row(services, UUID(own.organization_id), "quote_messages", message_id, claim_id=claim_id)
    message = Claimed(organization_id=UUID(own.organization_id), id=message_id, quote_id=quote_id, attempts=9)
    await deliver(services, message, claim_id)
    assert (await row_of(services, own, message_id))[0] == "FAILED"


async def test_a_server_that_lost_its_settings_keeps_the_message_for_later(services, tmp_path):
    """These services have no mail server: the message waits for another attempt."""
    own, _ = await clinic_of(services, tmp_path)
    quote_id = await make_quote(services, own)
    message_id, claim_id = await waiting_message(services, own, quote_id), uuid4()
    await update_row(services, UUID(own.organization_id), "quote_messages", message_id, claim_id=claim_id)
    message = Claimed(organization_id=UUID(own.organization_id), id=message_id, quote_id=quote_id, attempts=1)
    await deliver(services, message, claim_id)
    status, _, kept_claim, next_attempt_at = await row_of(services, own, message_id)
    assert (status, kept_claim) == ("PENDING", None)
    assert next_attempt_at < clock.now() + timedelta(minutes=1)
