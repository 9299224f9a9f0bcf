"""Reads of messages. Nobody is shown what one says, so no read of health information is recorded."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.messages import queries
from carelane.messages.schemas import MessageFilter, MessagePageOut
from carelane.messages.views import show_message
from carelane.permissions import MESSAGES_READ, requires
from carelane.services import Services


@requires(MESSAGES_READ)
async def list_messages(
    services: Services, actor: Actor, wanted: MessageFilter, after: UUID | None, limit: int
) -> MessagePageOut:
    """Newest first."""
    data_key = await services.keyring.data_key(actor.organization_id)
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.list_messages(conn, actor.organization_id, wanted, after, limit + 1)
    return MessagePageOut(
        messages=[show_message(data_key, row) for row in found[:limit]],
        next=found[limit - 1].id if len(found) > limit else None,
    )
