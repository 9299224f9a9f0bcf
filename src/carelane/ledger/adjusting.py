"""What is posted when staff change what is owed for a charge. No I/O."""

from collections.abc import Iterable
from uuid import UUID

from carelane.ledger.entries import DISCOUNTS, entry_of, receivable, reversed_of
from carelane.ledger.schemas import AccountRef, Books, Entry, Move, Posted


def adjust(adjustment_id: UUID, books: Books, *, patient_id: UUID, amount_cents: int, charge_id: UUID) -> Entry:
    """What is owed is raised by the amount, or lowered where it is below nothing: it is sold for more, or at another discount. So
    a refund gives it back as it does the rest of the charge."""
    owed = receivable(patient_id)
    raised, lowered = AccountRef("revenue", None), DISCOUNTS
    move = Move(owed, raised, amount_cents) if amount_cents > 0 else Move(lowered, owed, -amount_cents)
    return entry_of("ADJUSTMENT", adjustment_id, books, [move], charge_id)


def tip(
    change_id: UUID, books: Books, *, patient_id: UUID, staff_id: UUID, amount_cents: int, charge_id: UUID
) -> Entry:
    """So much more is owed on top of a charge, for a member of staff; less, where the amount is below nothing."""
    owed, theirs = receivable(patient_id), AccountRef("tips", staff_id)
    move = Move(owed, theirs, amount_cents) if amount_cents > 0 else Move(theirs, owed, -amount_cents)
    return entry_of("TIP", change_id, books, [move], charge_id)


def undo(adjustment_id: UUID, books: Books, adjusted: Iterable[Posted], *, charge_id: UUID) -> Entry:
    """The charge is void, so what was adjusted or written off of it is not. `adjusted`: what that had posted."""
    return entry_of("ADJUSTMENT_VOIDED", adjustment_id, books, reversed_of(adjusted), charge_id)
