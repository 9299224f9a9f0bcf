"""Faults that are planted in the ledger, found by Debian's hledger: it comes to other sums than the gateway's own lists."""

import pytest

from tests.payments.checks.conftest import Books
from tests.payments.checks.stranger import differences
from tests.payments.checks.test_planted import OF_ACT, POSTINGS


@pytest.mark.parametrize(("act", "whose"), POSTINGS)
async def test_hledger_finds_a_cent(books: Books, act, whose):
    keys = (act, *[getattr(books, whose).id] * 5)
    for cents in (1, -1):
        assert books.add("ledger_postings", "amount_cents", cents, OF_ACT, *keys) >= 1
        try:
            assert await differences(books.till)
        finally:
            books.add("ledger_postings", "amount_cents", -cents, OF_ACT, *keys)
    assert await differences(books.till) == {}


@pytest.mark.parametrize(("act", "whose"), POSTINGS)
async def test_hledger_finds_a_posting_that_is_gone(books: Books, act, whose):
    rows = books.take_out("ledger_postings", OF_ACT, act, *[getattr(books, whose).id] * 5)
    assert rows
    try:
        assert await differences(books.till)
    finally:
        books.put_back("ledger_postings", rows)
    assert await differences(books.till) == {}
