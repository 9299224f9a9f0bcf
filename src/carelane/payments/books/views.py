"""From postings and balances to what staff are shown. No I/O."""

from collections import defaultdict
from collections.abc import Iterable

from carelane.kit.money import decimal_string
from carelane.ledger.schemas import Balance, Code
from carelane.payments.books.queries import PostingRow
from carelane.payments.books.schemas import BookOut, OwedOut, PostingOut, SourceOut


def show_posting(row: PostingRow) -> PostingOut:
    return PostingOut(
        id=row.id,
        happened_at=row.happened_at,
        act=row.act,
        debit=row.debit,
        credit=row.credit,
        amount=decimal_string(row.amount_cents, row.currency),
        currency=row.currency,
        is_test=row.is_test,
        charge_id=row.charge_id,
        source=_source(row),
        by=row.by or None,
        reverses_id=row.reverses_id,
    )


def _source(row: PostingRow) -> SourceOut | None:
    if row.payment_id is not None:
        return SourceOut(kind="payment", id=row.payment_id)
    if row.patient_id is not None:
        return SourceOut(kind="patient", id=row.patient_id)
    return SourceOut(kind="charge", id=row.charge_id) if row.charge_id is not None else None


def show_books(balances: Iterable[Balance]) -> list[BookOut]:
    """One for each kind of account, currency and set of books."""
    sums: dict[tuple[bool, str, Code], list[int]] = defaultdict(lambda: [0, 0])
    for one in balances:
        both = sums[bool(one.books.is_test), one.books.currency, one.account.code]
        both[0] += one.debit_cents
        both[1] += one.credit_cents
    return [
        BookOut(
            account=code,
            currency=currency,
            is_test=is_test,
            debits=decimal_string(debits, currency),
            credits=decimal_string(credits_, currency),
            balance=signed(debits - credits_, currency),
        )
        for (is_test, currency, code), (debits, credits_) in sorted(sums.items())
    ]


def show_owed(balances: Iterable[Balance]) -> list[OwedOut]:
    """All accounts together come to nothing, so what the others come to is what patients owe, less their credit."""
    sums: dict[tuple[bool, str], int] = defaultdict(int)
    for one in balances:
        sums[bool(one.books.is_test), one.books.currency] += one.cents
    return [
        OwedOut(currency=currency, is_test=is_test, balance=signed(-cents, currency))
        for (is_test, currency), cents in sorted(sums.items())
    ]


def signed(cents: int, currency: str) -> str:
    return f"-{decimal_string(-cents, currency)}" if cents < 0 else decimal_string(cents, currency)
