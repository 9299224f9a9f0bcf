"""Paying at the desk: in cash and by what else is settled outside, and what is more than was owed."""

from uuid import UUID

from tests.catalog.events import told_of
from tests.factories.rows import update_row
from tests.till.desk import problems


async def test_a_charge_is_paid_in_cash(desk, patient):
    row = await desk.charge(patient, 6_000, 4_000)
    before = await desk.accounts()
    payment = await desk.paid(row)
    wanted = {
        "patientId": patient, "amount": 10_000, "status": "SUCCEEDED", "currency": "USD", "paymentMedium": "CASH", "fee": 0,
        "feeToPatient": 0, "failedReason": None, "paymentMethodId": None, "stripePaymentIntentId": None, "payinId": None,
    }  # fmt: skip
    assert {name: payment[name] for name in wanted} == wanted
    assert set(payment) == wanted.keys() | {"id", "payinConfigId", "createdDate", "updatedDate"}
    shown = await desk.shown(row["id"])
    assert (shown["status"], shown["totalOutstanding"]) == ("EXTERNAL_SETTLEMENT", 0)
    (of_charge,) = shown["payments"]
    assert (of_charge["paymentId"], of_charge["amount"], of_charge["payment"]["amount"]) == (
        payment["id"],
        10_000,
        10_000,
    )
    (of_row,) = (await desk.row(row["id"]))["payments"]
    assert (of_row["id"], of_row["amount"], of_row["paymentMedium"], of_row["refunds"]) == (
        payment["id"],
        10_000,
        "CASH",
        [],
    )
    after = await desk.accounts()
    assert after["cash"] - before.get("cash", 0) == 10_000
    told = await told_of(desk.services, desk.clinic, UUID(payment["id"]))
    assert sorted(one[0] for one in told) == ["PAYMENT_ADDED", "PAYMENT_COMPLETED"]
    again = await desk.cash(row)
    assert (again.status_code, again.json()["detail"]) == (409, "nothing of the charge is outstanding")


async def test_the_timeline_tells_of_it(desk, patient):
    row = await desk.charge(patient)
    payment = await desk.paid(row, 2_500, payment_medium="CHECK")
    for asked in ({"charge_id": row["id"]}, {"payment_id": payment["id"]}):
        entries = (await desk.send("GET", "/billing/charge/timeline", **asked)).json()
        assert [(one["type"], one["amount"]) for one in entries] == [("CHARGE", 10_000), ("EXTERNAL_SETTLEMENT", 2_500)]
        assert (entries[1]["paymentMedium"], entries[1]["status"]) == ("CHECK", "SUCCEEDED")


async def test_in_parts_by_several_mediums(desk, patient):
    row = await desk.charge(patient)
    await desk.paid(row, 1)
    row = await desk.row(row["id"])
    assert (row["status"], row["totalOutstanding"]) == ("OUTSTANDING", 9_999)
    await desk.paid(row, 9_000, payment_medium="CARE_CREDIT")
    await desk.paid(await desk.row(row["id"]), payment_medium="CHECK")
    row = await desk.row(row["id"])
    assert row["status"] == "EXTERNAL_SETTLEMENT"
    assert [(one["paymentMedium"], one["amount"]) for one in row["payments"]] == [
        ("CASH", 1), ("CARE_CREDIT", 9_000), ("CHECK", 999),
    ]  # fmt: skip


async def test_more_than_is_owed_is_refused_or_becomes_credit_as_the_caller_says(desk, patient):
    row = await desk.charge(patient)
    refused = await desk.cash(row, 10_500)
    assert problems(refused) == [
        (
            "body", "totalOutstanding",
            "expected at most 10000, which is outstanding; or credit_overpayment_amount=500, which makes credit of what is more than that",
        )
    ]  # fmt: skip
    for wrong in (499, 501):
        assert problems(await desk.cash(row, 10_500, credit_overpayment_amount=wrong))[0][1] == "totalOutstanding"
    needless = await desk.cash(row, 10_000, credit_overpayment_amount=1)
    assert problems(needless)[0][:2] == ("query", "credit_overpayment_amount")
    payment = await desk.paid(row, 10_500, credit_overpayment_amount=500)
    assert payment["amount"] == 10_500
    assert await desk.available(patient) == 500
    (of_charge,) = (await desk.shown(row["id"]))["payments"]
    assert (of_charge["amount"], of_charge["payment"]["amount"]) == (10_000, 10_500)


