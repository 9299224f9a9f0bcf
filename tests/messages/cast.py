"""What the tests of the outbox have in common: a message of a clinic, and what became of it."""

import time
from typing import Any
from uuid import UUID, uuid4

from carelane.kit.auth import system_actor
from carelane.kit.claims import Lease
from carelane.kit.ids import uuid7
from carelane.messages.actions import queue
from carelane.messages.jobs import Outbox
from carelane.messages.queries import DueMessage
from carelane.messages.schemas import Content, NewMessage
from carelane.services import Services
from tests.cast import Clinic
from tests.factories.rows import update_row
from tests.quote_sending.world import World, until

ROW = "SELECT status, attempts, failure, due_at, settled_at, content_sealed FROM messages WHERE organization_id = %s AND id = %s"


def new_message(recipient: str = "cases@clinic.example", **changed: Any) -> NewMessage:
    usual = {"kind": "CASE_CREATED", "channel": "MAIL", "record_kind": "case", "record_id": uuid7()}
    content = Content(recipient, "New case", "There is a new case.\n")
    return NewMessage(**(usual | {"content": content} | changed))


async def queue_message(services: Services, clinic: Clinic, *messages: NewMessage) -> list[UUID]:
    actor = system_actor(UUID(clinic.organization_id))
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.transaction(actor) as conn:
        return await queue(conn, actor, data_key, *messages)


async def claimed_by_a_worker(services: Services, clinic: Clinic, message_id: UUID, **columns: Any) -> UUID:
    """The claim, of a worker that this test is."""
    claim_id = uuid4()
    claimed = {"status": "SENDING", "claim_id": claim_id, "attempts": 1} | columns
    await update_row(services, UUID(clinic.organization_id), "messages", message_id, **claimed)
    return claim_id


async def send(services: Services, clinic: Clinic, message_id: UUID, claim_id: UUID, seconds: float = 60, **hooks: Any):
    item = DueMessage(UUID(clinic.organization_id), message_id)
    lease = Lease(item, claim_id, time.clock_gettime(time.CLOCK_BOOTTIME) + seconds)
    await Outbox(services, hooks).send(lease)


async def row_of(world: World, clinic: Clinic, message_id: UUID) -> tuple[Any, ...]:
    (row,) = await world.rows(clinic, ROW, message_id)
    return row


async def settled(world: World, clinic: Clinic, message_id: UUID) -> tuple[Any, ...]:
    """Its row, once it waits no longer."""

    async def look():
        row = await row_of(world, clinic, message_id)
        return row if row[4] else None

    return await until(look)
