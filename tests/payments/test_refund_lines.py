"""Refunds by line to a card: granted by staff or a key, sent, posted to the charge that the lines are of."""

from uuid import UUID, uuid4

import pytest

from carelane.payments.invariants.reads import check_money
from tests.factories.rows import insert_row, update_row
from tests.factories.seen import hear
from tests.own_clinic import make_clinic
from tests.payments.desk_world import FrontDesk
from tests.review.people import employ


@pytest.fixture
def desk(till):
    return FrontDesk(till)


async def sold(desk, *prices, **more):
    """A charge and its lines."""
    items = [{"itemId": desk.till.clinic.item_id, "quantity": 1, "price": price} for price in prices]
    body = {"patientId": desk.patient, "totalOutstanding": sum(prices), "items": items} | more
    made = await desk.good("POST", "/billing/payment-terminal/charge/create", body)
    return made["id"], [one["id"] for one in made["items"]]


async def charged(desk, *charges, **more):
    answer = await desk.paid(await desk.card(), await desk.config(*charges, **more))
    return await desk.payment(answer)


async def granted(till, payment, *lines, headers=None, **more):
    items = [one if isinstance(one, dict) else {"id": one} for one in lines]
    url = f"/api/staff/payments/{payment.id}/refunds"
    return await till.http.post(url, json={"items": items} | more, headers=headers or till.manager.headers)


async def sent(till, payment, answer):
    assert answer.status_code == 200, answer.text
    done = await till.http.post(f"/api/staff/refunds/{answer.json()['id']}/send", headers=till.manager.headers)
    assert done.status_code == 200, done.text
    return await till.run(payment)


def places(answer):
    assert answer.status_code == 400, answer.text
    return [one["field"] for one in answer.json()["errors"]]


