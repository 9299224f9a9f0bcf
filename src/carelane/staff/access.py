"""The door to a member of staff."""

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import parse_uuid
from carelane.staff import queries
from carelane.staff.errors import MemberNotFoundError
from carelane.staff.queries import Member


async def get_member(conn: Connection, actor: Actor, ref: str) -> Member:
    """The member, deactivated or not. Raises MemberNotFoundError."""
    staff_id = parse_uuid(ref)
    member = await queries.find_member(conn, actor.organization_id, staff_id) if staff_id else None
    if member is None:
        raise MemberNotFoundError
    return member
