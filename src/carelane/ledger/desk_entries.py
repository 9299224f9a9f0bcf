"""What payments at the desk and patients' credit post. No I/O."""

from collections.abc import Sequence
from uuid import UUID

from carelane.ledger.entries import DISCOUNTS, Share, credit, entry_of, receivable, spread
from carelane.ledger.schemas import AccountRef, Books, Entry, Move


def spend_credit(
    share_id: UUID, books: Books, *, patient_id: UUID, sources: Sequence[tuple[AccountRef, int]], charge_id: UUID
) -> Entry:
    """Credit pays a charge. `sources`: in whose credit it stands, and how much of it; several, if records were merged."""
    moves = [Move(account, receivable(patient_id), cents) for account, cents in sources]
    return entry_of("APPLY_CREDIT", share_id, books, moves, charge_id)


def grant(change_id: UUID, books: Books, *, patient_id: UUID, amount_cents: int) -> Entry:
    """Credit that nothing was paid for is given away; below nothing, it is taken back."""
    account = credit(patient_id)
    moves = [Move(DISCOUNTS, account, max(amount_cents, 0)), Move(account, DISCOUNTS, max(-amount_cents, 0))]
    return entry_of("GRANT", change_id, books, moves)


def archive(
    source_id: UUID,
    books: Books,
    *,
    patient_id: UUID,
    sources: Sequence[tuple[AccountRef, int]],
    charge_id: UUID | None = None,
) -> Entry:
    """A payment was not made after all: its charge is owed again, or without a charge, its credit is gone. `sources`: what it was
    paid from, and how much of it."""
    paid = receivable(patient_id) if charge_id else credit(patient_id)
    return entry_of("ARCHIVE", source_id, books, [Move(paid, account, cents) for account, cents in sources], charge_id)


def other_medium(change_id: UUID, books: Books, *, before: AccountRef, after: AccountRef, amount_cents: int) -> Entry:
    """What is left of a payment came another way than was said."""
    moves = [Move(after, before, amount_cents)] if before != after else []
    return entry_of("MEDIUM", change_id, books, moves)


def given_back(
    source_id: UUID,
    books: Books,
    *,
    sources: Sequence[tuple[AccountRef, int]],
    charge_id: UUID,
    shares: Sequence[Share],
) -> Entry:
    """As `returned`, of one charge and to several accounts: `sources` has what goes to each. Raises ValueError as `spread` does."""
    lefts, moves = [share.left_cents for share in shares], list[Move]()
    for source, cents in sources:
        parts = spread(cents, lefts)
        for share, part in zip(shares, parts, strict=True):
            moves.append(Move(share.account, source, part) if part > 0 else Move(source, share.account, -part))
        lefts = [left - part for left, part in zip(lefts, parts, strict=True)]
    return entry_of("REFUND", source_id, books, moves, charge_id)


def beside_tips(shares: Sequence[Share], amount_cents: int) -> Sequence[Share]:
    """What lines give back is not of tips, as long as the rest comes to as much."""
    own = [share for share in shares if share.account.code != "tips"]
    return own if sum(share.left_cents for share in own) >= amount_cents else shares
