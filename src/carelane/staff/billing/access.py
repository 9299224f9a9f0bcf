"""The door from a caller's id for a member of staff to the member."""

from uuid import UUID

from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import RecordNotFoundError
from carelane.kit.ids import record_id
from carelane.staff.billing.queries import find_active


async def active_member(conn: Connection, actor: Actor, ref: str | None) -> UUID | None:
    """None where nobody is named. Raises RecordNotFoundError."""
    if ref is None:
        return None
    staff_id = await find_active(conn, actor.organization_id, record_id(actor.organization_id, ref))
    if staff_id is None:
        raise RecordNotFoundError(f"no member of staff {ref} here")
    return staff_id
