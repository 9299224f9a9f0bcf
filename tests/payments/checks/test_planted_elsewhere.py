"""Faults planted in entries that no gateway has anything to do with: voids, write-offs, and what was paid elsewhere."""

import pytest
import pytest_asyncio

from tests.payments.checks.conftest import Books
from tests.payments.checks.test_planted import require_clean, require_found

ACTS = ["VOID", "WRITE_OFF", "EXTERNAL", "EXTERNAL_RETURNED"]
OF_ACT = "act = %s"


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def elsewhere(books: Books) -> None:
    """A case that was closed before its card paid, one whose money nobody asks for any more, and two that were paid elsewhere."""
    till = books.till
    voided, written_off = [
        await till.run(await till.approved(till.saved_card("pm_card_chargeCustomerFail"))) for _ in "ab"
    ]
    await till.run(await till.close(voided))
    body = {"reason": "Moved away"}
    url = f"/api/staff/charges/{written_off.charge_id}/write-off"
    answer = await till.http.post(url, json=body, headers=till.manager.headers)
    assert answer.status_code == 200, answer.text
    await till.run(written_off)
    for statuses in (["PAID"], ["PAID", "CANCELED"]):
        payment = await till.case(None)
        for status in statuses:
            body = {
                "caseId": str(payment.case_id), "paymentDate": "2026-11-20", "validUntil": "2026-12-20", "amount": 159,
                "status": status,
            }  # fmt: skip
            answer = await till.http.post("/api/v1/customer-payment-confirmation", json=body, headers=till.clinic.key)
            assert answer.status_code == 200, answer.text
    await require_clean(books)


@pytest.mark.parametrize("act", ACTS)
async def test_a_cent_is_found(books: Books, act: str):
    for cents in (1, -1):
        assert books.add("ledger_postings", "amount_cents", cents, OF_ACT, act) >= 1
        try:
            await require_found(books)
        finally:
            books.add("ledger_postings", "amount_cents", -cents, OF_ACT, act)
    await require_clean(books)


@pytest.mark.parametrize("act", ACTS)
async def test_a_posting_that_is_gone_is_found(books: Books, act: str):
    rows = books.take_out("ledger_postings", OF_ACT, act)
    assert rows
    try:
        await require_found(books)
    finally:
        books.put_back("ledger_postings", rows)
    await require_clean(books)


@pytest.mark.parametrize("act", ACTS)
async def test_a_posting_that_is_there_twice_is_found(books: Books, act: str):
    row = books.take_out("ledger_postings", OF_ACT, act)
    again = row[0] | {"id": "f" * 8 + row[0]["id"][8:], "source_id": "f" * 8 + row[0]["source_id"][8:]}
    books.put_back("ledger_postings", [*row, again])
    try:
        await require_found(books)
    finally:
        books.take_out("ledger_postings", "id = %s", again["id"])
    await require_clean(books)
