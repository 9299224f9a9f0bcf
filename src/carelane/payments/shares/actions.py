"""Posting what of a payment pays which charge, and what of a refund is given back of which. The payment's row is locked."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from carelane.charges.owed.queries import LockedCharge
from carelane.charges.refresh import lock_charge, refresh_charge
from carelane.kit.auth import Actor
from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.ledger.actions import post
from carelane.ledger.desk_entries import beside_tips, given_back, spend_credit
from carelane.ledger.entries import Share, credit
from carelane.ledger.reads import posted, shares_of
from carelane.payments.shares import queries
from carelane.payments.shares.queries import NewGiven, ShareRow
from carelane.payments.shares.rows import Sources, take


async def apply_shares(
    conn: Connection, actor: Actor, credit_of: UUID, shares: Sequence[ShareRow], captured_cents: int
) -> int:
    """What a payment for several charges brought stands in credit; now it pays them, each as far as it is outstanding. How much of it
    did. Posted once: a share that is posted already is not looked at again."""
    left = captured_cents
    charges = await _lock(conn, actor, [share.charge_id for share in shares])
    for share in sorted(shares, key=lambda one: one.charge_id):
        if await posted(conn, actor.organization_id, "APPLY_CREDIT", share.id):
            continue
        charge = charges[share.charge_id]
        cents = min(share.amount_cents, charge.outstanding_cents, left)
        entry = spend_credit(
            share.id,
            charge.books,
            patient_id=charge.patient_id,
            sources=[(credit(credit_of), cents)],
            charge_id=charge.id,
        )
        if await post(conn, actor.organization_id, entry):
            left -= cents
            await refresh_charge(conn, actor.organization_id, charge.id, actor)
    return captured_cents - left


async def lock_given(conn: Connection, actor: Actor, refund_id: UUID) -> None:
    """The charges of which a refund gave something back."""
    await _lock(conn, actor, [one for _, one in await queries.list_given(conn, actor.organization_id, refund_id)])


async def _lock(conn: Connection, actor: Actor, charge_ids: Iterable[UUID]) -> dict[UUID, LockedCharge]:
    """All before any is brought up to date: that locks its plan, for which others wait who have another of them."""
    return {one: await lock_charge(conn, actor.organization_id, one) for one in sorted(set(charge_ids))}


async def list_applied(conn: Connection, organization_id: UUID, shares: Sequence[ShareRow]) -> list[tuple[UUID, int]]:
    """What of a card's payment for several charges stands against each, and was not given back. What a charge did not need is the
    patient's credit."""
    found = list[tuple[UUID, int]]()
    for share in shares:
        applied = sum(one.amount_cents for one in await posted(conn, organization_id, "APPLY_CREDIT", share.id))
        found.append((share.charge_id, applied - share.given_cents))
    return found


async def post_given_back(
    conn: Connection, actor: Actor, refund_id: UUID, parts: Mapping[UUID, int], sources: Sources, *, is_of_lines: bool
) -> None:
    """Writes and posts a refund that is spread over charges: `parts` by charge, out of `sources`; both come to the same."""
    organization_id, rest = actor.organization_id, list(sources)
    for charge_id, charge in (await _lock(conn, actor, parts)).items():
        given = NewGiven(
            organization_id=organization_id,
            id=uuid7(),
            refund_id=refund_id,
            charge_id=charge_id,
            amount_cents=parts[charge_id],
        )
        await queries.insert_given(conn, [given])
        taken, rest = take(rest, parts[charge_id])
        shares: Sequence[Share] = await shares_of(conn, organization_id, charge_id)
        if is_of_lines:
            shares = beside_tips(shares, parts[charge_id])
        entry = given_back(given.id, charge.books, sources=taken, charge_id=charge_id, shares=shares)
        await post(conn, organization_id, entry)
        await refresh_charge(conn, organization_id, charge_id, actor)
