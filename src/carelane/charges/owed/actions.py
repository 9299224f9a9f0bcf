"""Taking back what is owed: all of a charge, or what is outstanding of it."""

from functools import partial
from uuid import UUID

import msgspec

from carelane import events
from carelane.charges.owed import queries
from carelane.charges.owed.access import Check, lock_owed
from carelane.charges.owed.queries import ADJUSTMENT_REASON, Kind, LockedCharge, NewAdjustment
from carelane.charges.owed.schemas import ChargeStandingOut, ReasonIn
from carelane.charges.refresh import refresh_charge, void_locked
from carelane.charges.schemas import ChargeStatus
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi
from carelane.ledger import entries
from carelane.ledger.actions import post
from carelane.ledger.reads import charge_sums
from carelane.permissions import PAYMENTS_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


class Why(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """Who takes back what is owed, where and for what reason. A key may name nobody."""

    reason: str
    staff_id: UUID | None = None
    location_id: UUID | None = None


@requires(PAYMENTS_WRITE)
async def void_charge(
    services: Services,
    actor: Actor,
    ref: str,
    body: ReasonIn,
    request_key: RequestKey | None,
    check: Check | None = None,
) -> ChargeStandingOut:
    """Raises RecordNotFoundError, ConflictError when anything was paid or is being taken, and what `check` and `run_once` raise."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_void, actor, data_key, ref, body.reason, check))


@requires(PAYMENTS_WRITE)
async def write_off_charge(
    services: Services,
    actor: Actor,
    ref: str,
    body: ReasonIn,
    request_key: RequestKey | None,
    check: Check | None = None,
) -> ChargeStandingOut:
    """Raises RecordNotFoundError, ConflictError when nothing is outstanding or it is being taken, and what `check` and `run_once`
    raise."""
    data_key = await services.keyring.data_key(actor.organization_id)
    return await run_once(services, actor, request_key, partial(_write_off, actor, data_key, ref, body.reason, check))


async def _void(
    actor: Actor, data_key: DataKey, ref: str, reason: str, check: Check | None, conn: Connection
) -> ChargeStandingOut:
    charge = await lock_owed(conn, actor, ref, check)
    await reverse(conn, actor, charge)
    why = Why(reason=reason, staff_id=_member(actor))
    await insert_adjustment(conn, actor, data_key, charge, "VOID", charge.outstanding_cents, why)
    return _standing(charge, await settle_nothing(conn, actor, charge))


async def _write_off(
    actor: Actor, data_key: DataKey, ref: str, reason: str, check: Check | None, conn: Connection
) -> ChargeStandingOut:
    charge = await lock_owed(conn, actor, ref, check)
    _, status = await write_off(conn, actor, data_key, charge, Why(reason=reason, staff_id=_member(actor)))
    return _standing(charge, status)


async def reverse(conn: Connection, actor: Actor, charge: LockedCharge) -> None:
    """The charge, locked, is VOID: all that it posted is undone. Raises ConflictError when anything was paid."""
    organization_id = actor.organization_id
    if (await charge_sums(conn, organization_id, charge.id)).paid_cents:
        raise ConflictError("the charge was paid, in full or in part; refund it instead")
    await void_locked(conn, organization_id, charge)


async def write_off(
    conn: Connection, actor: Actor, data_key: DataKey, charge: LockedCharge, why: Why
) -> tuple[UUID, ChargeStatus]:
    """What is outstanding of the charge, locked, is not expected any more. The adjustment's id, and the charge's status."""
    if not charge.outstanding_cents:
        raise ConflictError("nothing of the charge is outstanding")
    if any(kind == "WRITE_OFF" for kind, _ in await queries.list_adjustments(conn, actor.organization_id, charge.id)):
        raise ConflictError("the charge was written off before; lower what is owed since by an adjustment")
    cents = charge.outstanding_cents
    entry = entries.write_off(charge.id, charge.books, patient_id=charge.patient_id, amount_cents=cents)
    await post(conn, actor.organization_id, entry)
    adjustment_id = await insert_adjustment(conn, actor, data_key, charge, "WRITE_OFF", cents, why)
    return adjustment_id, await settle_nothing(conn, actor, charge)


async def insert_adjustment(
    conn: Connection, actor: Actor, data_key: DataKey, charge: LockedCharge, kind: Kind, cents: int, why: Why
) -> UUID:
    """`cents`: what is owed less from now on."""
    adjustment_id = uuid7()
    adjustment = NewAdjustment(
        id=adjustment_id,
        charge_id=charge.id,
        kind=kind,
        amount_cents=cents,
        reason_sealed=data_key.seal(why.reason.encode(), ADJUSTMENT_REASON, adjustment_id),
        staff_id=why.staff_id,
        location_id=why.location_id,
    )
    await queries.insert_adjustment(conn, actor.organization_id, adjustment)
    event = events.new_event(
        actor, "ADJUSTMENT_CREATED", None, target_id=adjustment_id, is_test=charge.is_test,
        value_before=str(charge.id), value_after=kind,
    )  # fmt: skip
    await events.record(conn, event)
    return adjustment_id


async def settle_changed(conn: Connection, actor: Actor, charge: LockedCharge, more_cents: int) -> ChargeStatus:
    """So much more is owed of the charge than when it was locked; less, where it is below nothing. That is posted already."""
    if charge.outstanding_cents + more_cents:
        return await refresh_charge(conn, actor.organization_id, charge.id, actor)
    return await settle_nothing(conn, actor, charge)


async def settle_nothing(conn: Connection, actor: Actor, charge: LockedCharge) -> ChargeStatus:
    """Nothing of the charge is owed from now on, so what would still be taken of its payments is not."""
    await queries.update_payments(conn, actor.organization_id, charge.id)
    return await refresh_charge(conn, actor.organization_id, charge.id, actor)


def _standing(charge: LockedCharge, status: ChargeStatus) -> ChargeStandingOut:
    return ChargeStandingOut(id=charge.id, status=status, total=charge.total_cents, total_outstanding=0)


def _member(actor: Actor) -> UUID:
    if actor.id is None:
        raise LookupError("only a member of staff takes back what is owed")
    return actor.id
