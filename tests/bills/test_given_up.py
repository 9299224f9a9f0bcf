"""Invoices for what nobody pays any more."""

from tests.bills.news import changes
from tests.bills.paid import owing, paid
from tests.bills.test_invoices import ask, create, table, until_status


async def write_off(world, paying, charge_id):
    body = {"chargeId": str(charge_id), "reason": "Lost"}
    answer = await ask(world, paying, "POST", "/billing/write-off/create", json=body)
    assert answer.status_code == 200, answer.text


async def test_one_that_nobody_pays_any_more_is_canceled(world, paying, patient):
    given_up, archived, bought = [await owing(world, paying) for _ in range(3)]
    ids = [
        (await create(world, paying, charges=[{"id": str(one)} for one in charges])).json()["id"]
        for charges in ([given_up], [archived], [given_up, archived], [given_up, bought])
    ]
    for invoice_id in ids:
        await until_status(world, paying, invoice_id, "SENT")
    await write_off(world, paying, given_up)
    assert (await ask(world, paying, "DELETE", f"/billing/charge/{archived}")).status_code == 200
    rows = {one["id"]: one for one in (await table(world, paying))["data"]}
    assert [rows[one]["status"] for one in ids] == ["CANCELLED", "CANCELLED", "CANCELLED", "ACTIVE"]
    assert {rows[one]["paidDate"] for one in ids} == {None}
    for one, moves in zip(ids, [[("ACTIVE", "CANCELLED")]] * 3 + [[]], strict=True):
        assert await changes(world, paying, "INVOICE_STATUS_CHANGED", one) == moves
    assert len((await table(world, paying, status="CANCELLED"))["data"]) == 3
    assert (await ask(world, paying, "PUT", f"/billing/invoice/{ids[0]}/send-now")).status_code == 409
    await paid(world, paying, patient, bought)
    assert [one["id"] for one in (await table(world, paying, status="PAID"))["data"]] == [ids[3]]


async def test_one_that_is_over_before_it_leaves_does_not_leave(world, paying):
    charge_id = await owing(world, paying)
    world.sink.refused[paying.email] = "450 later"
    invoice_id = (await create(world, paying)).json()["id"]
    await write_off(world, paying, charge_id)
    await until_status(world, paying, invoice_id, "CANCELLED")
    del world.sink.refused[paying.email]
    assert world.mails_to(paying) == []
    moved = await changes(world, paying, "INVOICE_STATUS_CHANGED", invoice_id)
    assert moved == [("ACTIVE", "CANCELLED")]
    told = await changes(world, paying, "INVOICE_NOT_DELIVERED", invoice_id)
    assert told == [(None, "the invoice is CANCELLED")]
