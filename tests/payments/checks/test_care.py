"""What must be decided before money moves, and paid before a parcel leaves."""

from uuid import uuid4

from tests.factories.orders import place_order
from tests.factories.pharmacies import add_pharmacy
from tests.factories.rows import insert_row
from tests.payments.checks.conftest import Books
from tests.payments.checks.test_planted import require_clean, require_found


async def test_money_taken_without_an_approval_is_found(books: Books):
    case_id = books.refunded.case_id
    decisions = books.take_out("decisions", "case_id = %s", case_id)
    events = books.take_out("events", "case_id = %s AND value_after = 'APPROVED'", case_id)
    assert decisions
    assert events
    try:
        await require_found(books, "NO_CAPTURE_WITHOUT_APPROVAL")
    finally:
        books.put_back("decisions", decisions)
        books.put_back("events", events)
    await require_clean(books)


async def test_money_taken_before_the_approval_is_found(books: Books):
    times = {"decisions": "case_id = %s", "events": "case_id = %s AND value_after = 'APPROVED'"}
    for by in ("+ interval '1 hour'", "- interval '1 hour'"):
        for table, where in times.items():
            books.run(f"UPDATE {table} SET created_at = created_at {by} WHERE {where}", books.refunded.case_id)
        if by.startswith("+"):
            await require_found(books, "NO_CAPTURE_WITHOUT_APPROVAL")
    await require_clean(books)


async def test_a_storefronts_own_capture_before_the_approval_is_none_of_ours(books: Books):
    """Its case was approved after that, and nothing was found."""
    assert books.ahead.captured_cents == 9_900
    await require_clean(books)


async def test_a_hold_that_was_captured_in_the_gateways_dashboard_before_the_approval_is_found(books: Books):
    till = books.till
    hold = till.held()
    payment = await till.case(hold)
    till.stripe.v1.payment_intents.capture(hold)
    await till.hear(payment, await (await till.gateway()).fetch_intent(hold))
    await require_found(books, "NO_CAPTURE_WITHOUT_APPROVAL")
    await till.decide(payment)
    await require_found(books, "NO_CAPTURE_WITHOUT_APPROVAL")
    source = "SELECT id FROM payment_intents WHERE gateway_id = %s"
    books.run(f"UPDATE ledger_postings SET happened_at = now() WHERE source_id = ({source})", hold)
    await require_clean(books)


async def test_a_try_that_failed_took_nothing_whenever_it_was_made(books: Books):
    till = books.till
    payment = await till.case(till.saved_card())
    attempt_id = await insert_row(
        till.services, till.organization_id, "payment_attempts", payment_id=payment.id, kind="CHARGE", status="UNKNOWN",
        gateway_account_id=till.account_id, amount_cents=payment.amount_cents, currency="USD",
    )  # fmt: skip
    await require_found(books, "NO_CAPTURE_WITHOUT_APPROVAL")
    books.run("UPDATE payment_attempts SET status = 'FAILED' WHERE id = %s", attempt_id)
    await require_clean(books)


async def test_a_dollar_that_was_paid_elsewhere_pays_no_order(books: Books):
    """The check adds up as the gate does."""
    unpaid = await books.till.case(books.till.saved_card())
    await books.till.confirm(unpaid, "PAID", "1.00")
    order = await _sent(books, unpaid.case_id)
    await require_found(books, "NO_SHIPMENT_WITHOUT_PAYMENT")
    books.take_out("orders", "id = %s", order)
    await books.till.confirm(unpaid, "PAID", "158.00")
    order = await _sent(books, unpaid.case_id)
    await require_clean(books)
    books.take_out("orders", "id = %s", order)


async def test_an_order_that_left_before_the_payment_is_found(books: Books):
    unpaid = await books.till.case(books.till.saved_card())
    order = await _sent(books, unpaid.case_id)
    try:
        await require_found(books, "NO_SHIPMENT_WITHOUT_PAYMENT")
        books.run("UPDATE organizations SET order_requires_payment = false WHERE id = %s", books.till.organization_id)
        await require_clean(books)
    finally:
        books.run("UPDATE organizations SET order_requires_payment = NULL WHERE id = %s", books.till.organization_id)
        books.take_out("orders", "id = %s", order)
    await require_clean(books)


async def test_an_order_that_left_after_the_payment_is_in_order_also_once_it_is_refunded(books: Books):
    order = await _sent(books, books.refunded.case_id)
    await require_clean(books)
    books.run("UPDATE orders SET sending_began_at = %s WHERE id = %s", books.refunded.created_at, order)
    await require_found(books, "NO_SHIPMENT_WITHOUT_PAYMENT")
    books.take_out("orders", "id = %s", order)
    await require_clean(books)


async def test_an_order_and_the_one_that_replaces_it_both_on_their_way_are_found(books: Books):
    first = await _sent(books, books.refunded.case_id)
    second = await _sent(books, books.refunded.case_id, replaces_order_id=first)
    try:
        await require_found(books, "ONE_DISPENSE_PER_FILL")
        books.run("UPDATE orders SET status = 'CANCELED' WHERE id = %s", first)
        await require_clean(books)
    finally:
        books.take_out("orders", "id IN (%s, %s)", first, second)


async def test_two_orders_under_one_number_of_the_pharmacy_are_found(books: Books):
    pharmacy_id = await add_pharmacy(books.till.services, books.till.organization_id, f"p-{uuid4().hex}")
    same = {"pharmacy_id": pharmacy_id, "pharmacy_order_id": "RX-1"}
    orders = [await _sent(books, books.refunded.case_id, **same) for _ in range(2)]
    try:
        await require_found(books, "ONE_DISPENSE_PER_FILL")
    finally:
        books.take_out("orders", "id IN (%s, %s)", *orders)
    await require_clean(books)


async def _sent(books: Books, case_id, **values):
    """An order that left for its pharmacy just now."""
    till = books.till
    order_id = await place_order(till.services, till.organization_id, case_id, status="SENT", **values)
    books.run("UPDATE orders SET sending_began_at = now(), sent_at = now() WHERE id = %s", order_id)
    return order_id
