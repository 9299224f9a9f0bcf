"""Faults of one cent and of one row, planted in every place that says something of money: each is found."""

import pytest

from tests.payments.checks.conftest import Books

# (table, columns that go together, whose, by how many cents)
CENTS = [
    ("payments", "captured_cents", "refunded", (1, -1)),
    ("payments", "refunded_cents", "refunded", (1, -1)),
    ("payments", "disputed_cents", "disputed", (1, -1)),
    ("payments", "disputed_cents", "won", (1,)),
    ("payment_intents", "captured_cents", "refunded", (1, -1)),
    ("payment_intents", "refunded_cents", "refunded", (1, -1)),
    ("payment_intents", "fee_cents", "refunded", (1, -1)),
    ("payment_intents", "captured_cents", "ahead", (1, -1)),
    ("payment_attempts", "amount_cents", "refunded", (1, -1)),
    ("refunds", "amount_cents", "refunded", (1, -1)),
    ("disputes", "amount_cents", "disputed", (1, -1)),
    ("disputes", "fee_cents", "disputed", (1, -1)),
    ("disputes", "amount_cents", "lost", (1, -1)),
    ("charges", "outstanding_cents", "refunded", (1,)),
    ("charges", "subtotal_cents total_cents", "disputed", (1, -1)),
]
# (act, whose record it is about): every kind of entry that there is here.
POSTINGS = [
    ("CHARGE", "refunded"),
    ("CAPTURE", "refunded"),
    ("FEE", "refunded"),
    ("REFUND", "refunded"),
    ("DISPUTE", "disputed"),
    ("DISPUTE_FEE", "disputed"),
    ("DISPUTE_LOST", "lost"),
    ("DISPUTE_WON", "won"),
    ("CAPTURE", "ahead"),
    ("APPLY_CREDIT", "ahead"),
]
OF_ACT = """act = %s AND source_id IN (
  SELECT y.id FROM payments y WHERE y.id = %s UNION ALL SELECT y.charge_id FROM payments y WHERE y.id = %s
  UNION ALL SELECT i.id FROM payment_intents i WHERE i.payment_id = %s UNION ALL SELECT r.id FROM refunds r WHERE r.payment_id = %s
  UNION ALL SELECT d.id FROM disputes d WHERE d.payment_id = %s)"""
ROWS = [
    ("payment_intents", "ahead"),
    ("payment_intents", "refunded"),
    ("refunds", "refunded"),
    ("disputes", "disputed"),
]
ROWS += [("disputes", "lost"), ("payment_attempts", "disputed")]
TOLD = [
    ("PAYMENT_COMPLETED", "refunded", "id"),
    ("REFUND_COMPLETED", "refunded", "refund"),
    ("DISPUTE_OPENED", "disputed", "id"),
    ("DISPUTE_CLOSED", "won", "id"),
]


async def require_found(books: Books, invariant: str = "CAPTURED_IS_RECORDED") -> None:
    assert invariant in {finding.invariant for finding in await books.findings()}


async def require_clean(books: Books) -> None:
    assert [finding.line() for finding in await books.findings()] == []


@pytest.mark.parametrize(
    ("table", "columns", "whose", "cents"),
    [(table, columns, whose, cents) for table, columns, whose, each in CENTS for cents in each],
)
async def test_a_cent_is_found(books: Books, table, columns, whose, cents):
    payment = getattr(books, whose)
    keys = {"payments": ("id = %s", payment.id), "charges": ("id = %s", payment.charge_id)}
    where, key = keys.get(table, ("payment_id = %s", payment.id))
    assert books.add(table, columns, cents, where, key) >= 1
    try:
        await require_found(books)
    finally:
        books.add(table, columns, -cents, where, key)
    await require_clean(books)


@pytest.mark.parametrize(("act", "whose"), POSTINGS)
async def test_a_cent_of_a_posting_is_found(books: Books, act, whose):
    keys = (act, *[getattr(books, whose).id] * 5)
    for cents in (1, -1):
        assert books.add("ledger_postings", "amount_cents", cents, OF_ACT, *keys) >= 1
        try:
            await require_found(books)
        finally:
            books.add("ledger_postings", "amount_cents", -cents, OF_ACT, *keys)
    await require_clean(books)


@pytest.mark.parametrize(("act", "whose"), POSTINGS)
async def test_a_posting_that_is_gone_is_found(books: Books, act, whose):
    rows = books.take_out("ledger_postings", OF_ACT, act, *[getattr(books, whose).id] * 5)
    assert rows
    try:
        await require_found(books)
    finally:
        books.put_back("ledger_postings", rows)
    await require_clean(books)


@pytest.mark.parametrize(("act", "whose"), POSTINGS)
async def test_a_posting_that_is_there_twice_is_found(books: Books, act, whose):
    """Under another record's id, as the table itself refuses the same."""
    (first, *_) = [
        row for (row,) in books.run(
            f"SELECT to_jsonb(t) FROM ledger_postings t WHERE organization_id = %s AND {OF_ACT}",
            books.till.organization_id, act, *[getattr(books, whose).id] * 5,
        )
    ]  # fmt: skip
    second = first | {"id": "f" * 8 + first["id"][8:], "source_id": "f" * 8 + first["source_id"][8:]}
    books.put_back("ledger_postings", [second])
    try:
        await require_found(books)
    finally:
        books.take_out("ledger_postings", "id = %s", second["id"])
    await require_clean(books)


