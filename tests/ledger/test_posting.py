"""Postings in the database: written once, by whoever comes first, changed by nobody, and never of mixed money."""

import asyncio
from uuid import UUID, uuid4

import psycopg
import pytest

from carelane.kit.auth import system_actor
from carelane.ledger import entries, reads
from carelane.ledger.actions import post
from carelane.ledger.entries import Sold
from carelane.ledger.errors import PostedOtherwiseError
from carelane.ledger.schemas import AccountRef, Books, Entry, Move
from tests.ledger.balances import balance_of

USD = Books("USD", False)
CENTS = 12_500


def capture(patient_id=None, gateway_id=None, *, books=USD, cents=CENTS, intent_id=None):
    return entries.capture(
        intent_id or uuid4(), books, gateway_account_id=gateway_id or uuid4(), patient_id=patient_id or uuid4(), amount_cents=cents
    )  # fmt: skip


async def test_an_act_is_posted_once(put, read):
    patient_id, gateway_id = uuid4(), uuid4()
    taken = capture(patient_id, gateway_id)
    assert [await put(taken), await put(taken), await put(taken, taken)] == [1, 0, 0]
    assert await read(balance_of, entries.gateway(gateway_id), USD) == CENTS
    assert await read(reads.credit_balance, patient_id, USD) == CENTS


async def test_several_entries_are_posted_together(put, read):
    gateway_id, intent_id = uuid4(), uuid4()
    taken = capture(gateway_id=gateway_id, intent_id=intent_id)
    fee = entries.fee(intent_id, USD, gateway_account_id=gateway_id, amount_cents=393)
    nothing = entries.fee(uuid4(), USD, gateway_account_id=gateway_id, amount_cents=0)
    assert [await put(taken, fee, nothing), await put(nothing), await put()] == [2, 0, 0]
    assert await read(balance_of, entries.gateway(gateway_id), USD) == CENTS - 393


async def test_an_act_that_stands_there_with_another_amount_is_refused(put, read):
    gateway_id, intent_id = uuid4(), uuid4()
    await put(capture(gateway_id=gateway_id, intent_id=intent_id))
    with pytest.raises(PostedOtherwiseError, match=f"CAPTURE {intent_id}"):
        await put(capture(gateway_id=gateway_id, intent_id=intent_id, cents=CENTS + 1))
    # Nor is one that is spread otherwise by now posted a second time.
    assert await put(capture(uuid4(), gateway_id, intent_id=intent_id)) == 0
    assert await read(balance_of, entries.gateway(gateway_id), USD) == CENTS


async def test_nothing_of_a_transaction_that_fails_is_posted(services, shop_id, read):
    gateway_id = uuid4()

    async def fail():
        async with services.db.transaction(system_actor(shop_id)) as conn:
            assert await post(conn, shop_id, capture(gateway_id=gateway_id)) == 1
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await read(balance_of, entries.gateway(gateway_id), USD) == 0


@pytest.mark.parametrize("is_kept", [True, False])
async def test_two_that_use_an_account_first_at_once_share_it(services, shop_id, read, owner, is_kept):
    """The second waits for the first, whose transaction then is kept or not."""
    gateway_id, patient_id = uuid4(), uuid4()
    posted, go_on = asyncio.Event(), asyncio.Event()

    async def first():
        async with services.db.transaction(system_actor(shop_id)) as conn:
            assert await post(conn, shop_id, capture(patient_id, gateway_id)) == 1
            posted.set()
            await go_on.wait()
            assert is_kept, "undone"

    async def second():
        await posted.wait()
        async with services.db.transaction(system_actor(shop_id)) as conn:
            return await post(conn, shop_id, capture(patient_id, gateway_id))

    async def release():
        """When the second is seen to wait; of its statement the view has only the first kilobyte."""
        await posted.wait()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%ledger_account_id%%'"
        try:
            async with asyncio.timeout(20):
                while not owner.execute(waiting).fetchone()[0]:  # noqa: ASYNC110 - the database's own state
                    await asyncio.sleep(0.01)
        finally:
            go_on.set()

    one, two, seen = await asyncio.gather(first(), second(), release(), return_exceptions=True)
    assert seen is None
    assert isinstance(one, AssertionError) != is_kept
    assert two == 1
    assert await read(balance_of, entries.gateway(gateway_id), USD) == CENTS * (1 + is_kept)
    made = "SELECT count(*), count(DISTINCT id) FROM ledger_accounts WHERE owner_id = ANY(%s)"
    assert owner.execute(made, ([gateway_id, patient_id],)).fetchone() == (2, 2)


async def test_the_same_act_at_once_is_posted_once(put, read):
    gateway_id = uuid4()
    taken = capture(gateway_id=gateway_id)
    counts = await asyncio.gather(*(put(taken) for _ in range(16)))
    assert sorted(counts) == [0] * 15 + [1]
    assert await read(balance_of, entries.gateway(gateway_id), USD) == CENTS


