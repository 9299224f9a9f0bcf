"""What each act posts. No I/O.

Refunds are spread over what is left of a charge's own accounts, so whatever the parts, together they undo each exactly.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from carelane.ledger.schemas import AccountRef, Act, Books, Entry, Move, Posted

DISCOUNTS = AccountRef("discounts")
GATEWAY_FEES = AccountRef("gateway-fees")
DISPUTES = AccountRef("disputes")
WRITE_OFFS = AccountRef("write-offs")
CASH = AccountRef("cash")
EXTERNAL = AccountRef("external")


class Sold(msgspec.Struct, frozen=True):
    """A line of a charge. `sold_id`: the product or bundle; `gross_cents`: before any discount."""

    sold_id: UUID | None
    gross_cents: int


class Share(msgspec.Struct, frozen=True):
    """An account of a charge, and what of it has not been given back: negative of discounts."""

    account: AccountRef
    left_cents: int


def receivable(patient_id: UUID) -> AccountRef:
    return AccountRef("receivable", patient_id)


def credit(patient_id: UUID) -> AccountRef:
    return AccountRef("credit", patient_id)


def gateway(gateway_account_id: UUID) -> AccountRef:
    return AccountRef("gateway", gateway_account_id)


def charge(
    charge_id: UUID,
    books: Books,
    *,
    patient_id: UUID,
    lines: Sequence[Sold],
    tax_cents: int,
    total_cents: int,
    location_id: UUID | None,
) -> Entry:
    """A patient owes the total: what was sold, less all discounts, with tax."""
    owed, more = receivable(patient_id), total_cents - tax_cents - sum(line.gross_cents for line in lines)
    # Lines whose amounts were rounded to another unit since may come to a little less than the whole.
    sold = [*lines, Sold(None, max(more, 0))]
    moves = [Move(owed, AccountRef("revenue", line.sold_id), line.gross_cents) for line in sold]
    moves += [Move(DISCOUNTS, owed, max(-more, 0)), Move(owed, AccountRef("tax", location_id), tax_cents)]
    return entry_of("CHARGE", charge_id, books, moves, charge_id)


def void(charge_id: UUID, books: Books, charged: Iterable[Posted]) -> Entry:
    """Nothing is owed after all. `charged`: what the charge had posted."""
    return entry_of("VOID", charge_id, books, reversed_of(charged), charge_id)


def write_off(charge_id: UUID, books: Books, *, patient_id: UUID, amount_cents: int) -> Entry:
    return entry_of("WRITE_OFF", charge_id, books, [Move(WRITE_OFFS, receivable(patient_id), amount_cents)], charge_id)


def capture(
    intent_id: UUID,
    books: Books,
    *,
    gateway_account_id: UUID,
    patient_id: UUID,
    amount_cents: int,
    charge_id: UUID | None = None,
    outstanding_cents: int = 0,
) -> Entry:
    """Money was taken: it pays what is outstanding of the charge; the rest, or all when there is no charge yet, is credit."""
    moves = _paid(gateway(gateway_account_id), patient_id, amount_cents, outstanding_cents if charge_id else 0)
    return entry_of("CAPTURE", intent_id, books, moves, charge_id)


def paid_elsewhere(
    payment_id: UUID,
    books: Books,
    *,
    patient_id: UUID,
    amount_cents: int,
    charge_id: UUID | None = None,
    outstanding_cents: int = 0,
    in_cash: bool = False,
) -> Entry:
    """As `capture`, of a payment that no gateway of ours took: EXTERNAL or CASH."""
    moves = _paid(CASH if in_cash else EXTERNAL, patient_id, amount_cents, outstanding_cents if charge_id else 0)
    return entry_of("CASH" if in_cash else "EXTERNAL", payment_id, books, moves, charge_id)


def not_paid_elsewhere(
    confirmation_id: UUID,
    books: Books,
    *,
    patient_id: UUID,
    amount_cents: int,
    charge_id: UUID | None = None,
    credit_cents: int = 0,
) -> Entry:
    """What was said to have been paid elsewhere never was: it is owed again, but for what of it stood in credit."""
    of_credit = min(amount_cents, credit_cents)
    moves = [
        Move(credit(patient_id), EXTERNAL, of_credit),
        Move(receivable(patient_id), EXTERNAL, amount_cents - of_credit),
    ]
    return entry_of("EXTERNAL_RETURNED", confirmation_id, books, moves, charge_id)


def apply_credit(
    payment_id: UUID, books: Books, *, patient_id: UUID, credit_of: UUID, amount_cents: int, charge_id: UUID
) -> Entry:
    """What a payment had brought before there was a charge pays it. `credit_of`: in whose credit it stands; another record of the
    patient's, if they were merged since."""
    moves = [Move(credit(credit_of), receivable(patient_id), amount_cents)]
    return entry_of("APPLY_CREDIT", payment_id, books, moves, charge_id)


