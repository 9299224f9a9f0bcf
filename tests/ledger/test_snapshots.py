"""Snapshots of months that are over: the balance stays what it is, whatever they say is not counted again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from carelane.ledger import entries, jobs
from carelane.ledger.schemas import Books
from tests.ledger.balances import balance_of

USD = Books("USD", False)
# A posting of the account as it would have been written then; only the owner of the tables may.
OLDER = """
INSERT INTO ledger_postings (organization_id, id, happened_at, act, source_id, debit_id, credit_id, amount_cents, currency, is_test)
SELECT p.organization_id, gen_random_uuid(), %s, p.act, gen_random_uuid(), p.debit_id, p.credit_id, %s, p.currency, p.is_test
FROM ledger_postings p WHERE p.source_id = %s
"""
SNAPSHOTS = """
SELECT s.until, s.debit_cents, s.credit_cents FROM ledger_snapshots s JOIN ledger_accounts a ON a.id = s.account_id
WHERE a.code = %s AND a.owner_id = %s ORDER BY s.until
"""


def month_start(now):
    return (now - timedelta(days=1)).astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def account_with_history(put, owner, *history):
    """A gateway's account with a posting of 1 from now and those of `history`: (moment, cents)."""
    gateway_id = uuid4()
    taken = entries.capture(uuid4(), USD, gateway_account_id=gateway_id, patient_id=uuid4(), amount_cents=1)
    await put(taken)
    for moment, cents in history:
        owner.execute(OLDER, (moment, cents, taken.source_id))
    return gateway_id


async def test_a_snapshot_is_what_an_account_had_come_to(services, put, read, owner):
    until = month_start(owner.execute("SELECT now()").fetchone()[0])
    before, long_ago = until - timedelta(microseconds=1), datetime(2020, 2, 1, tzinfo=UTC)
    gateway_id = await account_with_history(put, owner, (long_ago, 1000), (before, 100), (until, 10))
    account = entries.gateway(gateway_id)
    assert await read(balance_of, account, USD) == 1111
    await jobs.make_snapshots(services)
    assert owner.execute(SNAPSHOTS, ("gateway", gateway_id)).fetchall() == [(until.date(), 1100, 0)]
    assert await read(balance_of, account, USD) == 1111
    await jobs.make_snapshots(services)
    assert len(owner.execute(SNAPSHOTS, ("gateway", gateway_id)).fetchall()) == 1


async def test_the_balance_is_the_last_snapshot_and_what_came_since(services, put, read, owner):
    """Seen by a snapshot that is wrong, which nothing but the tables' owner could write."""
    until = month_start(owner.execute("SELECT now()").fetchone()[0])
    gateway_id = await account_with_history(
        put, owner, (until - timedelta(days=40), 1000), (until - timedelta(days=1), 100)
    )
    older = (
        "INSERT INTO ledger_snapshots SELECT organization_id, id, %s, 5000, 0 FROM ledger_accounts WHERE owner_id = %s"
    )
    owner.execute(older, ((until - timedelta(days=20)).date(), gateway_id))
    assert await read(balance_of, entries.gateway(gateway_id), USD) == 5101
    await jobs.make_snapshots(services)
    assert owner.execute(SNAPSHOTS, ("gateway", gateway_id)).fetchall()[-1] == (until.date(), 5100, 0)
    assert await read(balance_of, entries.gateway(gateway_id), USD) == 5101


async def test_an_account_that_nothing_came_to_keeps_the_snapshot_it_has(services, put, owner):
    gateway_id = await account_with_history(put, owner)
    await jobs.make_snapshots(services)
    assert owner.execute(SNAPSHOTS, ("gateway", gateway_id)).fetchall() == []


async def test_every_account_has_its_turn(services, put, owner, monkeypatch):
    until = month_start(owner.execute("SELECT now()").fetchone()[0])
    made = [await account_with_history(put, owner, (until - timedelta(days=2), n)) for n in range(5, 12)]
    monkeypatch.setattr(jobs, "_BATCH", 3)
    await jobs.make_snapshots(services)
    found = [owner.execute(SNAPSHOTS, ("gateway", gateway_id)).fetchall() for gateway_id in made]
    assert found == [[(until.date(), n, 0)] for n in range(5, 12)]


async def test_a_posting_is_of_the_moment_its_transaction_began(put, owner):
    taken = entries.capture(uuid4(), USD, gateway_account_id=uuid4(), patient_id=uuid4(), amount_cents=1)
    await put(taken)
    age = "SELECT now() - happened_at < interval '1 minute' FROM ledger_postings WHERE source_id = %s"
    assert owner.execute(age, (taken.source_id,)).fetchone() == (True,)
