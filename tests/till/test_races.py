"""At once: many who spend, two who give back, and each against who takes away what the other works on."""

import asyncio
from uuid import UUID

from carelane.ledger.schemas import Books
from tests.door import closed, in_turn
from tests.factories.rows import update_row

USD = Books("USD", False)


def statuses(answers):
    return sorted(one.status_code for one in answers)


async def test_64_spend_at_once_and_it_never_goes_below_zero(desk, patient, owner_url):
    granted = [await desk.grant(patient, cents) for cents in (1_000, 500, 500)]
    rows = [await desk.charge(patient, 100) for _ in range(64)]
    first = min(granted, key=lambda one: one["id"])
    async with closed(owner_url, "patient_credits", UUID(first["id"])) as door:
        running = [asyncio.create_task(desk.with_credit(row)) for row in rows]
        await door.until(4)
        door.open()
        answers = await asyncio.gather(*running)
    assert statuses(answers) == [200] * 20 + [409] * 44
    assert [one["amountRemaining"] for one in await desk.credits(patient)] == [0, 0, 0]
    assert await desk.credit_in_books(patient, USD) == 0
    outstanding = [(await desk.row(row["id"]))["totalOutstanding"] for row in rows]
    assert sum(outstanding) == 4_400


async def test_two_refunds_at_once_never_exceed_what_is_left(desk, patient, owner_url):
    payment = await desk.paid(await desk.charge(patient))
    acts = [desk.refund(payment["id"], 6_000), desk.refund(payment["id"], 6_000, destination="PATIENT_CREDIT")]
    answers = await in_turn(owner_url, "payments", UUID(payment["id"]), *acts)
    assert [one.status_code for one in answers] == [200, 422]
    (row,) = await desk.till.rows("SELECT refunded_cents FROM payments WHERE id = %s", UUID(payment["id"]))
    assert row == (6_000,)


async def test_two_refunds_of_credit_at_once(desk, patient, owner_url):
    await desk.grant(patient, 1_000)
    payment = (await desk.with_credit(await desk.charge(patient, 1_000))).json()
    answers = await in_turn(
        owner_url, "payments", UUID(payment["id"]), *(desk.refund(payment["id"], 700) for _ in range(2))
    )
    assert [one.status_code for one in answers] == [200, 422]
    assert await desk.available(patient) == 700


async def test_two_pay_the_same_charge_at_once(desk, patient, owner_url):
    row = await desk.charge(patient)
    await desk.grant(patient, 10_000)
    answers = await in_turn(owner_url, "charges", UUID(row["id"]), desk.cash(row), desk.with_credit(row))
    assert [one.status_code for one in answers] == [200, 409]
    assert await desk.available(patient) == 10_000


async def test_pay_against_void(desk, patient, owner_url):
    for first_pays in (True, False):
        row = await desk.charge(patient)
        acts = [desk.cash(row), desk.till.ask(row["id"], "void")]
        answers = await in_turn(owner_url, "charges", UUID(row["id"]), *(acts if first_pays else reversed(acts)))
        assert [one.status_code for one in answers] == [200, 409]
        shown = await desk.shown(row["id"])
        assert (shown["status"], len(shown["payments"])) == (("EXTERNAL_SETTLEMENT", 1) if first_pays else ("VOID", 0))


async def test_spend_against_delete_of_the_credit(desk, patient, owner_url):
    for first_spends in (True, False):
        granted, row = await desk.grant(patient, 100), await desk.charge(patient, 100)
        gone = desk.send("DELETE", f"/user/patient/{patient}/credit/{granted['id']}")
        acts = [desk.with_credit(row), gone]
        order = acts if first_spends else list(reversed(acts))
        answers = await in_turn(owner_url, "patient_credits", UUID(granted["id"]), *order)
        assert [one.status_code for one in answers] == [200, 409]
        assert await desk.available(patient) == 0


async def test_spend_against_a_change_of_the_credit(desk, patient, owner_url):
    granted, row = await desk.grant(patient, 100), await desk.charge(patient, 100)
    less = desk.send("PATCH", f"/user/patient/{patient}/credit/{granted['id']}", {"amount": 50})
    answers = await in_turn(owner_url, "patient_credits", UUID(granted["id"]), desk.with_credit(row), less)
    assert [one.status_code for one in answers] == [200, 422]


async def test_refund_against_archive_of_the_payment(desk, patient, owner_url):
    for first_refunds in (True, False):
        payment = await desk.paid(await desk.charge(patient))
        acts = [desk.refund(payment["id"], 100), desk.archive(payment["id"])]
        order = acts if first_refunds else list(reversed(acts))
        answers = await in_turn(owner_url, "payments", UUID(payment["id"]), *order)
        assert [one.status_code for one in answers] == [200, 409 if first_refunds else 404]


async def test_archive_of_an_overpayment_against_its_credit_being_spent(desk, patient, owner_url):
    for first_spends in (True, False):
        payment = await desk.paid(await desk.charge(patient), 10_100, credit_overpayment_amount=100)
        (credit,) = await desk.credits(patient, include_used=False)
        row = await desk.charge(patient, 100)
        acts = [desk.with_credit(row), desk.archive(payment["id"])]
        order = acts if first_spends else list(reversed(acts))
        answers = await in_turn(owner_url, "patient_credits", UUID(credit["id"]), *order)
        assert [one.status_code for one in answers] == [200, 409]
        assert await desk.available(patient) == 0


async def test_two_archive_at_once(desk, patient, owner_url):
    payment = await desk.paid(await desk.charge(patient))
    acts = [desk.archive(payment["id"]) for _ in range(2)]
    answers = await in_turn(owner_url, "payments", UUID(payment["id"]), *acts)
    assert [one.status_code for one in answers] == [200, 404]


async def test_a_payment_that_was_promised_while_the_charge_was_waited_for(desk, patient, owner_url):
    """A payment is locked before its charge; this one nobody knew of then."""
    row = await desk.charge(patient)
    async with closed(owner_url, "charges", UUID(row["id"])) as door:
        running = asyncio.create_task(desk.cash(row))
        await door.until(1)
        promised = await desk.till.promise(UUID(row["id"]), 10_000)
        door.open()
        answer = await running
    assert (answer.status_code, "ask again" in answer.json()["detail"]) == (409, True)
    assert (await desk.cash(row)).status_code == 200
    (wanted,) = await desk.till.rows("SELECT wanted FROM payments WHERE id = %s", promised)
    assert wanted == ("RETURN",)
    await update_row(desk.services, desk.id, "payments", promised, next_step_at=None)


async def test_paid_by_a_medium_that_is_renamed_meanwhile(desk, patient, owner_url):
    await desk.send("POST", "/admin/payment-mediums/create", {"name": "Zelle"})
    ((medium_id,),) = await desk.till.rows("SELECT id FROM payment_mediums WHERE name = 'Zelle'")
    row = await desk.charge(patient)
    renamed = desk.send("PUT", "/admin/payment-mediums/update/Zelle", {"name": "ZELLE"})
    acts = [renamed, desk.cash(row, payment_medium="Zelle")]
    answers = await in_turn(owner_url, "payment_mediums", medium_id, *acts)
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].json()["paymentMedium"] == "ZELLE"