async def items_of(till, payment):
    url = f"/api/staff/payments/{payment.id}/refundable-items"
    answer = await till.http.get(url, headers=till.manager.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_staff_give_lines_back_to_the_card(desk, till):
    charge, (first, second) = await sold(desk, 6_000, 4_000, discountAmount=1_000, totalOutstanding=9_000)
    payment = await charged(desk, charge)
    assert [(one["id"], one["amount"], one["quantityLeft"]) for one in await items_of(till, payment)] == [
        (first, "54.00", 1), (second, "36.00", 1),
    ]  # fmt: skip
    answer = await granted(till, payment, second, amount="36.00", reason="duplicate")
    assert answer.json()["items"] == [{"id": second, "quantity": 1, "amount": "36.00"}]
    payment = await sent(till, payment, answer)
    assert (payment.refunded_cents, [one["amount"] for one in till.refunds()]) == (3_600, [3_600])
    assert [one["amountLeft"] for one in await items_of(till, payment)] == ["54.00", "0.00"]
    payment = await sent(till, payment, await granted(till, payment, first))
    assert payment.status == "REFUND"
    assert await desk.owed(charge) == ("REFUNDED", 0)
    shown = (await till.http.get(f"/api/staff/payments/{payment.id}", headers=till.manager.headers)).json()
    assert [one["items"][0]["id"] for one in shown["refunds"]] == [second, first]


async def test_what_was_taken_back_before_it_was_sent_can_go_back(desk, till):
    charge, (first, second) = await sold(desk, 6_000, 4_000)
    payment = await charged(desk, charge)
    answer = await granted(till, payment, first)
    assert places(await granted(till, payment, second, first)) == ["items[1].id"]
    await till.http.post(f"/api/staff/refunds/{answer.json()['id']}/cancel", headers=till.manager.headers)
    assert (await granted(till, payment, second, first)).json()["amount"] == "100.00"


async def test_of_several_charges_the_one_with_the_line_gets_it(desk, till):
    one, (tablets,) = await sold(desk, 3_000)
    other, (cream,) = await sold(desk, 1_000)
    payment = await charged(desk, one, other)
    payment = await sent(till, payment, await granted(till, payment, cream))
    back = "SELECT charge_id, sum(amount_cents)::bigint FROM ledger_postings WHERE act = 'REFUND' GROUP BY charge_id"
    assert dict(await till.ask(back)) == {UUID(other): 1_000}
    assert [(await desk.owed(each))[0] for each in (one, other)] == ["PAID", "REFUNDED"]
    assert (await granted(till, payment, tablets)).status_code == 200


async def test_where_less_is_left_of_a_lines_charge_it_is_spread_over_all(desk, till):
    """An amount that was granted later was sent first, and a third of it was of the small charge."""
    one, _ = await sold(desk, 2_000)
    other, (cream,) = await sold(desk, 1_000)
    payment = await charged(desk, one, other)
    by_line = await granted(till, payment, cream)
    by_amount = await till.http.post(
        f"/api/staff/payments/{payment.id}/refunds", json={"amount": "6.00"}, headers=till.manager.headers
    )
    payment = await sent(till, payment, by_amount)
    payment = await sent(till, payment, by_line)
    assert payment.refunded_cents == 1_600
    assert await check_money(till.services, till.actor, asks_gateways=False) == []


async def test_a_line_that_came_to_nothing_goes_back_with_another(desk, till):
    one, (tablets,) = await sold(desk, 3_000)
    other, (_, sample) = await sold(desk, 1_000, 0)
    payment = await charged(desk, one, other)
    payment = await sent(till, payment, await granted(till, payment, tablets, sample))
    assert payment.refunded_cents == 3_000
    assert [(await desk.owed(each))[0] for each in (one, other)] == ["REFUNDED", "PAID"]
    assert await till.ask("SELECT amount_cents FROM refund_charges") == [(3_000,)]


async def test_what_was_paid_over_stays_where_lines_go_back(desk, till):
    """A part of it was paid in cash while its patient was on the gateway's page, and did not go back by itself."""
    charge, (first, second) = await sold(desk, 6_000, 4_000)
    here = (till.services, till.organization_id)
    promised = {"status": "UNPAID", "stage": "WAITING", "method": "GATEWAY", "policy": "on_page", "wanted": "TAKE"}
    money = {"amount_cents": 10_000, "currency": "USD", "is_test": True, "gateway_account_id": till.account_id}
    of = {"charge_id": UUID(charge), "patient_id": UUID(desk.patient)}
    on_page = await insert_row(*here, "payments", **promised, **money, **of)
    row = (await desk.good("GET", "/billing/charge/table", params={"id": charge}))["data"][0]
    await desk.good("POST", "/billing/payment/cash/create", row | {"totalOutstanding": 1_000})
    taken = await (await till.gateway()).fetch_intent(till.intent(10_000))
    await hear(*here, on_page, taken)
    [(refund_id,)] = await till.ask("SELECT id FROM refunds WHERE payment_id = %s", on_page)
    await update_row(*here, "refunds", refund_id, status="FAILED")
    payment = await till.now(on_page)
    assert (await till.balances())["credit"] == -1_000
    payment = await sent(till, payment, await granted(till, payment, second))
    assert (await till.balances())["credit"] == -1_000
    # All lines come to more than this payment paid of them: the rest is what was paid over.
    await sent(till, payment, await granted(till, payment, first))
    assert "credit" not in await till.balances()


async def test_what_is_wrong_is_named(desk, till):
    charge, (first, second) = await sold(desk, 6_000, 4_000)
    foreign, (theirs,) = await sold(desk, 100)
    payment = await charged(desk, charge, paymentAmount=5_000)
    for items, more, place in (
        ([], {}, "items"),
        ([{"id": 7}], {}, "items[0].id"),
        ([{"id": first, "quantity": 0}], {}, "items[0].quantity"),
        ([{"id": first, "quantity": 9}], {}, "items[0].quantity"),
        ([{"id": first, "cents": 9}], {}, "items[0].cents"),
        ([{"id": first}], {}, "items"),
        ([{"id": theirs}], {}, "items[0].id"),
        ([{"id": str(uuid4())}], {}, "items[0].id"),
        ([{"id": second}, {"id": second}], {}, "items[1].id"),
        ([{"id": second}], {"amount": "39.99"}, "amount"),
        ([{"id": second}], {"amount": "none"}, "amount"),
    ):
        assert places(await granted(till, payment, *items, **more)) == [place], (items, more)
    assert foreign


async def test_who_may_not(desk, till, tmp_path):
    charge, (first,) = await sold(desk, 6_000)
    payment = await charged(desk, charge)
    worker = await employ(till.services, till.clinic, "Wim", role="CASEWORKER", npi=None, licenses={})
    support = await employ(till.services, till.clinic, "Sue", role="SUPPORT", npi=None, licenses={})
    other = await employ(till.services, await make_clinic(till.services, tmp_path), "Zoe", role="ADMIN")
    reading = f"/api/staff/payments/{payment.id}/refundable-items"
    for headers, grants, reads in (
        ({"Authorization": "Bearer none"}, 401, 401), (worker.headers, 403, 200), (support.headers, 403, 403),
        (other.headers, 404, 404),
    ):  # fmt: skip
        assert (await granted(till, payment, first, headers=headers)).status_code == grants
        assert (await till.http.get(reading, headers=headers)).status_code == reads
    assert (await till.http.get(reading.replace(str(payment.id), "x"), headers=till.manager.headers)).status_code == 404


async def test_the_same_key_grants_once(desk, till):
    charge, (first, _) = await sold(desk, 6_000, 4_000)
    payment = await charged(desk, charge)
    headers = till.manager.headers | {"Idempotency-Key": "line-1"}
    answers = [await granted(till, payment, first, headers=headers) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await till.ask("SELECT count(*) FROM refund_lines") == [(1,)]