@pytest.mark.parametrize(("table", "whose"), ROWS)
async def test_a_row_that_is_gone_is_found(books: Books, table, whose):
    rows = books.take_out(table, "payment_id = %s", getattr(books, whose).id)
    assert rows
    try:
        await require_found(books)
    finally:
        books.put_back(table, rows)
    await require_clean(books)


@pytest.mark.parametrize(("kind", "whose", "target"), TOLD)
async def test_what_was_never_told_or_told_twice_is_found(books: Books, kind, whose, target):
    payment = getattr(books, whose)
    key = payment.id if target == "id" else books.run("SELECT id FROM refunds WHERE payment_id = %s", payment.id)[0][0]
    rows = books.take_out("events", "type = %s AND target_id = %s", kind, key)
    assert len(rows) == 1
    try:
        await require_found(books, "TOLD_ONCE")
    finally:
        books.put_back("events", rows)
    again = rows[0] | {"id": "f" * 8 + rows[0]["id"][8:], "case_sequence": 10_000, "number": 10**9, "position": None}
    books.put_back("events", [again])
    try:
        await require_found(books, "TOLD_ONCE")
    finally:
        books.take_out("events", "id = %s", again["id"])
    await require_clean(books)


async def test_money_in_the_books_of_another_account_is_found(books: Books):
    """A posting that debits another account of the same kind: its amount is right, and it is still wrong."""
    intent = "SELECT id FROM payment_intents WHERE payment_id = %s"
    ((intent_id,),) = books.run(intent, books.refunded.id)
    ((other_id,),) = books.run(
        "INSERT INTO ledger_accounts (organization_id, id, code, kind, owner_id, currency, is_test)"
        " VALUES (%s, gen_random_uuid(), 'gateway', 'asset', gen_random_uuid(), 'USD', true) RETURNING id",
        books.till.organization_id,
    )
    ((before,),) = books.run("SELECT debit_id FROM ledger_postings WHERE act = 'CAPTURE' AND source_id = %s", intent_id)
    move = "UPDATE ledger_postings SET debit_id = %s WHERE act = 'CAPTURE' AND source_id = %s"
    books.run(move, other_id, intent_id)
    try:
        await require_found(books)
    finally:
        books.run(move, before, intent_id)
    await require_clean(books)


async def test_a_reversal_of_something_else_is_found(books: Books):
    posting = "SELECT id FROM ledger_postings WHERE organization_id = %s AND act = %s LIMIT 1"
    ((fee_id,),) = books.run(posting, books.till.organization_id, "FEE")
    ((charge_id,),) = books.run(posting, books.till.organization_id, "CHARGE")
    books.run("UPDATE ledger_postings SET reverses_id = %s WHERE id = %s", charge_id, fee_id)
    try:
        await require_found(books)
    finally:
        books.run("UPDATE ledger_postings SET reverses_id = NULL WHERE id = %s", fee_id)
    await require_clean(books)


async def test_a_snapshot_that_is_a_cent_off_is_found(books: Books):
    """That nothing had happened before last month is right; that a cent had is not."""
    make = (
        "INSERT INTO ledger_snapshots (organization_id, account_id, until, debit_cents, credit_cents)"
        " SELECT organization_id, id, '2020-01-01', 0, 0 FROM ledger_accounts WHERE organization_id = %s LIMIT 1"
    )
    books.run(make, books.till.organization_id)
    try:
        await require_clean(books)
        for column in ("debit_cents", "credit_cents"):
            books.add("ledger_snapshots", column, 1, "until = '2020-01-01'")
            await require_found(books)
            books.add("ledger_snapshots", column, -1, "until = '2020-01-01'")
    finally:
        books.take_out("ledger_snapshots", "until = '2020-01-01'")
    await require_clean(books)


@pytest.mark.parametrize("table", ["payments", "gateway_accounts", "cases"])
async def test_test_and_live_money_that_are_mixed_are_found(books: Books, table):
    payment = books.refunded
    row_id = {"payments": payment.id, "gateway_accounts": books.till.account_id, "cases": payment.case_id}[table]
    flip = f"UPDATE {table} SET is_test = NOT is_test WHERE id = %s"
    books.run(flip, row_id)
    try:
        await require_found(books)
    finally:
        books.run(flip, row_id)
    await require_clean(books)


async def test_a_status_that_the_money_does_not_say_is_found(books: Books):
    change = "UPDATE payments SET status = %s, amount_cents = amount_cents + %s WHERE id = %s"
    for said, cents, payment, was in [("UNPAID", 0, books.won, "PAID"), ("PAID", 1, books.refunded, "PAID")]:
        books.run(change, said, cents, payment.id)
        try:
            await require_found(books)
        finally:
            books.run(change, was, -cents, payment.id)
        await require_clean(books)
