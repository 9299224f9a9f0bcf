"""What administrators do about the accounts of others."""

import msgspec

from carelane.kit.auth import Actor
from carelane.permissions import STAFF_MANAGE, requires
from carelane.services import Services
from carelane.sessions import queries
from carelane.sessions.second_factor.queries import delete_second_factor
from carelane.staff.access import get_member
from carelane.staff.actions import record_change
from carelane.staff.leaving.queries import delete_devices
from carelane.staff.queries import Member


@requires(STAFF_MANAGE)
async def unlock_member(services: Services, actor: Actor, ref: str) -> Member:
    """Forgets the member's failures. Raises MemberNotFoundError."""
    async with services.db.transaction(actor) as conn:
        member = await get_member(conn, actor, ref)
        await queries.update_unlocked(conn, actor.organization_id, member.id)
        await record_change(conn, actor, member.id, "UNLOCKED")
    return msgspec.structs.replace(member, unlocks_at=None)


@requires(STAFF_MANAGE)
async def end_member_sessions(services: Services, actor: Actor, ref: str) -> int:
    """How many valid sessions of the member it ended; no device is known any more. Raises MemberNotFoundError."""
    async with services.db.transaction(actor) as conn:
        member = await get_member(conn, actor, ref)
        # In the order of whoever signs in or changes the member.
        ended = await queries.update_sessions_ended(conn, actor.organization_id, member.id)
        await delete_devices(conn, actor.organization_id, [member.id])
        await record_change(conn, actor, member.id, "SESSIONS_ENDED")
    return ended


@requires(STAFF_MANAGE)
async def reset_second_factor(services: Services, actor: Actor, ref: str) -> Member:
    """Takes the member's second factor and recovery codes away and ends all sessions: the next sign-in sets up another one.

    Nobody is shown the secret. Raises MemberNotFoundError.
    """
    async with services.db.transaction(actor) as conn:
        member = await get_member(conn, actor, ref)
        await delete_second_factor(conn, actor.organization_id, member.id)
        await queries.update_sessions_ended(conn, actor.organization_id, member.id)
        await delete_devices(conn, actor.organization_id, [member.id])
        await record_change(conn, actor, member.id, "SECOND_FACTOR_RESET")
    return member