async def test_many_acts_on_new_accounts_at_once(put, read):
    gateway_ids = [uuid4() for _ in range(4)]
    acts = [capture(gateway_id=gateway_ids[n % 4]) for n in range(40)]
    assert await asyncio.gather(*(put(act) for act in acts)) == [1] * 40
    for gateway_id in gateway_ids:
        assert await read(balance_of, entries.gateway(gateway_id), USD) == 10 * CENTS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_postings SET amount_cents = 1",
        "UPDATE ledger_postings SET happened_at = now()",
        "DELETE FROM ledger_postings",
        "TRUNCATE ledger_postings",
        "UPDATE ledger_accounts SET owner_id = NULL",
        "DELETE FROM ledger_accounts",
        "INSERT INTO ledger_snapshots SELECT organization_id, id, '2020-01-01', 1, 1 FROM ledger_accounts",
        "UPDATE ledger_snapshots SET debit_cents = 1",
        "DELETE FROM ledger_snapshots",
        "DELETE FROM charge_adjustments",
        "INSERT INTO ledger_postings SELECT * FROM ledger_postings",
        "INSERT INTO ledger_postings (happened_at) VALUES ('2020-01-01')",
    ],
)
async def test_nothing_in_the_ledger_can_be_changed(services, shop_id, put, statement):
    await put(capture())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with services.db.transaction(system_actor(shop_id)) as conn:
            await conn.execute(statement)


# A posting like the newest, with something else in its place.
LIKE_THE_NEWEST = """
INSERT INTO ledger_postings (organization_id, id, act, source_id, debit_id, credit_id, amount_cents, currency, is_test)
SELECT organization_id, gen_random_uuid(), act, gen_random_uuid(), debit_id, {credit}, {amount}, {currency}, {is_test}
FROM ledger_postings WHERE source_id = %s
"""
PARTS = {"credit": "credit_id", "amount": "amount_cents", "currency": "currency", "is_test": "is_test"}


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"amount": "0"}, psycopg.errors.CheckViolation),
        ({"amount": "-amount_cents"}, psycopg.errors.CheckViolation),
        ({"credit": "debit_id"}, psycopg.errors.CheckViolation),
        ({"credit": "NULL"}, psycopg.errors.NotNullViolation),
        ({"credit": "gen_random_uuid()"}, psycopg.errors.ForeignKeyViolation),
        ({"currency": "'EUR'"}, psycopg.errors.ForeignKeyViolation),
        ({"is_test": "true"}, psycopg.errors.ForeignKeyViolation),
    ],
)
async def test_what_does_not_balance_or_mixes_money_cannot_be_written(services, shop_id, put, other, error):
    taken = capture()
    await put(taken)
    statement = LIKE_THE_NEWEST.format(**(PARTS | other))
    with pytest.raises(error):
        async with services.db.transaction(system_actor(shop_id)) as conn:
            await conn.execute(statement, (taken.source_id,))


async def test_of_each_currency_and_set_of_books_there_are_accounts_of_their_own(put, read):
    patient_id, gateway_id = uuid4(), uuid4()
    every = [Books("USD", False), Books("USD", True), Books("JPY", False), Books("KWD", True)]
    for n, books in enumerate(every, start=1):
        await put(capture(patient_id, gateway_id, books=books, cents=n))
    assert [await read(balance_of, entries.gateway(gateway_id), books) for books in every] == [1, 2, 3, 4]
    assert [await read(reads.credit_balance, patient_id, books) for books in every] == [1, 2, 3, 4]


async def test_debits_and_credits_are_the_same_in_all_books(put, read):
    await put(capture(books=Books("JPY", True)))
    totals = {}
    for balance in await read(reads.trial_balance):
        debits, credits_ = totals.get(balance.books, (0, 0))
        totals[balance.books] = (debits + balance.debit_cents, credits_ + balance.credit_cents)
    assert totals
    assert all(debits == credits_ for debits, credits_ in totals.values()), totals


async def test_another_clinic_sees_none_of_it(services, other_clinic, put, read):
    gateway_id = uuid4()
    taken = capture(gateway_id=gateway_id)
    await put(taken)
    elsewhere = {"organization_id": UUID(other_clinic.organization_id)}
    assert await read(balance_of, entries.gateway(gateway_id), USD, **elsewhere) == 0
    assert await read(reads.posted, "CAPTURE", taken.source_id, **elsewhere) == []


async def test_what_is_reversed_is_named(put, read):
    gateway_id, refund_id, patient_id = uuid4(), uuid4(), uuid4()
    await put(capture(patient_id, gateway_id))
    back = entries.refund(
        refund_id, USD, gateway_account_id=gateway_id, patient_id=patient_id, amount_cents=500, credit_cents=CENTS
    )
    await put(back)
    assert await read(reads.credit_of, [back.source_id]) == -500
    sent = await read(reads.posted, "REFUND", refund_id)
    failed = entries.refund_failed(refund_id, USD, sent)
    assert [await put(failed), await put(failed)] == [1, 0]
    assert failed.moves[0].reverses_id == sent[0].id
    assert await read(balance_of, entries.gateway(gateway_id), USD) == CENTS


async def test_a_posting_names_a_charge_that_is_there(put):
    patient_id = uuid4()
    sold = entries.charge(
        uuid4(), USD, patient_id=patient_id, lines=[Sold(uuid4(), 1)], tax_cents=0, total_cents=1, location_id=None
    )
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await put(sold)
    nowhere = Entry(
        act="FEE",
        source_id=uuid4(),
        currency="USD",
        is_test=None,
        moves=(Move(AccountRef("cash"), AccountRef("external"), 1),),
    )
    with pytest.raises(psycopg.errors.NotNullViolation):
        await put(nowhere)
