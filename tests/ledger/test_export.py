"""The books as a journal: hledger reads it, finds nothing wrong, and comes to the same balances."""

import tracemalloc
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from carelane.kit.auth import system_actor
from carelane.kit.money import decimal_string
from carelane.ledger import entries, reads
from carelane.ledger.actions import post
from carelane.ledger.export.reads import journal_lines
from carelane.ledger.export.schemas import ExportedAccount, Span
from carelane.ledger.export.views import account_name
from carelane.ledger.schemas import KIND_OF, Books
from tests.factories.charges import line, make_charge
from tests.ledger import hledger
from tests.own_clinic import make_clinic
from tests.processes import commands

EVERY = [Books("USD", False), Books("USD", True), Books("JPY", False), Books("KWD", False)]


@pytest.fixture(scope="module")
async def shop(services, tmp_path_factory):
    """A clinic of its own: its books are this file's alone."""
    return await make_clinic(services, tmp_path_factory.mktemp("journal"))


@pytest.fixture(scope="module")
async def busy(services, shop):
    """Money of every kind that is owed, taken, given back, disputed and written off."""
    sold = line(
        "Tablets", 7950, product_id=UUID(shop.item_id), discount_amount_cents=51, tax_cents=12, total_cents=7899
    )
    await make_charge(services, shop, sold, location_id=UUID(shop.location_id))
    organization_id = UUID(shop.organization_id)
    for n, books in enumerate(EVERY, start=1):
        gateway_id, patient_id, record_id = uuid4(), uuid4(), uuid4()
        of = {"gateway_account_id": gateway_id}
        back = {"patient_id": patient_id, "credit_cents": 20_000}
        acts = [
            entries.capture(record_id, books, **of, patient_id=patient_id, amount_cents=10_000 + n),
            entries.fee(record_id, books, **of, amount_cents=333),
            entries.refund(record_id, books, **of, **back, amount_cents=1_111),
            entries.paid_elsewhere(uuid4(), books, patient_id=patient_id, amount_cents=5),
            entries.paid_elsewhere(uuid4(), books, patient_id=patient_id, amount_cents=7, in_cash=True),
            entries.dispute(record_id, books, **of, amount_cents=500),
            entries.dispute_fee(record_id, books, **of, amount_cents=150),
            entries.dispute_lost(record_id, books, patient_id=patient_id, amount_cents=500),
        ]
        async with services.db.transaction(system_actor(organization_id)) as conn:
            await post(conn, organization_id, *acts)


async def journal_of(services, shop, *, prefix="", **days):
    span = Span(**days)
    lines = journal_lines(services, UUID(shop.organization_id), shop.tenant, span, prefix=prefix)
    return "".join([f"{text}\n" async for text in lines])


def named(balance):
    account = ExportedAccount(
        code=balance.account.code, kind=KIND_OF[balance.account.code], owner_id=balance.account.owner_id,
        currency=balance.books.currency, is_test=balance.books.is_test, opening_cents=0, closing_cents=0,
    )  # fmt: skip
    return account_name(account, is_test=balance.books.is_test)


async def expected(read):
    return {
        (named(one), f"{decimal_string(one.cents, one.books.currency)} {one.books.currency}")
        for one in await read(reads.trial_balance)
        if one.cents
    }


async def test_hledger_finds_nothing_wrong_and_the_same_balances(services, shop, read, busy):
    journal = await journal_of(services, shop)
    hledger.check(journal)
    found = hledger.balances(journal)
    assert found == await expected(read)
    assert any(amount.endswith(" JPY") and "." not in amount for _, amount in found)
    assert ("expenses:gateway-fees", "0.483 KWD") in found
    assert {name.partition(":")[0] for name, _ in found} == {"assets", "liabilities", "income", "expenses", "test"}


async def test_hledger_knows_what_kind_each_account_is(services, shop, busy):
    journal = await journal_of(services, shop)
    done = hledger.run(journal, "balancesheet", "-O", "csv")
    assert done.returncode == 0
    assert "test:assets:gateway" in done.stdout
    assert "income" not in done.stdout


async def test_the_same_books_are_the_same_text(services, shop, busy):
    assert await journal_of(services, shop) == await journal_of(services, shop)


async def test_patients_stand_in_it_by_id(services, shop, busy):
    journal = await journal_of(services, shop)
    assert f"assets:receivable:{shop.patient_id}" in journal
    assert "Vale" not in journal
    assert "Robin" not in journal


@pytest.mark.parametrize(
    ("before", "after"),
    [("assets:gateway", "assets:getaway"), ("  100.01 USD", "  100.02 USD"), ("FEE", "2020-13-13")],
)
async def test_hledger_finds_a_cent_and_a_name_that_are_wrong(services, shop, busy, before, after):
    """The check is not one that passes whatever it is given."""
    journal = await journal_of(services, shop)
    assert before in journal
    if before == "FEE":
        with pytest.raises(AssertionError):
            hledger.check(f"{journal}\n{after} * x\n")
        return
    at = journal.rindex(before)
    with pytest.raises(AssertionError):
        hledger.check(journal[:at] + after + journal[at + len(before) :])


