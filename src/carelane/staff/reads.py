"""Reads of the clinic's people."""

from carelane.kit.auth import Actor
from carelane.permissions import SESSION_OWN, STAFF_MANAGE, requires
from carelane.services import Services
from carelane.staff import queries
from carelane.staff.errors import MemberNotFoundError
from carelane.staff.queries import Member, SignedInMember


@requires(SESSION_OWN)
async def get_me(services: Services, actor: Actor) -> Member:
    """The member who is signed in. Raises MemberNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        member = await queries.find_member(conn, actor.organization_id, actor.id) if actor.id else None
    if member is None:
        raise MemberNotFoundError
    return member


@requires(SESSION_OWN)
async def get_signed_in(services: Services, actor: Actor) -> SignedInMember:
    """Who is signed in, in short, with the clinic's name. Raises MemberNotFoundError."""
    async with services.db.reading(actor.organization_id) as conn:
        found = await queries.find_signed_in(conn, actor.organization_id, actor.id) if actor.id else None
    if found is None:
        raise MemberNotFoundError
    return found


@requires(STAFF_MANAGE)
async def list_members(services: Services, actor: Actor) -> list[Member]:
    """Everybody, the inactive too, by name."""
    async with services.db.reading(actor.organization_id) as conn:
        return await queries.list_members(conn, actor.organization_id)
