"""Giving back by line: a line's part of the charge's total, each piece once, and what is wrong is named."""

from uuid import UUID, uuid4

import psycopg
import pytest

from carelane.ledger.schemas import Books
from tests.door import in_turn
from tests.factories.rows import update_row
from tests.till.desk import problems

USD = Books("USD", False)
KEPT = "SELECT quantity, amount_cents FROM refund_lines WHERE refund_id = %s ORDER BY amount_cents"


async def bought(desk, patient, *lines, total, **more):
    """A charge as the table shows it."""
    items = [{"name": "Tablets", "quantity": 1} | one for one in lines]
    body = {"patientId": patient, "totalOutstanding": total, "items": items} | more
    answer = await desk.send("POST", "/billing/payment-terminal/charge/create", body)
    assert answer.status_code == 200, answer.text
    return await desk.row(answer.json()["id"])


def ids(row):
    return [one["id"] for one in row["items"]]


async def by_line(desk, payment_id, *items, **more):
    return await desk.refund(
        payment_id, None, items=[one if isinstance(one, dict) else {"id": one} for one in items], **more
    )


async def test_a_line_goes_back_at_its_price_and_once(desk, patient):
    row = await bought(desk, patient, {"price": 6_000}, {"price": 4_000}, total=10_000)
    payment, (first, second) = await desk.paid(row), ids(row)
    answer = await by_line(desk, payment["id"], second)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["amount"], answer.json()["status"]) == (4_000, "SUCCEEDED")
    assert await desk.till.rows(KEPT, UUID(answer.json()["id"])) == [(1, 4_000)]
    again = await by_line(desk, payment["id"], first, second)
    assert [one[:4] for one in problems(again)] == [("body", "items", 1, "id")]
    assert (await by_line(desk, payment["id"], first, amount=6_000)).json()["amount"] == 6_000
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"
    assert (await by_line(desk, payment["id"], first)).status_code == 409


@pytest.mark.parametrize("off", [{"discountAmount": 100}, {"discountPercentage": 33.5}, {}])
async def test_all_lines_together_are_the_total_to_the_cent(desk, patient, off):
    prices = [333, 333, 334, 1, 999]
    total = {"discountAmount": 1_900, "discountPercentage": 1_330}.get(next(iter(off), ""), 2_000)
    row = await bought(desk, patient, *({"price": price} for price in prices), total=total, **off)
    payment = await desk.paid(row)
    answers = [await by_line(desk, payment["id"], one) for one in ids(row)]
    assert {one.status_code for one in answers} <= {200, 422}
    # One that came to nothing cannot go back by itself.
    assert all(answer.status_code == 200 for answer, price in zip(answers, prices, strict=True) if price > 1)
    given = sum(one.json()["amount"] for one in answers if one.status_code == 200)
    assert given == total
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"


async def test_pieces_of_a_line_come_to_the_line(desk, patient):
    row = await bought(desk, patient, {"price": 100, "quantity": 3, "discountAmount": 1}, {"price": 50}, total=349)
    payment, (pieces, other) = await desk.paid(row), ids(row)
    one = [(await by_line(desk, payment["id"], {"id": pieces, "quantity": 1})).json()["amount"] for _ in range(2)]
    too_many = await by_line(desk, payment["id"], {"id": pieces, "quantity": 2})
    assert problems(too_many) == [("body", "items", 0, "quantity", "expected 1 to 1, which are left")]
    rest = (await by_line(desk, payment["id"], pieces, other)).json()["amount"]
    assert (sum(one), rest) == (199, 150)
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"


async def test_what_was_taken_off_since_is_taken_off_the_lines(desk, patient):
    row = await bought(desk, patient, {"price": 6_000}, {"price": 4_000}, total=10_000)
    off = {"chargeId": row["id"], "amount": -5_000, "reason": "It was late"}
    assert (await desk.send("POST", "/billing/adjustment/create", off)).status_code == 200
    payment, (first, second) = await desk.paid(await desk.row(row["id"])), ids(row)
    assert (await by_line(desk, payment["id"], second)).json()["amount"] == 2_000
    assert (await by_line(desk, payment["id"], first)).json()["amount"] == 3_000
    assert (await desk.shown(row["id"]))["status"] == "REFUNDED"