async def test_hledger_finds_a_posting_that_is_missing(services, shop, busy):
    journal = await journal_of(services, shop)
    blocks = journal.split("\n\n")
    missing = next(n for n, block in enumerate(blocks) if " CAPTURE " in block)
    with pytest.raises(AssertionError, match="assertion"):
        hledger.check("\n\n".join(blocks[:missing] + blocks[missing + 1 :]))


OLDER = """
INSERT INTO ledger_postings (organization_id, id, happened_at, act, source_id, debit_id, credit_id, amount_cents, currency, is_test)
SELECT p.organization_id, gen_random_uuid(), %s, p.act, gen_random_uuid(), p.debit_id, p.credit_id, %s, p.currency, p.is_test
FROM ledger_postings p WHERE p.organization_id = %s AND p.act = 'FEE'
  AND p.happened_at > now() - interval '1 day'
"""


async def test_a_span_of_days_opens_and_closes_with_balances(services, shop, shop_id, read, owner, busy):
    march = datetime(2026, 3, 1, tzinfo=UTC)
    for moment, cents in ((march - timedelta(microseconds=1), 1), (march, 10), (march + timedelta(days=31), 100)):
        owner.execute(OLDER, (moment, cents, shop_id))
    whole = await journal_of(services, shop)
    hledger.check(whole)
    march_only = await journal_of(services, shop, from_day=date(2026, 3, 1), until_day=date(2026, 4, 1))
    hledger.check(march_only)
    assert march_only.count(" FEE ") == len(EVERY)
    assert "2026-03-01 * opening balances" in march_only
    assert {"0.11 USD", "0.011 KWD", "11 JPY"} <= {amount for _, amount in hledger.balances(march_only)}
    since = await journal_of(services, shop, from_day=date(2026, 3, 1))
    hledger.check(since)
    assert hledger.balances(since) == hledger.balances(whole) == await expected(read)
    assert "CAPTURE" not in await journal_of(services, shop, until_day=date(2026, 3, 1))


async def test_nothing_yet_is_an_empty_journal(services, tmp_path):
    empty = await make_clinic(services, tmp_path)
    journal = await journal_of(services, empty)
    hledger.check(journal)
    assert hledger.balances(journal) == set()
    hledger.check(await journal_of(services, empty, from_day=date(2026, 3, 1), until_day=date(2026, 4, 1)))


MANY = """
INSERT INTO ledger_postings (organization_id, id, happened_at, act, source_id, debit_id, credit_id, amount_cents, currency, is_test)
SELECT p.organization_id, gen_random_uuid(), now() - n * interval '1 second', p.act, gen_random_uuid(), p.debit_id, p.credit_id, n,
  p.currency, p.is_test
FROM (SELECT * FROM ledger_postings WHERE organization_id = %s AND act = 'FEE' AND currency = 'JPY' LIMIT 1) p, generate_series(1, %s) n
"""


async def test_memory_does_not_grow_with_the_books(services, tmp_path, owner, put):
    """30,000 postings: what is kept of the journal at once is a small part of it."""
    large = await make_clinic(services, tmp_path)
    large_id = UUID(large.organization_id)
    fee = entries.fee(uuid4(), Books("JPY", False), gateway_account_id=uuid4(), amount_cents=1)
    await put(fee, organization_id=large_id)
    owner.execute(MANY, (large_id, 30_000))
    size = most = 0
    tracemalloc.start()
    try:
        async for text in journal_lines(services, large_id, large.tenant, Span()):
            size += len(text) + 1
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 5_000_000
    assert most < 3_000_000


def carelane(server, *arguments):
    return commands.run("ledger", "export", "--data-dir", server.data_dir, *arguments)


@pytest.mark.usefixtures("busy")
async def test_the_command_prints_one_organizations_books_or_all(server, shop, other_clinic):
    one = carelane(server, "--organization", shop.tenant)
    assert one.returncode == 0, one.stderr
    hledger.check(one.stdout)
    assert f"; Books of {shop.tenant} ({shop.organization_id})" in one.stdout
    every = carelane(server)
    assert every.returncode == 0, every.stderr
    assert f"; Books of {other_clinic.tenant}" in every.stdout
    assert f"account {shop.tenant}:assets:" in every.stdout
    done = hledger.run(every.stdout, "check", "--strict")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--organization", "nobody"], "--organization: expected the tenant of an organization here, not nobody"),
        (["--from", "2026-03-01", "--until", "2026-03-01"], "--until: expected a day after --from"),
    ],
)
def test_the_command_says_what_it_expects(server, arguments, told):
    done = carelane(server, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_day_must_be_one(server):
    done = carelane(server, "--from", "March")
    assert done.returncode == 2
    assert "March" in done.stderr
