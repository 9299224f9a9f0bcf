"""What a confirmation posts: the difference between how the payment stood and how it stands. No I/O."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from carelane.charges.owed.queries import LockedCharge
from carelane.kit.phi import Phi
from carelane.ledger import entries
from carelane.ledger.entries import DISPUTES, EXTERNAL, Share
from carelane.ledger.schemas import Act, Books, Entry, Move
from carelane.payments.confirmations.queries import Elsewhere


class Ground(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What the entries are made from. `credit_cents`: what the payment has in credit; `shares`: what can go back of the charge."""

    books: Books
    patient_id: UUID
    charge: LockedCharge | None
    credit_cents: int
    shares: Sequence[Share]

    @property
    def charge_id(self) -> UUID | None:
        return self.charge.id if self.charge else None


def make_entries(
    before: Elsewhere | None, after: Elsewhere, ground: Ground, *, confirmation_id: UUID, refund_id: UUID
) -> Iterator[Entry]:
    """`confirmation_id` names the act where a payment can see it more than once."""
    had = before or msgspec.structs.replace(after, captured_cents=0, refunded_cents=0, disputed_cents=0)
    if after.captured_cents > had.captured_cents:
        yield entries.paid_elsewhere(
            after.id,
            ground.books,
            patient_id=ground.patient_id,
            amount_cents=after.captured_cents,
            charge_id=ground.charge_id,
            outstanding_cents=ground.charge.outstanding_cents if ground.charge else 0,
        )
    if after.captured_cents < had.captured_cents:
        yield entries.not_paid_elsewhere(
            confirmation_id,
            ground.books,
            patient_id=ground.patient_id,
            amount_cents=had.captured_cents,
            charge_id=ground.charge_id,
            credit_cents=ground.credit_cents,
        )
    if after.refunded_cents > had.refunded_cents:
        yield entries.returned(
            refund_id,
            ground.books,
            source=EXTERNAL,
            patient_id=ground.patient_id,
            amount_cents=after.refunded_cents - had.refunded_cents,
            charge_id=ground.charge_id,
            shares=ground.shares,
            credit_cents=ground.credit_cents,
        )
    yield from _dispute(had, after, ground, confirmation_id)


def _dispute(had: Elsewhere, after: Elsewhere, ground: Ground, confirmation_id: UUID) -> Iterator[Entry]:
    if after.disputed_cents > had.disputed_cents:
        yield _moved("DISPUTE", confirmation_id, ground, Move(DISPUTES, EXTERNAL, after.disputed_cents))
    if after.disputed_cents < had.disputed_cents:
        yield _moved("DISPUTE_WON", confirmation_id, ground, Move(EXTERNAL, DISPUTES, had.disputed_cents))
    if after.status == "LOST_DISPUTE" and after.disputed_cents:
        yield entries.dispute_lost(
            confirmation_id,
            ground.books,
            patient_id=ground.patient_id,
            amount_cents=after.disputed_cents,
            charge_id=ground.charge_id,
            credit_cents=ground.credit_cents,
        )


def _moved(act: Act, source_id: UUID, ground: Ground, move: Move) -> Entry:
    return Entry(
        act=act,
        source_id=source_id,
        currency=ground.books.currency,
        is_test=ground.books.is_test,
        charge_id=ground.charge_id,
        moves=(move,),
    )
