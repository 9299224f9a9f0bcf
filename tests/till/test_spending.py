"""Paying from credit: the oldest first, never more than there is, and together with a merged record's."""

from uuid import UUID

from carelane.ledger.schemas import Books
from tests.factories.rows import update_row
from tests.till.desk import problems

USD = Books("USD", False)


async def left(desk, patient):
    return [one["amountRemaining"] for one in reversed(await desk.credits(patient, include_expired=True))]


async def credit_settled(desk, bodies, amount, **query):
    sending = {name: query.pop(name) for name in ("headers", "key") if name in query}
    path = "/billing/payment-terminal/charge/create-patient-credit-settled"
    return await desk.send("POST", path, bodies, **sending, amount=amount, **query)


async def test_the_oldest_is_spent_first(desk, patient):
    for cents in (300, 200, 500):
        await desk.grant(patient, cents)
    row = await desk.charge(patient, 400)
    answer = await desk.with_credit(row)
    assert answer.status_code == 200, answer.text
    payment = answer.json()
    assert (payment["amount"], payment["paymentMedium"], payment["status"]) == (400, "PATIENT_CREDIT", "SUCCEEDED")
    assert await left(desk, patient) == [0, 100, 500]
    shown = await desk.shown(row["id"])
    assert (shown["status"], shown["totalOutstanding"], shown["payments"][0]["amount"]) == ("PAID", 0, 400)
    assert await desk.available(patient) == 600 == await desk.credit_in_books(patient, USD)


async def test_what_has_expired_is_not_spent(desk, patient):
    await desk.grant(patient, 300, expiryDate="2020-01-01T00:00:00Z")
    await desk.grant(patient, 100)
    row = await desk.charge(patient, 400)
    refused = await desk.with_credit(row)
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "the patient has 100 cents of credit available; 400 were asked for",
    )  # fmt: skip
    assert (await desk.with_credit(row, 100)).status_code == 200
    assert await left(desk, patient) == [300, 0]


async def test_no_more_than_is_owed(desk, patient):
    await desk.grant(patient, 1_000)
    row = await desk.charge(patient, 400)
    assert problems(await desk.with_credit(row, 401))[0][1] == "totalOutstanding"
    assert await left(desk, patient) == [1_000]


async def test_the_same_key_spends_once(desk, patient):
    await desk.grant(patient, 1_000)
    row = await desk.charge(patient, 400)
    first, second = [await desk.with_credit(row, 100, key=f"spend-{patient}") for _ in range(2)]
    assert first.json() == second.json()
    assert await left(desk, patient) == [900]


async def test_charges_are_sold_for_credit(desk, patient):
    made = [(await desk.grant(patient, cents))["id"] for cents in (300, 200, 500)]
    bodies = [desk.sale(patient, 400, id=f"c-{patient}"), desk.sale(patient, 200, id=f"d-{patient}")]
    answer = await credit_settled(desk, bodies, 600, credit_ids=[made[2], made[0]])
    assert answer.status_code == 200, answer.text
    assert await left(desk, patient) == [200, 200, 0]
    assert [(await desk.row(f"{one}-{patient}"))["status"] for one in ("c", "d")] == ["PAID", "PAID"]
    bodies = [desk.sale(patient, 400)]
    missing = await credit_settled(desk, bodies, 400, credit_ids=[made[0]])
    assert missing.status_code == 409
    used = await credit_settled(desk, bodies, 100, credit_ids=[made[2]])
    assert problems(used) == [
        ("query", "credit_ids", f"expected credits of the patient that can be spent; {made[2]} is none")
    ]
    assert problems(await credit_settled(desk, bodies, 500))[0][:2] == ("query", "amount")
    other = await desk.grant(await desk.patient(), 900)
    assert problems(await credit_settled(desk, bodies, 100, credit_ids=[other["id"]]))[0][1] == "credit_ids"
    first, second = [await credit_settled(desk, bodies, 300, key=f"sold-{patient}") for _ in range(2)]
    assert (first.status_code, first.json()) == (200, second.json())
    assert await desk.available(patient) == 100


async def test_merged_records_have_their_credit_together(desk):
    kept, gone = await desk.patient(last_name="Kept"), await desk.patient(last_name="Kept")
    await desk.grant(gone, 300)
    await desk.grant(kept, 200)
    path = f"/api/staff/patients/{kept}/merge"
    answer = await desk.client.post(path, json={"otherId": gone}, headers=desk.till.manager)
    assert answer.status_code == 200, answer.text
    assert answer.json()["moved"]["credits"] == 1
    assert await desk.available(kept) == await desk.available(gone) == 500
    row = await desk.charge(kept, 450)
    assert (await desk.with_credit(row)).status_code == 200
    assert await left(desk, kept) == [0, 50]
    assert await desk.credit_in_books(kept, USD) == 50
    (payment,) = (await desk.row(row["id"]))["payments"]
    back = await desk.refund(payment["id"], 450)
    assert (back.status_code, back.json()["status"]) == (200, "SUCCEEDED")
    assert await left(desk, kept) == [300, 200]
    assert await desk.credit_in_books(kept, USD) == 500


async def test_test_money_pays_for_nothing_real(desk, patient):
    granted = await desk.grant(patient, 300)
    await update_row(desk.services, desk.id, "patient_credits", UUID(granted["id"]), currency="EUR")
    row = await desk.charge(patient, 100)
    assert (await desk.with_credit(row)).status_code == 409
    assert await desk.available(patient) == 0
    await update_row(desk.services, desk.id, "patient_credits", UUID(granted["id"]), currency="USD")
