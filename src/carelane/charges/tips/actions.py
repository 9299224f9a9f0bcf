"""Giving, changing and taking back tips."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from carelane import events
from carelane.charges.adjusting.actions import get_member, refuse_amount, require_members
from carelane.charges.owed.access import lock_owed
from carelane.charges.owed.actions import settle_changed
from carelane.charges.owed.queries import LockedCharge
from carelane.charges.refresh import lock_charge
from carelane.charges.tips import queries
from carelane.charges.tips.posting import post_tip
from carelane.charges.tips.queries import StandingTip
from carelane.charges.tips.schemas import TipIn, TipOut, TipPatch
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.errors import ConflictError, FieldProblem, RecordNotFoundError
from carelane.kit.ids import parse_uuid, uuid7
from carelane.ledger.reads import charge_sums
from carelane.permissions import BILLING_WRITE, requires
from carelane.services import Services
from carelane.web.idempotency import RequestKey, run_once


@requires(BILLING_WRITE)
async def create_tip(services: Services, actor: Actor, body: TipIn, request_key: RequestKey | None) -> TipOut:
    """Raises RecordNotFoundError, ConflictError when the charge is VOID or a payment of it is under way, RuleBrokenError, and what
    `run_once` raises."""
    return await run_once(services, actor, request_key, partial(_create, actor, body))


@requires(BILLING_WRITE)
async def update_tip(services: Services, actor: Actor, ref: str, body: TipPatch) -> TipOut:
    """As `create_tip`; ConflictError, too, for another member once some of the charge was given back."""
    async with services.db.transaction(actor) as conn:
        return await _update(actor, ref, body, conn)


@requires(BILLING_WRITE)
async def delete_tip(services: Services, actor: Actor, ref: str) -> bool:
    """As `create_tip`: what was paid of it is refunded instead."""
    async with services.db.transaction(actor) as conn:
        charge, tip = await _lock(conn, actor, ref)
        words = f"expected a tip of which nothing was paid; {_bound(charge)}"
        await refuse_amount(conn, actor, charge, -tip.amount_cents, FieldProblem("tip_id", words, "path"))
        await post_tip(conn, actor.organization_id, charge, tip, -tip.amount_cents)
        await queries.set_removed(conn, actor.organization_id, tip.id)
        await _record(conn, actor, charge, tip, tip.amount_cents, 0)
    return True


async def give_tips(conn: Connection, actor: Actor, charge_id: UUID, tips: Sequence[tuple[UUID, int]]) -> None:
    """To these members of staff, with a charge that was just written: nothing of it is paid."""
    if not tips:
        return
    await require_members(conn, actor, {staff_id for staff_id, _ in tips})
    charge = await lock_charge(conn, actor.organization_id, charge_id)
    for staff_id, cents in tips:
        tip = StandingTip(uuid7(), charge.id, staff_id, cents)
        await queries.insert_tip(conn, actor.organization_id, tip)
        await post_tip(conn, actor.organization_id, charge, tip, cents)
        await events.record(conn, _event(actor, charge, tip, None, cents))
    await settle_changed(conn, actor, charge, sum(cents for _, cents in tips))


async def _create(actor: Actor, body: TipIn, conn: Connection) -> TipOut:
    staff_id = await _get_member(conn, actor, body.provider_id)
    charge = await lock_owed(conn, actor, body.charge_id)
    tip = StandingTip(uuid7(), charge.id, staff_id, body.amount)
    await _refuse_change(conn, actor, charge, tip, body.amount)
    await queries.insert_tip(conn, actor.organization_id, tip)
    await post_tip(conn, actor.organization_id, charge, tip, body.amount)
    return await _changed(conn, actor, charge, tip, None, tip.amount_cents)


async def _update(actor: Actor, ref: str, body: TipPatch, conn: Connection) -> TipOut:
    staff_id = await _get_member(conn, actor, body.provider_id)
    charge, before = await _lock(conn, actor, ref)
    amount = before.amount_cents if body.amount is None else body.amount
    more = amount - before.amount_cents
    if more:
        await _refuse_change(conn, actor, charge, before, more)
    after = StandingTip(before.id, charge.id, staff_id, amount)
    if staff_id == before.staff_id and more:
        await post_tip(conn, actor.organization_id, charge, after, more)
    elif staff_id != before.staff_id:
        if (await charge_sums(conn, actor.organization_id, charge.id)).refunded_cents:
            raise ConflictError("some of the charge was given back, and of the tip with it; it stays with its provider")
        await post_tip(conn, actor.organization_id, charge, before, -before.amount_cents)
        await post_tip(conn, actor.organization_id, charge, after, amount)
    await queries.save_tip(conn, actor.organization_id, after)
    return await _changed(conn, actor, charge, after, before.amount_cents, amount)


async def _lock(conn: Connection, actor: Actor, ref: str) -> tuple[LockedCharge, StandingTip]:
    """The charge, then the tip as it is since. Raises RecordNotFoundError, ConflictError."""
    tip_id = parse_uuid(ref)
    found = await queries.find_standing(conn, actor.organization_id, tip_id) if tip_id else None
    if found is None:
        raise RecordNotFoundError(f"no tip {ref} here")
    charge = await lock_owed(conn, actor, str(found.charge_id))
    tip = await queries.find_standing(conn, actor.organization_id, found.id)
    if tip is None:
        raise RecordNotFoundError(f"no tip {ref} here")
    return charge, tip


async def _refuse_change(conn: Connection, actor: Actor, charge: LockedCharge, before: StandingTip, more: int) -> None:
    words = f"expected {_least(charge, before)} or more; {_bound(charge)}"
    await refuse_amount(conn, actor, charge, more, FieldProblem("amount", words))


def _least(charge: LockedCharge, tip: StandingTip) -> int:
    """What of the tip was paid, where its charge was paid otherwise in full."""
    return max(tip.amount_cents - charge.outstanding_cents, 1)


def _bound(charge: LockedCharge) -> str:
    return f"no more than {charge.outstanding_cents} of it is outstanding"


async def _get_member(conn: Connection, actor: Actor, ref: str) -> UUID:
    staff_id = await get_member(conn, actor, ref)
    assert staff_id is not None
    return staff_id


async def _changed(
    conn: Connection, actor: Actor, charge: LockedCharge, tip: StandingTip, before: int | None, after: int
) -> TipOut:
    await _record(conn, actor, charge, tip, before, after)
    shown = await queries.find_tip(conn, actor.organization_id, tip.id)
    assert shown is not None
    return shown


async def _record(
    conn: Connection, actor: Actor, charge: LockedCharge, tip: StandingTip, before: int | None, after: int
) -> None:
    await events.record(conn, _event(actor, charge, tip, before, after))
    await settle_changed(conn, actor, charge, after - (before or 0))


def _event(actor: Actor, charge: LockedCharge, tip: StandingTip, before: int | None, after: int) -> events.Event:
    return events.new_event(
        actor, "TIP_CHANGED", None, target_id=tip.id, is_test=charge.is_test,
        value_before=None if before is None else str(before), value_after=str(after),
    )  # fmt: skip
