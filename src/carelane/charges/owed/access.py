"""The door to a charge of which something is taken back. Its payments are locked first, then the charge."""

from collections.abc import Callable

import msgspec

from carelane.charges.owed import queries
from carelane.charges.owed.queries import LockedCharge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id

# What whoever acts has seen of the charge, or typed: raises unless it is so. The charge comes with its tips in the total.
Check = Callable[[LockedCharge], None]


async def lock_owed(conn: Connection, actor: Actor, ref: str, check: Check | None = None) -> LockedCharge:
    """The charge, neither archived nor voided, with none of its payments on the way."""
    charge = await lock_unmoved(conn, actor, ref, check)
    if charge.is_voided:
        raise ConflictError("the charge is VOID")
    return charge


async def lock_unmoved(conn: Connection, actor: Actor, ref: str, check: Check | None = None) -> LockedCharge:
    """The same of one that may be VOID. Raises RecordNotFoundError, ConflictError, and what `check` raises."""
    charge_id = record_id(actor.organization_id, ref)
    locked, is_moving = await queries.lock_payments(conn, actor.organization_id, charge_id)
    charge = await queries.lock_charge(conn, actor.organization_id, charge_id)
    if charge is None or charge.is_archived:
        raise RecordNotFoundError(f"no charge {ref} here")
    await require_seen(conn, actor, charge, check)
    if is_moving:
        raise ConflictError("a payment of the charge is being taken at this moment; ask again when it has ended")
    # To lock it now would be the wrong way round: payments come before their charge.
    if await queries.count_payments(conn, actor.organization_id, charge.id) != locked:
        raise ConflictError("a payment of the charge was begun at this moment; ask again")
    return charge


async def require_seen(conn: Connection, actor: Actor, charge: LockedCharge, check: Check | None) -> None:
    """Holds the charge as it is, once locked, against what was seen of it. None asks for nothing. Raises what `check` raises."""
    if check is not None:
        tips = await queries.get_tips(conn, actor.organization_id, charge.id)
        check(msgspec.structs.replace(charge, total_cents=charge.total_cents + tips))