async def test_each_charge_of_a_payment_gets_back_its_own(desk, patient):
    bodies = [desk.sale(patient, 999, 1), desk.sale(patient, 300, 200)]
    path, query = "/billing/payment-terminal/charge/create-cash-settled", {"payment_medium": "CASH", "amount": 1_500}
    payment = (await desk.send("POST", path, bodies, **query)).json()
    rows = (await desk.send("GET", "/billing/charge/table", patient_id=patient)).json()["data"]
    small, large = sorted(rows, key=lambda one: one["total"])
    assert (await by_line(desk, payment["id"], *ids(small))).json()["amount"] == 500
    assert [(await desk.shown(one["id"]))["status"] for one in (small, large)] == [
        "REFUNDED", "EXTERNAL_SETTLEMENT",
    ]  # fmt: skip
    other = (await desk.send("POST", path, bodies, **query)).json()
    rows = (await desk.send("GET", "/billing/charge/table", patient_id=patient)).json()["data"]
    small = next(one for one in rows if one["total"] == 500 and one["status"] != "REFUNDED")
    assert (await desk.refund(other["id"], 300)).status_code == 200
    # A third of that was of the small one, and no line says which: what its lines come to is more than is left of it.
    assert [one[:2] for one in problems(await by_line(desk, other["id"], *ids(small)))] == [("body", "items")]


async def test_to_credit_and_out_of_credit(desk, patient):
    await desk.grant(patient, 500)
    row = await bought(desk, patient, {"price": 300}, {"price": 200}, total=500)
    payment = (await desk.with_credit(row)).json()
    assert (await by_line(desk, payment["id"], ids(row)[0])).json()["amount"] == 300
    assert await desk.available(patient) == 300
    other = await bought(desk, patient, {"price": 700}, {"price": 200}, total=900)
    cash = await desk.paid(other, 1_000, credit_overpayment_amount=100)
    answer = await by_line(desk, cash["id"], ids(other)[0], destination="PATIENT_CREDIT")
    assert (answer.status_code, await desk.available(patient)) == (200, 1_100)
    # What was paid over is still credit: the line was paid for.
    assert (await by_line(desk, cash["id"], ids(other)[1])).json()["amount"] == 200
    assert await desk.available(patient) == 1_100 == await desk.credit_in_books(patient, USD)


async def test_a_cards_lines_are_promised_until_the_refund_is_over(desk, patient):
    row = await bought(desk, patient, {"price": 6_000}, {"price": 4_000}, total=10_000)
    payment_id, _ = await desk.till.pay(UUID(row["id"]), 10_000, patient_id=UUID(patient))
    answer = await by_line(desk, str(payment_id), ids(row)[0])
    assert (answer.status_code, answer.json()["status"], answer.json()["amount"]) == (200, "PROCESSING", 6_000)
    again = await by_line(desk, str(payment_id), ids(row)[0])
    assert [one[:4] for one in problems(again)] == [("body", "items", 0, "id")]
    here = (desk.services, desk.id)
    await update_row(*here, "refunds", UUID(answer.json()["id"]), status="CANCELED")
    cash = await by_line(desk, str(payment_id), ids(row)[0], destination="CASH")
    assert (cash.status_code, cash.json()["status"]) == (200, "SUCCEEDED")
    await update_row(*here, "payments", payment_id, next_step_at=None)


