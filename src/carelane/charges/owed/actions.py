"""Taking back what is owed: all of a charge, or what is outstanding of it. Its payments are locked first, then the charge."""

from functools import partial
from typing import Literal
from uuid import UUID

from carelane.charges.owed import queries
from carelane.charges.owed.queries import ADJUSTMENT_REASON, LockedCharge, NewAdjustment
from carelane.charges.owed.schemas import ChargeStandingOut, ReasonIn
from carelane.charges.refresh import refresh_charge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, RecordNotFoundError
from carelane.kit.ids import record_id, uuid7
from carelane.kit.phi import DataKey
from carelane.ledger import entries
from carelane.ledger.actions import post
from carelane.ledger.reads import charge_sums, posted
from carelane.ledger.schemas import Entry
from carelane.permissions import PAYMENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once

Kind = Literal["VOID", "WRITE_OFF"]


@requires(PAYMENTS_WRITE)
async def void_charge(
    services: Services, actor: Actor, ref: str, body: ReasonIn, request_key: RequestKey | None
) -> ChargeStandingOut:
    """Raises RecordNotFoundError, ConflictError when anything was paid or is being taken, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_void, actor, data_key, ref, body.reason))


@requires(PAYMENTS_WRITE)
async def write_off_charge(
    services: Services, actor: Actor, ref: str, body: ReasonIn, request_key: RequestKey | None
) -> ChargeStandingOut:
    """Raises RecordNotFoundError, ConflictError when nothing is outstanding or it is being taken, and what `run_once` raises."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_write_off, actor, data_key, ref, body.reason))


async def _void(actor: Actor, data_key: DataKey, ref: str, reason: str, conn: Connection) -> ChargeStandingOut:
    charge = await _lock(conn, actor, ref)
    if (await charge_sums(conn, actor.organization_id, charge.id)).paid_cents:
        raise ConflictError("the charge was paid, in full or in part; refund it instead")
    charged = await posted(conn, actor.organization_id, "CHARGE", charge.id)
    entry = entries.void(charge.id, charge.books, charged)
    await queries.set_voided(conn, actor.organization_id, charge.id)
    return await _adjust(conn, actor, data_key, charge, "VOID", reason, entry)


async def _write_off(actor: Actor, data_key: DataKey, ref: str, reason: str, conn: Connection) -> ChargeStandingOut:
    charge = await _lock(conn, actor, ref)
    if not charge.outstanding_cents:
        raise ConflictError("nothing of the charge is outstanding")
    entry = entries.write_off(
        charge.id, charge.books, patient_id=charge.patient_id, amount_cents=charge.outstanding_cents
    )
    return await _adjust(conn, actor, data_key, charge, "WRITE_OFF", reason, entry)


async def _lock(conn: Connection, actor: Actor, ref: str) -> LockedCharge:
    """The charge, not voided, with none of its payments on the way."""
    charge_id = record_id(actor.organization_id, ref)
    locked, is_moving = await queries.lock_payments(conn, actor.organization_id, charge_id)
    charge = await queries.lock_charge(conn, actor.organization_id, charge_id)
    if charge is None:
        raise RecordNotFoundError(f"no charge {ref} here")
    if charge.is_voided:
        raise ConflictError("the charge is VOID")
    if is_moving:
        raise ConflictError("a payment of the charge is being taken at this moment; ask again when it has ended")
    # To lock it now would be the wrong way round: payments come before their charge.
    if await queries.count_payments(conn, actor.organization_id, charge.id) != locked:
        raise ConflictError("a payment of the charge was begun at this moment; ask again")
    return charge


async def _adjust(
    conn: Connection, actor: Actor, data_key: DataKey, charge: LockedCharge, kind: Kind, reason: str, entry: Entry
) -> ChargeStandingOut:
    """Nothing of the charge is owed from now on, so what would still be taken of its payments is not."""
    organization_id, adjustment_id = actor.organization_id, uuid7()
    await post(conn, organization_id, entry)
    adjustment = NewAdjustment(
        id=adjustment_id,
        charge_id=charge.id,
        kind=kind,
        amount_cents=charge.outstanding_cents,
        reason_sealed=data_key.seal(reason.encode(), ADJUSTMENT_REASON, adjustment_id),
        staff_id=_member(actor),
    )
    await queries.insert_adjustment(conn, organization_id, adjustment)
    await queries.update_payments(conn, organization_id, charge.id)
    status = await refresh_charge(conn, organization_id, charge.id, actor)
    return ChargeStandingOut(id=charge.id, status=status, total=charge.total_cents, total_outstanding=0)


def _member(actor: Actor) -> UUID:
    if actor.id is None:
        raise LookupError("only a member of staff takes back what is owed")
    return actor.id