async def test_the_same_key_pays_once(desk, patient):
    row = await desk.charge(patient)
    first, second = [await desk.cash(row, 3_000, key=f"cash-{patient}") for _ in range(2)]
    assert first.json() == second.json()
    assert (await desk.row(row["id"]))["totalOutstanding"] == 7_000


async def test_what_cannot_be_paid(desk, stranger, patient):
    row = await desk.charge(patient)
    for body in (row | {"id": "nothing"}, row):
        answer = await stranger.cash(body)
        assert answer.status_code == 404
    await desk.till.ask(row["id"], "void")
    answer = await desk.cash(row)
    assert (answer.status_code, answer.json()["detail"]) == (409, "the charge is VOID")
    assert (await desk.with_credit(row)).status_code == 409
    other = await desk.charge(await desk.patient())
    answer = await desk.cash(other | {"patient": row["patient"]})
    assert problems(answer) == [("body", "patient.id", "expected the charge's patient")] or problems(answer) == [
        ("body", "patient", "id", "expected the charge's patient")
    ]
    answer = await desk.cash(other, payment_medium="SEASHELLS")
    assert problems(answer)[0][:2] == ("query", "payment_medium")
    answer = await desk.cash(other, payment_medium="PATIENT_CREDIT")
    assert problems(answer)[0][:2] == ("query", "payment_medium")


async def test_every_wrong_field_is_named(desk, patient):
    row = await desk.charge(patient)
    body = {"id": "a/b", "total": -1, "totalOutstanding": 0, "status": "GOOD", "patient": {}, "createdDate": "now"}
    answer = await desk.cash(body)
    named = sorted(loc[1] for loc in problems(answer))
    assert named == ["createdDate", "id", "patient", "status", "total", "totalOutstanding"]
    answer = await desk.cash({})
    assert sorted(loc[1] for loc in problems(answer)) == [
        "createdDate", "id", "patient", "status", "total", "totalOutstanding",
    ]  # fmt: skip
    answer = await desk.cash(row, credit_overpayment_amount="much")
    assert [loc[:2] for loc in problems(answer)] == [("query", "credit_overpayment_amount")]
    answer = await desk.cash(row, payment_kind="CASH")
    assert (answer.status_code, "payment_kind" in answer.text) == (400, True)


async def test_who_may_not(desk, read_only, patient):
    row = await desk.charge(patient)
    for act in (desk.cash, desk.with_credit):
        assert (await act(row, headers=read_only)).status_code == 403
        assert (await act(row, headers={})).status_code == 401
    body = [desk.sale(patient, 100)]
    for tail, query in (("cash", {"payment_medium": "CASH", "amount": 100}), ("patient-credit", {"amount": 100})):
        path = f"/billing/payment-terminal/charge/create-{tail}-settled"
        assert (await desk.send("POST", path, body, read_only, **query)).status_code == 403
        assert (await desk.send("POST", path, body, {}, **query)).status_code == 401


async def test_a_card_that_waits_for_its_patient_is_not_charged_any_more(desk, patient):
    row = await desk.charge(patient)
    promise = await desk.till.promise(UUID(row["id"]), 10_000, policy="on_page", patient_id=UUID(patient))
    await desk.paid(row, 4_000)
    (before,) = await desk.till.rows("SELECT wanted FROM payments WHERE id = %s", promise)
    await desk.paid(await desk.row(row["id"]))
    (after,) = await desk.till.rows("SELECT wanted FROM payments WHERE id = %s", promise)
    assert (before[0], after[0]) == (None, "RETURN")
    await update_row(desk.services, desk.id, "payments", promise, next_step_at=None, stage="DONE", status="CANCELED")


# ---- sold and paid at once


async def cash_settled(desk, bodies, amount, **query):
    query = {"payment_medium": "CASH"} | query
    sending = {name: query.pop(name) for name in ("headers", "key") if name in query}
    path = "/billing/payment-terminal/charge/create-cash-settled"
    return await desk.send("POST", path, bodies, **sending, amount=amount, **query)


