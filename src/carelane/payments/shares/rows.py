"""How amounts are taken from accounts and spread over charges. No I/O."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from carelane.ledger.entries import spread
from carelane.ledger.schemas import AccountRef

Sources = Sequence[tuple[AccountRef, int]]


def spread_over(amount_cents: int, lefts: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    """What of an amount is given back of each charge, in proportion to what is left of the payment there. Raises ValueError."""
    parts = spread(amount_cents, [left for _, left in lefts])
    return {charge_id: cents for (charge_id, _), cents in zip(lefts, parts, strict=True) if cents}


def fits(wanted: Mapping[UUID, int], lefts: Sequence[tuple[UUID, int]]) -> bool:
    """Whether something is wanted, and of no charge more than is left there."""
    left = dict(lefts)
    return bool(wanted) and all(cents <= left.get(charge_id, 0) for charge_id, cents in wanted.items())


def take(sources: Sources, amount_cents: int) -> tuple[list[tuple[AccountRef, int]], list[tuple[AccountRef, int]]]:
    """So much from the front of `sources`, and what is left of them."""
    taken, left = [], []
    for account, cents in sources:
        part = min(cents, amount_cents)
        amount_cents -= part
        if part:
            taken.append((account, part))
        if cents > part:
            left.append((account, cents - part))
    return taken, left
