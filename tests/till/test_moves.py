"""What staff say otherwise of a payment afterwards: archived, moved, come another way."""

from uuid import UUID

from carelane.ledger.schemas import Books
from tests.catalog.events import told_of
from tests.factories.rows import insert_row
from tests.till.desk import problems

USD = Books("USD", False)


async def test_archived_cash_was_never_paid(desk, patient):
    row = await desk.charge(patient)
    before = await desk.accounts()
    payment = await desk.paid(row, 10_400, credit_overpayment_amount=400)
    answer = await desk.archive(payment["id"])
    assert (answer.status_code, answer.json()) == (200, True)
    shown = await desk.shown(row["id"])
    assert (shown["status"], shown["totalOutstanding"], shown["payments"]) == ("OUTSTANDING", 10_000, [])
    assert await desk.available(patient) == 0
    assert (await desk.accounts()) == {"cash": 0, "credit": before.get("credit", 0)} | before
    assert await told_of(desk.services, desk.clinic, UUID(payment["id"])) != []
    for again in (await desk.archive(payment["id"]), await desk.refund(payment["id"], 1)):
        assert again.status_code == 404
    await desk.paid(await desk.row(row["id"]))
    assert (await desk.shown(row["id"]))["status"] == "EXTERNAL_SETTLEMENT"


async def test_archived_credit_is_back(desk, patient):
    for cents in (300, 500):
        await desk.grant(patient, cents)
    row = await desk.charge(patient, 600)
    payment = (await desk.with_credit(row)).json()
    assert (await desk.archive(payment["id"])).status_code == 200
    assert [one["amountRemaining"] for one in await desk.credits(patient)] == [500, 300]
    assert await desk.credit_in_books(patient, USD) == 800
    assert (await desk.row(row["id"]))["totalOutstanding"] == 600


async def test_what_is_not_archived(desk, stranger, patient):
    row = await desk.charge(patient)
    card, _ = await desk.till.pay(UUID(row["id"]), 4_000, patient_id=UUID(patient))
    assert (await desk.archive(str(card))).status_code == 409
    payment = await desk.paid(await desk.row(row["id"]), 1_000)
    assert (await desk.refund(payment["id"], 1)).status_code == 200
    assert (await desk.archive(payment["id"])).status_code == 409
    over = await desk.paid(await desk.row(row["id"]), 5_200, credit_overpayment_amount=200)
    assert (await desk.with_credit(await desk.charge(patient, 1))).status_code == 200
    assert (await desk.archive(over["id"])).status_code == 409
    assert (await stranger.archive(over["id"])).status_code == 404
    assert (await desk.archive("nothing")).status_code == 404


async def test_the_same_key_archives_once(desk, patient):
    payment = await desk.paid(await desk.charge(patient))
    answers = [await desk.archive(payment["id"], key=f"archive-{patient}") for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]


async def move(desk, act, payment_id, headers=None, key=None, **body):
    return await desk.send("POST", f"/billing/payment/{act}", {"paymentId": payment_id} | body, headers, key)


async def test_a_payment_moves_to_another_patient_with_its_charges(desk, patient):
    row, other = await desk.charge(patient), await desk.patient(last_name="Right")
    payment = await desk.paid(row, 4_000)
    answer = await move(desk, "move", payment["id"], newPatientId=other)
    assert (answer.status_code, answer.json()["patientId"]) == (200, other)
    moved = await desk.row(row["id"])
    assert (moved["patient"]["id"], moved["totalOutstanding"]) == (other, 6_000)
    await desk.paid(moved)
    assert (await desk.refund(payment["id"], 4_000, destination="PATIENT_CREDIT")).status_code == 200
    assert (await desk.available(other), await desk.available(patient)) == (4_000, 0)
    refused = await move(desk, "move", payment["id"], newPatientId=patient)
    assert (refused.status_code, "another payment" in refused.json()["detail"]) == (409, True)


async def test_credit_stays_its_patients(desk, patient):
    other = await desk.patient()
    await desk.grant(patient, 100)
    spent = (await desk.with_credit(await desk.charge(patient, 100))).json()
    over = await desk.paid(await desk.charge(patient, 100), 150, credit_overpayment_amount=50)
    for payment in (spent, over):
        answer = await move(desk, "move", payment["id"], newPatientId=other)
        assert (answer.status_code, "credit" in answer.json()["detail"]) == (409, True)