async def test_what_is_wrong_is_named(desk, patient):
    row = await bought(desk, patient, {"price": 600}, {"price": 0}, total=600)
    other = await bought(desk, patient, {"price": 100}, total=100)
    payment, (first, free) = await desk.paid(row), ids(row)
    for items, more, place in (
        ([], {"amount": 600}, ["items"]),
        ([{}], {}, ["items", 0, "id"]),
        ([{"id": 5}], {}, ["items", 0, "id"]),
        ([{"id": first, "quantity": 0}], {}, ["items", 0, "quantity"]),
        ([{"id": first, "quantity": "one"}], {}, ["items", 0, "quantity"]),
        ([{"id": first, "quantity": 2}], {}, ["items", 0, "quantity"]),
        ([{"id": first, "pieces": 1}], {}, ["items", 0, "pieces"]),
        ([{"id": first}, {"id": first}], {}, ["items", 1, "id"]),
        ([{"id": first}, {"id": ids(other)[0]}], {}, ["items", 1, "id"]),
        ([{"id": str(uuid4())}], {}, ["items", 0, "id"]),
        ([{"id": "tablets"}], {}, ["items", 0, "id"]),
        ([{"id": free}], {}, ["items"]),
        ([{"id": first}], {"amount": 599}, ["amount"]),
        ([{"id": first}], {"amount": 0}, ["amount"]),
    ):
        answer = await by_line(desk, payment["id"], *items, **more)
        assert [list(one[1:-1]) for one in problems(answer)] == [place], items
    neither = await desk.refund(payment["id"], None)
    assert problems(neither) == [("body", "amount", "expected an amount, or items in its place")]
    assert (await desk.sums(row["id"])).refunded_cents == 0


async def test_no_more_than_was_paid(desk, patient):
    row = await bought(desk, patient, {"price": 600}, {"price": 400}, total=1_000)
    payment = await desk.paid(row, 500)
    answer = await by_line(desk, payment["id"], ids(row)[0])
    assert [one[1] for one in problems(answer)] == ["items"]
    assert "at most 500, which is left of the payment; these are 600" in problems(answer)[0][2]
    assert (await by_line(desk, payment["id"], ids(row)[1])).json()["amount"] == 400


async def test_a_charge_without_lines_has_none_to_give_back(desk, patient, owner_url):
    row = await bought(desk, patient, {"price": 900}, total=900)
    payment = await desk.paid(row)
    async with await psycopg.AsyncConnection.connect(owner_url) as conn:
        await conn.execute("DELETE FROM charge_lines WHERE charge_id = %s", (row["id"],))
    answer = await by_line(desk, payment["id"], *ids(row))
    assert [one[1] for one in problems(answer)] == ["items"]
    assert "has no lines" in problems(answer)[0][2]


async def test_two_at_once_give_a_line_back_once(desk, patient, owner_url):
    """Of one payment, and of two payments of the charge."""
    row = await bought(desk, patient, {"price": 600}, {"price": 400}, total=1_000)
    payments, line_id = [(await desk.paid(await desk.row(row["id"]), 500))["id"] for _ in range(2)], ids(row)[1]
    acts = [by_line(desk, payments[0], line_id), by_line(desk, payments[1], line_id)]
    answers = await in_turn(owner_url, "charges", UUID(row["id"]), *acts)
    assert [one.status_code for one in answers] == [200, 422]
    other = await bought(desk, patient, {"price": 600}, {"price": 400}, total=1_000)
    payment = (await desk.paid(other))["id"]
    acts = [by_line(desk, payment, ids(other)[0]), by_line(desk, payment, ids(other)[0], destination="PATIENT_CREDIT")]
    answers = await in_turn(owner_url, "payments", UUID(payment), *acts)
    assert [one.status_code for one in answers] == [200, 422]


async def test_the_same_key_gives_a_line_back_once(desk, patient):
    row = await bought(desk, patient, {"price": 600}, {"price": 400}, total=1_000)
    payment = await desk.paid(row)
    first, second = [await by_line(desk, payment["id"], ids(row)[0], key=f"line-{patient}") for _ in range(2)]
    assert first.json() == second.json()
    assert (await desk.sums(row["id"])).refunded_cents == 600


async def test_who_may_not(desk, stranger, read_only, patient):
    row = await bought(desk, patient, {"price": 600}, total=600)
    payment = await desk.paid(row)
    assert (await by_line(desk, payment["id"], *ids(row), headers={})).status_code == 401
    assert (await by_line(desk, payment["id"], *ids(row), headers=read_only)).status_code == 403
    assert (await by_line(stranger, payment["id"], *ids(row))).status_code == 404
    own = await stranger.patient()
    theirs = await stranger.paid(await stranger.charge(own, 600))
    answer = await by_line(stranger, theirs["id"], *ids(row))
    assert [one[:4] for one in problems(answer)] == [("body", "items", 0, "id")]