async def test_charges_are_sold_and_paid(desk, patient):
    bodies = [desk.sale(patient, 1_000, id=f"one-{patient}"), desk.sale(patient, 500, id=f"two-{patient}")]
    answer = await cash_settled(desk, bodies, 1_500, payment_medium="CHECK")
    assert answer.status_code == 200, answer.text
    payment = answer.json()
    assert (payment["amount"], payment["paymentMedium"], payment["patientId"]) == (1_500, "CHECK", patient)
    rows = [await desk.row(f"{name}-{patient}") for name in ("one", "two")]
    assert [(row["status"], row["totalOutstanding"]) for row in rows] == [("EXTERNAL_SETTLEMENT", 0)] * 2
    assert [row["payments"][0]["amount"] for row in rows] == [1_000, 500]
    assert {row["payments"][0]["id"] for row in rows} == {payment["id"]}


async def test_the_first_is_paid_first(desk, patient):
    bodies = [desk.sale(patient, 1_000, id=f"a-{patient}"), desk.sale(patient, 500, id=f"b-{patient}")]
    assert (await cash_settled(desk, bodies, 1_200)).status_code == 200
    assert [(await desk.row(f"{name}-{patient}"))["totalOutstanding"] for name in ("a", "b")] == [0, 300]


async def test_what_is_paid_over_all_of_them(desk, stranger, patient):
    bodies = [desk.sale(patient, 1_000), desk.sale(patient, 500)]
    refused = await cash_settled(desk, bodies, 1_600)
    assert problems(refused)[0][:2] == ("query", "amount")
    other = await desk.patient()
    over = {"credit_overpayment_amount": 100}
    assert problems(await cash_settled(desk, bodies, 1_600, patient_id=other, **over))[0][:2] == ("query", "patient_id")
    theirs = await stranger.patient()
    assert (await cash_settled(desk, bodies, 1_600, patient_id=theirs, **over)).status_code == 404
    charges = (await desk.send("GET", "/billing/charge/table", patient_id=patient)).json()
    assert charges["total"] == 0
    assert (await cash_settled(desk, bodies, 1_600, patient_id=patient, **over)).status_code == 200
    assert await desk.available(patient) == 100


async def test_what_a_sale_that_is_paid_gets_wrong(desk, patient):
    other = await desk.patient()
    answer = await cash_settled(desk, [desk.sale(patient, 100), desk.sale(other, 100)], 200)
    assert "patientId" in problems(answer)[0]
    assert problems(await cash_settled(desk, [desk.sale(patient, 100)], 0))[0][:2] == ("query", "amount")
    answer = await cash_settled(desk, [desk.sale(patient, 100)], 100, payment_medium="POS")
    assert problems(answer)[0][:2] == ("query", "payment_medium")
    answer = await desk.send("POST", "/billing/payment-terminal/charge/create-cash-settled", [desk.sale(patient, 100)])
    # Of parameters that are missing, one is named at a time.
    assert {loc[1] for loc in problems(answer)} <= {"payment_medium", "amount"}
    assert (await cash_settled(desk, [], 100)).status_code == 422
    assert (await cash_settled(desk, [desk.sale(patient, 0)], 100)).status_code == 409
    assert (await cash_settled(desk, [desk.sale("nobody", 100)], 100)).status_code == 404


async def test_a_sale_that_is_paid_is_repeated(desk, patient):
    bodies = [desk.sale(patient, 100)]
    first, second = [await cash_settled(desk, bodies, 100, key=f"sale-{patient}") for _ in range(2)]
    assert first.json() == second.json()
    assert (await desk.send("GET", "/billing/charge/table", patient_id=patient)).json()["total"] == 1


async def test_a_mediums_name_is_known_in_any_case(desk, patient):
    made = await desk.send("POST", "/admin/payment-mediums/create", {"name": "Venmo"})
    assert made.status_code == 200, made.text
    row = await desk.charge(patient)
    assert (await desk.paid(row, 1_000, payment_medium="VENMO"))["paymentMedium"] == "Venmo"
    changed = await desk.paid(row, 1_000)
    body = {"paymentId": changed["id"], "newPaymentMedium": "venmo"}
    answer = await desk.send("POST", "/billing/payment/update-medium", body)
    assert (answer.status_code, answer.json()["paymentMedium"]) == (200, "Venmo")
    sale = [desk.sale(patient, 100)]
    query = {"payment_medium": "vENMO", "amount": 100}
    sold = await desk.send("POST", "/billing/payment-terminal/charge/create-cash-settled", sale, **query)
    assert (sold.status_code, sold.json()["paymentMedium"]) == (200, "Venmo")
