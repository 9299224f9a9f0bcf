"""Taking from a patient's credits, and putting back. The ledger is the caller's."""

from collections.abc import Sequence
from uuid import UUID

from carelane.kit.db import Connection
from carelane.kit.ids import uuid7
from carelane.ledger.entries import credit
from carelane.ledger.schemas import AccountRef, Books
from carelane.payments.spending import queries
from carelane.payments.spending.errors import CreditMissingError
from carelane.payments.spending.queries import CreditRow, NewCredit, NewSpend

Sources = list[tuple[AccountRef, int]]


async def choose(
    conn: Connection,
    organization_id: UUID,
    patient_id: UUID,
    books: Books,
    amount_cents: int,
    credit_ids: Sequence[UUID] | None = None,
) -> list[tuple[CreditRow, int]]:
    """What is taken from which credit: from the oldest first, or from those that are named, in that order. They are locked.

    Raises CreditMissingError, and KeyError with the id of one that is named and cannot be spent.
    """
    found = await queries.lock_spendable(conn, organization_id, patient_id, books)
    if credit_ids is not None:
        by_id = {one.id: one for one in found}
        found = [by_id[one] for one in dict.fromkeys(credit_ids)]
    available = sum(one.left_cents for one in found)
    if available < amount_cents:
        raise CreditMissingError(available, amount_cents)
    taken, left = [], amount_cents
    for one in found:
        part = min(one.left_cents, left)
        left -= part
        if part:
            taken.append((one, part))
    return taken


async def spend(
    conn: Connection, organization_id: UUID, payment_id: UUID, chosen: Sequence[tuple[CreditRow, int]]
) -> Sources:
    """Takes what was chosen, for a payment whose row is written. In whose accounts it stood."""
    spends = [
        NewSpend(
            organization_id=organization_id, id=uuid7(), credit_id=one.id, payment_id=payment_id, amount_cents=cents
        )
        for one, cents in chosen
    ]
    await queries.insert_spends(conn, spends)
    return _by_account([(one.account_patient_id, cents) for one, cents in chosen])


async def put_back(conn: Connection, organization_id: UUID, payment_id: UUID, amount_cents: int) -> Sources:
    """What a payment took goes back to its credits, the newest first. Into whose accounts."""
    left, back = amount_cents, []
    for one in await queries.lock_spends(conn, organization_id, payment_id):
        part = min(one.left_cents, left)
        if part:
            await queries.update_returned(conn, organization_id, one.id, part)
            back.append((one.account_patient_id, part))
            left -= part
    if left:
        raise LookupError("more was asked back than was taken")
    return _by_account(back)


async def add_credit(conn: Connection, new: NewCredit, kind: str) -> UUID | None:
    """Writes a credit. The id of the change that its posting is named after; None: nothing of it is left."""
    await queries.insert_credit(conn, new)
    left = new.amount_cents - new.spent_cents
    return await change(conn, new.organization_id, new.id, kind, left) if left else None


async def change(conn: Connection, organization_id: UUID, credit_id: UUID, kind: str, amount_cents: int) -> UUID:
    """Writes down that something came to a credit or was taken from it otherwise than by a payment."""
    change_id = uuid7()
    await queries.insert_change(conn, organization_id, change_id, credit_id, kind, amount_cents)
    return change_id


async def reduce_of_payment(
    conn: Connection, organization_id: UUID, brought: Sequence[CreditRow], amount_cents: int
) -> Sources:
    """What a payment had brought as credit goes back with it. From whose accounts."""
    left, taken = amount_cents, []
    for one in brought:
        part = min(one.left_cents, left)
        if part:
            is_deleted = one.amount_cents == part
            await queries.set_amount(conn, organization_id, one.id, one.amount_cents - part, is_deleted=is_deleted)
            await change(conn, organization_id, one.id, "RETURN", -part)
            taken.append((one.account_patient_id, part))
            left -= part
    return _by_account(taken)


def _by_account(parts: Sequence[tuple[UUID, int]]) -> Sources:
    """Several parts of one account added up, as a ledger's act names an account once."""
    summed: dict[UUID, int] = {}
    for patient_id, cents in parts:
        summed[patient_id] = summed.get(patient_id, 0) + cents
    return [(credit(patient_id), cents) for patient_id, cents in summed.items()]
