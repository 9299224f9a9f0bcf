"""`carelane reconcile` finds what is wrong with payments at the desk and credit."""

from uuid import UUID

import psycopg
import pytest

from carelane.kit.auth import system_actor
from carelane.payments.invariants.reads import check_money
from tests.factories.rows import insert_link, update_row


async def found(desk):
    return {
        (one.record, one.problem)
        for one in await check_money(desk.services, system_actor(desk.id), asks_gateways=False)
    }


@pytest.fixture
async def broken(desk, patient):
    """Credit of which some was spent, and cash of which some went back."""
    granted = await desk.grant(patient, 1_000)
    spent = (await desk.with_credit(await desk.charge(patient, 400))).json()
    payment = await desk.paid(await desk.charge(patient))
    refund = (await desk.refund(payment["id"], 300)).json()
    assert await found(desk) == set()
    return {"credit": granted["id"], "spent": spent["id"], "payment": payment["id"], "refund": refund["id"]}


@pytest.mark.parametrize(
    ("table", "what", "column", "wrong", "right", "record"),
    [
        ("patient_credits", "credit", "spent_cents", 399, 400, "credit"),
        ("patient_credits", "credit", "amount_cents", 1_001, 1_000, "ledger account"),
        ("payments", "payment", "refunded_cents", 299, 300, "payment"),
        ("payments", "payment", "amount_cents", 10_001, 10_000, "payment"),
        ("payments", "spent", "amount_cents", 401, 400, "payment"),
        ("refunds", "refund", "amount_cents", 299, 300, "refund"),
    ],
)
async def test_what_is_wrong_is_found(desk, broken, table, what, column, wrong, right, record):
    row_id = UUID(broken[what])
    await update_row(desk.services, desk.id, table, row_id, **{column: wrong})
    try:
        assert record in {kind for kind, _ in await found(desk)}
    finally:
        await update_row(desk.services, desk.id, table, row_id, **{column: right})
    assert await found(desk) == set()


async def test_a_cards_refund_that_its_parts_do_not_come_to_is_found(desk, patient):
    row = await desk.charge(patient)
    payment_id, _ = await desk.till.pay(UUID(row["id"]), 10_000, patient_id=UUID(patient))
    refund = (await desk.refund(str(payment_id), 300, destination="PATIENT_CREDIT")).json()
    assert await found(desk) == set()
    await update_row(desk.services, desk.id, "refunds", UUID(refund["id"]), amount_cents=301)
    try:
        assert ("refund", "its parts come to another amount") in await found(desk)
    finally:
        await update_row(desk.services, desk.id, "refunds", UUID(refund["id"]), amount_cents=300)
    assert await found(desk) == set()


async def test_lines_that_do_not_fit_their_refund_are_found(desk, patient, owner_url):
    row = await desk.charge(patient, 600, 400)
    payment, (first, second) = await desk.paid(row), [one["id"] for one in row["items"]]
    by_line = (await desk.refund(payment["id"], None, items=[{"id": first}])).json()
    by_amount = (await desk.refund(payment["id"], 100)).json()
    assert await found(desk) == set()
    more = {"its lines come to another amount"}
    for refund, line, wrong in (
        (by_line, second, more),
        (by_amount, first, more | {"gives back pieces of a line that were not sold"}),
    ):
        planted = {"refund_id": UUID(refund["id"]), "line_id": UUID(line)}
        await insert_link(desk.services, desk.id, "refund_lines", **planted, quantity=1, amount_cents=1)
        try:
            assert {problem for record, problem in await found(desk) if record == "refund"} == wrong
        finally:
            async with await psycopg.AsyncConnection.connect(owner_url) as conn:
                await conn.execute(
                    "DELETE FROM refund_lines WHERE refund_id = %(refund_id)s AND line_id = %(line_id)s", planted
                )
    assert await found(desk) == set()


async def test_a_refund_of_lines_that_was_posted_to_another_charge_is_found(desk, patient, owner_url):
    bodies, more = [desk.sale(patient, 700), desk.sale(patient, 300)], {"payment_medium": "CASH", "amount": 1_000}
    path = "/billing/payment-terminal/charge/create-cash-settled"
    payment = (await desk.send("POST", path, bodies, **more)).json()
    rows = (await desk.send("GET", "/billing/charge/table", patient_id=patient)).json()["data"]
    small, large = (row["items"][0]["id"] for row in sorted(rows, key=lambda row: row["total"]))
    refund = (await desk.refund(payment["id"], None, items=[{"id": small}])).json()
    assert await found(desk) == set()
    change = "UPDATE refund_lines SET line_id = %s WHERE refund_id = %s"
    for line, wrong in ((large, {("refund", "was posted to another charge than its lines are of")}), (small, set())):
        async with await psycopg.AsyncConnection.connect(owner_url) as conn:
            await conn.execute(change, (UUID(line), UUID(refund["id"])))
        assert await found(desk) == wrong