def fee(intent_id: UUID, books: Books, *, gateway_account_id: UUID, amount_cents: int) -> Entry:
    return entry_of("FEE", intent_id, books, [Move(GATEWAY_FEES, gateway(gateway_account_id), amount_cents)])


def refund(
    refund_id: UUID,
    books: Books,
    *,
    gateway_account_id: UUID,
    patient_id: UUID,
    amount_cents: int,
    charge_id: UUID | None = None,
    shares: Sequence[Share] = (),
    credit_cents: int = 0,
) -> Entry:
    """Money went back. First what the payment has in credit, `credit_cents`; the rest is spread over the charge's `shares`.

    Raises ValueError when there is not so much to give back.
    """
    return returned(
        refund_id,
        books,
        source=gateway(gateway_account_id),
        patient_id=patient_id,
        amount_cents=amount_cents,
        charge_id=charge_id,
        shares=shares,
        credit_cents=credit_cents,
    )


def returned(
    refund_id: UUID,
    books: Books,
    *,
    source: AccountRef,
    patient_id: UUID,
    amount_cents: int,
    charge_id: UUID | None = None,
    shares: Sequence[Share] = (),
    credit_cents: int = 0,
) -> Entry:
    """As `refund`, out of any account: of a payment in cash it is the cash."""
    of_credit = min(amount_cents, credit_cents)
    moves = [Move(credit(patient_id), source, of_credit)]
    for share, cents in zip(shares, spread(amount_cents - of_credit, [s.left_cents for s in shares]), strict=True):
        # A discount is given back the other way round.
        back = Move(share.account, source, cents) if cents > 0 else Move(source, share.account, -cents)
        moves.append(back)
    return entry_of("REFUND", refund_id, books, moves, charge_id)


def returned_twice(refund_id: UUID, books: Books, *, gateway_account_id: UUID, amount_cents: int) -> Entry:
    """What of a refund had gone back before, by another way: it is lost, and no charge's."""
    return entry_of("REFUND", refund_id, books, [Move(WRITE_OFFS, gateway(gateway_account_id), amount_cents)])


def refund_failed(refund_id: UUID, books: Books, sent: Iterable[Posted], charge_id: UUID | None = None) -> Entry:
    """The money of a refund came back. `sent`: what the refund had posted."""
    return entry_of("REFUND_FAILED", refund_id, books, reversed_of(sent), charge_id)


def dispute(
    dispute_id: UUID, books: Books, *, gateway_account_id: UUID, amount_cents: int, charge_id: UUID | None = None
) -> Entry:
    moves = [Move(DISPUTES, gateway(gateway_account_id), amount_cents)]
    return entry_of("DISPUTE", dispute_id, books, moves, charge_id)


def dispute_fee(dispute_id: UUID, books: Books, *, gateway_account_id: UUID, amount_cents: int) -> Entry:
    return entry_of("DISPUTE_FEE", dispute_id, books, [Move(GATEWAY_FEES, gateway(gateway_account_id), amount_cents)])