async def test_a_payment_moves_to_another_location(desk, patient):
    location = str(await insert_row(desk.services, desk.id, "locations", name="Uptown"))
    row = await desk.charge(patient)
    payment = await desk.paid(row)
    await desk.refund(payment["id"], 100)
    answer = await move(desk, "move-to-location", payment["id"], newLocationId=location)
    assert (answer.status_code, answer.json()["id"]) == (200, payment["id"])
    assert (await desk.row(row["id"]))["locationId"] == location
    rows = await desk.till.rows(
        "SELECT location_id FROM payments WHERE id = %s UNION ALL SELECT location_id FROM refunds WHERE payment_id = %s",
        UUID(payment["id"]), UUID(payment["id"]),
    )  # fmt: skip
    assert {str(one) for (one,) in rows} == {location}


async def test_a_payment_came_another_way(desk, patient):
    before = await desk.accounts()
    payment = await desk.paid(await desk.charge(patient))
    await desk.refund(payment["id"], 1_000)
    answer = await move(desk, "update-medium", payment["id"], newPaymentMedium="CHECK")
    assert (answer.status_code, answer.json()["paymentMedium"]) == (200, "CHECK")
    after = await desk.accounts()
    assert after["external"] - before.get("external", 0) == 9_000
    assert after["cash"] == before.get("cash", 0)
    await move(desk, "update-medium", payment["id"], newPaymentMedium="CARE_CREDIT")
    await move(desk, "update-medium", payment["id"], newPaymentMedium="CASH")
    assert (await desk.accounts())["cash"] - before.get("cash", 0) == 9_000
    assert (await desk.archive((await desk.paid(await desk.charge(patient)))["id"])).status_code == 200
    assert (
        problems(await move(desk, "update-medium", payment["id"], newPaymentMedium="POS"))[0][1] == "newPaymentMedium"
    )
    await desk.grant(patient, 100)
    spent = (await desk.with_credit(await desk.charge(patient, 100))).json()
    assert (await move(desk, "update-medium", spent["id"], newPaymentMedium="CASH")).status_code == 409


async def test_the_same_key_moves_once(desk, patient):
    payment, other = await desk.paid(await desk.charge(patient)), await desk.patient()
    answers = [await move(desk, "move", payment["id"], key=f"m-{patient}", newPatientId=other) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(await desk.till.rows("SELECT id FROM payment_changes WHERE payment_id = %s", UUID(payment["id"]))) == 1


async def test_what_is_wrong_or_not_there(desk, stranger, read_only, patient):
    payment = await desk.paid(await desk.charge(patient))
    for act, name in (
        ("move", "newPatientId"),
        ("move-to-location", "newLocationId"),
        ("update-medium", "newPaymentMedium"),
    ):
        answer = await desk.send("POST", f"/billing/payment/{act}", {})
        assert sorted(loc[1] for loc in problems(answer)) == sorted([name, "paymentId"])
        body = {name: "CASH"}
        assert (await move(desk, act, "nothing", **body)).status_code == 404
        assert (await move(stranger, act, payment["id"], **body)).status_code == 404
        assert (await move(desk, act, payment["id"], read_only, **body)).status_code == 403
        assert (await move(desk, act, payment["id"], {}, **body)).status_code == 401
    assert (await move(desk, "move", payment["id"], newPatientId="nobody")).status_code == 404
    assert (await move(desk, "move-to-location", payment["id"], newLocationId="nowhere")).status_code == 404
    assert (await desk.archive(payment["id"], headers=read_only)).status_code == 403
    assert (await desk.archive(payment["id"], headers={})).status_code == 401


async def test_what_a_card_brought_as_credit_stays_its_patients(desk, patient):
    row, other = await desk.charge(patient, 6_000), await desk.patient()
    payment_id, intent_id = await desk.till.pay(UUID(row["id"]), 10_000, patient_id=UUID(patient))
    refused = await move(desk, "move", str(payment_id), newPatientId=other)
    assert (refused.status_code, "credit" in refused.json()["detail"]) == (409, True)
    await desk.till.refund(payment_id, intent_id, 4_000)
    assert (await move(desk, "move", str(payment_id), newPatientId=other)).status_code == 200
