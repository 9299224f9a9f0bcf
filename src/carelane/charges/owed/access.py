"""The door to a charge of which something is taken back. Its payments are locked first, then the charge."""

from carelane.charges.owed import queries
from carelane.charges.owed.queries import LockedCharge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id


async def lock_owed(conn: Connection, actor: Actor, ref: str) -> LockedCharge:
    """The charge, neither archived nor voided, with none of its payments on the way."""
    charge = await lock_unmoved(conn, actor, ref)
    if charge.is_voided:
        raise ConflictError("the charge is VOID")
    return charge


async def lock_unmoved(conn: Connection, actor: Actor, ref: str) -> LockedCharge:
    """The same of one that may be VOID. Raises RecordNotFoundError, ConflictError."""
    charge_id = record_id(actor.organization_id, ref)
    locked, is_moving = await queries.lock_payments(conn, actor.organization_id, charge_id)
    charge = await queries.lock_charge(conn, actor.organization_id, charge_id)
    if charge is None or charge.is_archived:
        raise RecordNotFoundError(f"no charge {ref} here")
    if is_moving:
        raise ConflictError("a payment of the charge is being taken at this moment; ask again when it has ended")
    # To lock it now would be the wrong way round: payments come before their charge.
    if await queries.count_payments(conn, actor.organization_id, charge.id) != locked:
        raise ConflictError("a payment of the charge was begun at this moment; ask again")
    return charge