def dispute_won(
    dispute_id: UUID,
    books: Books,
    *,
    gateway_account_id: UUID,
    amount_cents: int,
    fee_cents: int = 0,
    charge_id: UUID | None = None,
) -> Entry:
    """`fee_cents`: what came back of the fee, if the gateway gives it back; below nothing where the answer to the bank cost more."""
    back = gateway(gateway_account_id)
    moves = [
        Move(back, DISPUTES, amount_cents),
        Move(back, GATEWAY_FEES, max(fee_cents, 0)),
        Move(GATEWAY_FEES, back, max(-fee_cents, 0)),
    ]
    return entry_of("DISPUTE_WON", dispute_id, books, moves, charge_id)


def dispute_lost(
    dispute_id: UUID,
    books: Books,
    *,
    patient_id: UUID,
    amount_cents: int,
    charge_id: UUID | None = None,
    credit_cents: int = 0,
    gateway_account_id: UUID | None = None,
    more_fee_cents: int = 0,
) -> Entry:
    """The money will not come back. What of it stood in the patient's credit, `credit_cents`, is no credit any more.
    `more_fee_cents`: what the answer to the bank cost beside the dispute's own fee."""
    of_credit = min(amount_cents, credit_cents)
    moves = [
        Move(credit(patient_id), DISPUTES, of_credit),
        Move(WRITE_OFFS, DISPUTES, amount_cents - of_credit),
        Move(GATEWAY_FEES, AccountRef("gateway", gateway_account_id), more_fee_cents),
    ]
    return entry_of("DISPUTE_LOST", dispute_id, books, moves, charge_id)


def spread(amount_cents: int, lefts: Sequence[int]) -> list[int]:
    """`amount_cents` in proportion to what is left of each, never more than is left of any.

    Where all that is left is given back, each gets exactly what it has: any series of amounts that adds up to the whole ends
    there. Raises ValueError when not so much is left.
    """
    whole = sum(lefts)
    if not 0 <= amount_cents <= max(whole, 0):
        raise ValueError(f"expected at most {whole}, got {amount_cents}")
    return in_proportion(amount_cents, lefts) if amount_cents else [0] * len(lefts)


def in_proportion(amount_cents: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder; of equal remainders the first gets the cent. The weights come to more than nothing together."""
    whole = sum(weights)
    shares = [amount_cents * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: amount_cents * weights[n] % whole, reverse=True)
    for n in by_remainder[: amount_cents - sum(shares)]:
        shares[n] += 1
    return shares


def _paid(source: AccountRef, patient_id: UUID, amount_cents: int, outstanding_cents: int) -> list[Move]:
    of_charge = min(amount_cents, max(outstanding_cents, 0))
    return [
        Move(source, receivable(patient_id), of_charge),
        Move(source, credit(patient_id), amount_cents - of_charge),
    ]


def reversed_of(postings: Iterable[Posted]) -> list[Move]:
    return [Move(one.credit, one.debit, one.amount_cents, one.id) for one in postings]


def entry_of(act: Act, source_id: UUID, books: Books, moves: Iterable[Move], charge_id: UUID | None = None) -> Entry:
    """The entry, with the moves of equal accounts added up, and without those that move nothing."""
    summed: dict[tuple[AccountRef, AccountRef, UUID | None], int] = {}
    for move in moves:
        if move.amount_cents < 0:
            raise ValueError(f"{act} of {move.amount_cents}")
        key = (move.debit, move.credit, move.reverses_id)
        summed[key] = summed.get(key, 0) + move.amount_cents
    return Entry(
        act=act,
        source_id=source_id,
        currency=books.currency,
        is_test=books.is_test,
        charge_id=charge_id,
        moves=tuple(Move(*key[:2], cents, key[2]) for key, cents in summed.items() if cents),
    )
