"""Which sessions a member has."""

from carelane.kit import clock
from carelane.kit.auth import Actor, digest
from carelane.permissions import SESSION_OWN, requires
from carelane.services import Services
from carelane.sessions.own import queries
from carelane.sessions.own.queries import OwnSession

MAX_SHOWN = 100


@requires(SESSION_OWN)
async def list_sessions(services: Services, actor: Actor, token: str) -> list[OwnSession]:
    """The sessions of the member who is signed in; first the one that `token` opened."""
    if actor.kind != "staff" or actor.id is None:
        return []
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_sessions(conn, actor.organization_id, actor.id, digest(token), clock.now(), MAX_SHOWN)
