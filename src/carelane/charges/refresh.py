"""What a charge's row says of money, brought up to date with the ledger. The lock of a charge comes after its case's and its
payment's."""

from uuid import UUID

from carelane import events
from carelane.charges.owed import queries
from carelane.charges.owed.queries import LockedCharge
from carelane.charges.plans.actions import fit_charge
from carelane.charges.schemas import ChargeStatus
from carelane.charges.states import status_of
from carelane.charges.tips.posting import undo_tips
from carelane.kit.auth import Actor, system_actor
from carelane.kit.db import Connection
from carelane.ledger import adjusting, entries
from carelane.ledger.actions import post
from carelane.ledger.reads import charge_sums, posted


async def lock_charge(conn: Connection, organization_id: UUID, charge_id: UUID) -> LockedCharge:
    """Until the transaction ends nobody else posts to the charge. Raises LookupError when there is no such charge."""
    charge = await queries.lock_charge(conn, organization_id, charge_id)
    if charge is None:
        raise LookupError("no such charge")
    return charge


async def refresh_charge(
    conn: Connection, organization_id: UUID, charge_id: UUID, actor: Actor | None = None
) -> ChargeStatus:
    """Its outstanding amount and its status, from the ledger; that the status changed is recorded. Locks the charge."""
    charge = await lock_charge(conn, organization_id, charge_id)
    return await refresh_locked(conn, charge, actor or system_actor(organization_id))


async def refresh_locked(conn: Connection, charge: LockedCharge, actor: Actor) -> ChargeStatus:
    """The same of a charge that was locked, and whose row is still as it was then."""
    organization_id = actor.organization_id
    sums = await charge_sums(conn, organization_id, charge.id)
    status = status_of(charge.status, sums, is_voided=charge.is_voided)
    await queries.set_state(conn, organization_id, charge.id, status, max(sums.outstanding_cents, 0))
    if status != charge.status:
        moved = events.new_event(
            actor,
            "CHARGE_STATUS_CHANGED",
            None,
            target_id=charge.id,
            is_test=charge.is_test,
            value_before=charge.status,
            value_after=status,
        )
        await events.record(conn, moved)
    if charge.status == "PAYMENT_PLAN":
        await fit_charge(conn, actor, charge.id)
    return status


async def void_locked(conn: Connection, organization_id: UUID, charge: LockedCharge) -> None:
    """The charge, of which nothing is paid, is VOID: all that it, its adjustments and tips posted is undone. Refresh it next."""
    undone = [entries.void(charge.id, charge.books, await posted(conn, organization_id, "CHARGE", charge.id))]
    for kind, adjustment_id in await queries.list_adjustments(conn, organization_id, charge.id):
        source_id = charge.id if kind == "WRITE_OFF" else adjustment_id
        adjusted = await posted(conn, organization_id, kind, source_id)
        undone.append(adjusting.undo(adjustment_id, charge.books, adjusted, charge_id=charge.id))
    await undo_tips(conn, organization_id, charge)
    await queries.set_voided(conn, organization_id, charge.id)
    await post(conn, organization_id, *undone)
