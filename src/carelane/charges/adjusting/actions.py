"""Adjusting and writing off what is owed, as a caller of the billing dialect."""

from collections.abc import Set
from functools import partial
from uuid import UUID

from carelane.charges.adjusting import queries
from carelane.charges.adjusting.schemas import AdjustmentIn, WriteOffIn, adjustment_problems
from carelane.charges.money.schemas import AdjustmentOut
from carelane.charges.money.views import show_adjustment
from carelane.charges.owed.access import Check, lock_owed
from carelane.charges.owed.actions import Why, insert_adjustment, settle_changed, write_off
from carelane.charges.owed.queries import LockedCharge, find_promised
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError, refuse
from carelane.kit.ids import record_id
from carelane.kit.money import MAX_CENTS
from carelane.kit.phi import DataKey
from carelane.ledger import adjusting
from carelane.ledger.actions import post
from carelane.locations.access import get_ids
from carelane.permissions import PAYMENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(PAYMENTS_WRITE)
async def create_adjustment(
    services: Services, actor: Actor, body: AdjustmentIn, request_key: RequestKey | None, check: Check | None = None
) -> AdjustmentOut:
    """Raises RuleBrokenError, also where less would be outstanding than nothing, RecordNotFoundError, ConflictError when the charge
    is VOID or a payment of it is under way, and what `check` and `run_once` raise."""
    refuse(adjustment_problems(body))
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_adjust, actor, data_key, body, check))


@requires(PAYMENTS_WRITE)
async def create_write_off(
    services: Services, actor: Actor, body: WriteOffIn, request_key: RequestKey | None
) -> AdjustmentOut:
    """Raises RecordNotFoundError, ConflictError when nothing is outstanding or it is being taken, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_write_off, actor, data_key, body))


async def _adjust(
    actor: Actor, data_key: DataKey, body: AdjustmentIn, check: Check | None, conn: Connection
) -> AdjustmentOut:
    why = await _why(conn, actor, body)
    charge = await lock_owed(conn, actor, body.charge_id, check)
    least = -charge.outstanding_cents
    low = FieldProblem("amount", f"expected {least} or more; no more than that is outstanding")
    await refuse_amount(conn, actor, charge, body.amount, low)
    adjustment_id = await insert_adjustment(conn, actor, data_key, charge, "ADJUSTMENT", -body.amount, why)
    entry = adjusting.adjust(
        adjustment_id, charge.books, patient_id=charge.patient_id, amount_cents=body.amount, charge_id=charge.id
    )
    await post(conn, actor.organization_id, entry)
    await settle_changed(conn, actor, charge, body.amount)
    return await _show(conn, actor, data_key, adjustment_id)


async def refuse_amount(conn: Connection, actor: Actor, charge: LockedCharge, amount: int, low: FieldProblem) -> None:
    """Where so much more, or less, cannot be outstanding of the charge, which is locked; `low`: of less than nothing.

    Raises RuleBrokenError, ConflictError.
    """
    left = charge.outstanding_cents + amount
    if left < 0:
        refuse([low])
    if left > MAX_CENTS:
        refuse([FieldProblem("amount", f"expected no more than {MAX_CENTS} cents to be outstanding")])
    # Where nothing is left they are let go.
    if amount < 0 < left and await find_promised(conn, actor.organization_id, charge.id, left):
        raise ConflictError("a payment under way would take more than is left; cancel it first")


async def _write_off(actor: Actor, data_key: DataKey, body: WriteOffIn, conn: Connection) -> AdjustmentOut:
    why = await _why(conn, actor, body)
    charge = await lock_owed(conn, actor, body.charge_id)
    adjustment_id, _ = await write_off(conn, actor, data_key, charge, why)
    return await _show(conn, actor, data_key, adjustment_id)


async def _why(conn: Connection, actor: Actor, body: WriteOffIn) -> Why:
    """Whom and where the body names. Raises RecordNotFoundError."""
    staff_id, location_id = await get_member(conn, actor, body.provider_id), None
    if body.location_id is not None:
        (location_id,) = await get_ids(conn, actor.organization_id, [body.location_id])
    return Why(
        reason=body.reason, staff_id=staff_id or (actor.id if actor.kind == "staff" else None), location_id=location_id
    )


async def get_member(conn: Connection, actor: Actor, name: str | None) -> UUID | None:
    """The member of staff whom a caller names, if any. Raises RecordNotFoundError."""
    if name is None:
        return None
    staff_id = record_id(actor.organization_id, name)
    if not await queries.list_members(conn, actor.organization_id, {staff_id}):
        raise RecordNotFoundError(f"no member of staff {name} here")
    return staff_id


async def require_members(conn: Connection, actor: Actor, staff_ids: Set[UUID]) -> None:
    """All of them are members of staff still. Raises RecordNotFoundError, which names those who are not."""
    gone = sorted(map(str, staff_ids - await queries.list_members(conn, actor.organization_id, staff_ids)))
    if gone:
        raise RecordNotFoundError(f"no member of staff {', '.join(gone)} here")


async def _show(conn: Connection, actor: Actor, data_key: DataKey, adjustment_id: UUID) -> AdjustmentOut:
    found = await queries.get_adjustment(conn, actor.organization_id, adjustment_id)
    return show_adjustment(data_key, found.made, found.charge, found.location)
