"""Which invitations there are, and what the holder of a link sees."""

from carelane.kit import clock
from carelane.kit.auth import Actor
from carelane.permissions import STAFF_MANAGE, requires
from carelane.services import Services
from carelane.sessions.invitations.errors import LinkOverError
from carelane.sessions.links import queries
from carelane.sessions.links.access import Kind, read_link
from carelane.sessions.links.queries import Invitation, OpenLink

MAX_SHOWN = 200


@requires(STAFF_MANAGE)
async def list_invitations(services: Services, actor: Actor) -> list[Invitation]:
    """The newest of the organization."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_invitations(conn, actor.organization_id, MAX_SHOWN)


async def get_link(services: Services, kind: Kind, token: str) -> OpenLink:
    """What a link is for that is good. Raises LinkOverError."""
    link = read_link(services.staff_link_key, token)
    if link is None:
        raise LinkOverError
    async with services.db.reading(link.organization_id) as conn:
        found = await queries.find_link(conn, link.organization_id, link.id, clock.now())
    if found is None or found.kind != kind:
        raise LinkOverError
    return found
