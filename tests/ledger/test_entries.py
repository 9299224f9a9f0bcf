"""What acts post, without a database: every entry balances, and whatever is given back in parts is given back exactly."""

from collections import Counter
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carelane.ledger import entries
from carelane.ledger.entries import Share, Sold
from carelane.ledger.schemas import AccountRef, Books, Posted

PATIENT, LOCATION, GATEWAY, RECORD = (UUID(int=n) for n in range(1, 5))
# Amounts are integers of whatever unit the currency has; the currency makes no difference to any of it.
BOOKS = st.sampled_from([Books("USD", False), Books("JPY", False), Books("KWD", True)])
CENTS = st.integers(0, 10**10)


@st.composite
def charges(draw):
    """An entry of a charge, and its total. Sometimes all of it is discounted, sometimes all but a cent."""
    lines = draw(st.lists(st.builds(Sold, st.integers(10, 14).map(lambda n: UUID(int=n)), CENTS), max_size=6))
    gross = sum(line.gross_cents for line in lines)
    discount = draw(st.one_of(st.integers(0, gross), st.just(gross), st.just(max(gross - 1, 0)), st.just(0)))
    tax = draw(st.one_of(st.just(0), st.integers(0, 10**8)))
    total = gross - discount + tax
    entry = entries.charge(
        RECORD, draw(BOOKS), patient_id=PATIENT, lines=lines, tax_cents=tax, total_cents=total, location_id=LOCATION
    )
    return entry, total


def balances(*posted):
    sums = Counter()
    for entry in posted:
        for move in entry.moves:
            assert move.amount_cents > 0
            assert move.debit != move.credit
            sums[move.debit] += move.amount_cents
            sums[move.credit] -= move.amount_cents
    assert sum(sums.values()) == 0
    return sums


def shares_of(*posted):
    """As the ledger reads them: what of a charge's own accounts was not given back."""
    sums = balances(*posted)
    return [Share(one, -cents) for one, cents in sums.items() if one.code in {"revenue", "tax", "discounts"} and cents]


def refund_of(entry, cents, *posted, **more):
    books = Books(entry.currency, entry.is_test)
    return entries.refund(
        RECORD, books, gateway_account_id=GATEWAY, patient_id=PATIENT, amount_cents=cents, charge_id=RECORD,
        shares=shares_of(entry, *posted), **more,
    )  # fmt: skip


@given(charges())
def test_a_charge_is_owed_in_full(charged):
    entry, total = charged
    sums = balances(entry)
    assert sums[entries.receivable(PATIENT)] == total
    keys = [(move.debit, move.credit) for move in entry.moves]
    assert len(keys) == len(set(keys))


@given(charges(), st.data())
def test_refunds_that_add_up_to_the_whole_undo_every_account(charged, data):
    entry, total = charged
    assume(total)
    left, back = total, []
    while left:
        cents = data.draw(st.one_of(st.integers(1, left), st.just(left), st.integers(1, min(left, 9))), "refund")
        if len(back) > 12:
            cents = left
        back.append(refund_of(entry, cents, *back))
        before = {share.account: share.left_cents for share in shares_of(entry, *back[:-1])}
        # No account is ever given back more than it has, or anything the wrong way round.
        for share in shares_of(entry, *back):
            assert (share.left_cents > 0) == (before[share.account] > 0)
            assert abs(share.left_cents) <= abs(before[share.account])
        assert balances(back[-1])[entries.gateway(GATEWAY)] == -cents
        left -= cents
    sums = balances(entry, *back)
    assert {account for account, cents in sums.items() if cents} <= {
        entries.receivable(PATIENT),
        entries.gateway(GATEWAY),
    }
    assert sums[entries.gateway(GATEWAY)] == -total


@given(charges(), st.data())
def test_no_more_is_given_back_than_there_is(charged, data):
    entry, total = charged
    cents = data.draw(st.integers(total + 1, total + 10**6))
    with pytest.raises(ValueError, match=f"expected at most {total}"):
        refund_of(entry, cents)


@given(charges(), st.data())
def test_what_reverses_leaves_nothing(charged, data):
    entry, total = charged
    books = Books(entry.currency, entry.is_test)
    assert not any(balances(entry, entries.void(RECORD, books, standing(entry))).values())
    if total:
        refund = refund_of(entry, data.draw(st.integers(1, total)))
        assert not any(balances(refund, entries.refund_failed(RECORD, books, standing(refund))).values())


