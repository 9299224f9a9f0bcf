"""Reads of an organization as a whole."""

from carelane import events
from carelane.kit.auth import Actor
from carelane.organizations import queries
from carelane.permissions import BILLING_READ, SESSION_OWN, requires
from carelane.services import Services


@requires(SESSION_OWN)
async def get_mark(services: Services, actor: Actor) -> str:
    """A text that is another one as soon as anything happened in the organization."""
    async with services.db.reading(actor.organization_id) as conn:
        return await events.find_mark(conn, actor.organization_id)


@requires(BILLING_READ)
async def get_currency(services: Services, actor: Actor) -> str:
    """In which the organization sells."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.get_currency(conn, actor.organization_id)