def standing(entry):
    return [
        Posted(id=UUID(int=n), debit=move.debit, credit=move.credit, amount_cents=move.amount_cents)
        for n, move in enumerate(entry.moves)
    ]


@given(BOOKS, CENTS, CENTS, st.booleans())
def test_money_pays_what_is_outstanding_and_the_rest_is_credit(books, cents, outstanding, has_charge):
    charge_id = RECORD if has_charge else None
    captured = entries.capture(
        RECORD, books, gateway_account_id=GATEWAY, patient_id=PATIENT, amount_cents=cents, charge_id=charge_id,
        outstanding_cents=outstanding,
    )  # fmt: skip
    sums = balances(captured)
    of_charge = min(cents, outstanding) if has_charge else 0
    assert sums[entries.gateway(GATEWAY)] == cents
    assert (-sums[entries.receivable(PATIENT)], -sums[entries.credit(PATIENT)]) == (of_charge, cents - of_charge)


@given(charges(), st.data())
def test_credit_goes_back_before_revenue(charged, data):
    entry, total = charged
    credit = data.draw(st.integers(0, 10**6))
    cents = data.draw(st.integers(0, total + credit))
    sums = balances(refund_of(entry, cents, credit_cents=credit))
    assert sums[entries.credit(PATIENT)] == min(cents, credit)
    assert sums[entries.gateway(GATEWAY)] == -cents


@given(BOOKS, st.integers(1, 10**10), st.integers(0, 10**10), st.integers(0, 10**4))
def test_a_dispute_leaves_its_fee_or_the_loss(books, cents, credit, fee):
    opened = [
        entries.dispute(RECORD, books, gateway_account_id=GATEWAY, amount_cents=cents),
        entries.dispute_fee(RECORD, books, gateway_account_id=GATEWAY, amount_cents=fee),
    ]
    won = entries.dispute_won(RECORD, books, gateway_account_id=GATEWAY, amount_cents=cents)
    assert {one.code for one, left in balances(*opened, won).items() if left} <= {"gateway", "gateway-fees"}
    lost = entries.dispute_lost(RECORD, books, patient_id=PATIENT, amount_cents=cents, credit_cents=credit)
    sums = balances(*opened, lost)
    assert sums[entries.DISPUTES] == 0
    assert sums[entries.WRITE_OFFS] + sums[entries.credit(PATIENT)] == cents
    assert sums[entries.credit(PATIENT)] == min(cents, credit)


def test_nothing_moves_nothing():
    books = Books("USD", False)
    assert entries.fee(RECORD, books, gateway_account_id=GATEWAY, amount_cents=0).moves == ()
    empty = entries.charge(RECORD, books, patient_id=PATIENT, lines=[], tax_cents=0, total_cents=0, location_id=None)
    assert empty.moves == ()
    with pytest.raises(ValueError, match="FEE of -1"):
        entries.fee(RECORD, books, gateway_account_id=GATEWAY, amount_cents=-1)


def test_moves_of_equal_accounts_are_one():
    lines = [Sold(UUID(int=7), 100), Sold(UUID(int=8), 50), Sold(UUID(int=7), 1)]
    entry = entries.charge(
        RECORD, Books("USD", False), patient_id=PATIENT, lines=lines, tax_cents=0, total_cents=141, location_id=None
    )
    owed = entries.receivable(PATIENT)
    assert [(move.debit, move.credit, move.amount_cents) for move in entry.moves] == [
        (owed, AccountRef("revenue", UUID(int=7)), 101),
        (owed, AccountRef("revenue", UUID(int=8)), 50),
        (entries.DISCOUNTS, owed, 10),
    ]


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (100, [99, 99, 99], [34, 33, 33]),
        (1, [1, 2], [0, 1]),
        (0, [3, -1], [0, 0]),
        (0, [], []),
        (5, [100, 0, -90, 10], [25, 0, -22, 2]),
        (20, [100, 0, -90, 10], [100, 0, -90, 10]),
    ],
)
def test_the_largest_remainder_gets_the_cent(amount, weights, shares):
    assert entries.spread(amount, weights) == shares
