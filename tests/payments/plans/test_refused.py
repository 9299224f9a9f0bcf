"""Payment plans that are refused, each wrong field by its name; nothing of them is kept."""

from uuid import uuid4

import pytest

from tests.factories.rows import insert_row
from tests.payments.plan_world import CREATE, PlanDesk, terms
from tests.payments.world import open_till

MISSING = f"{uuid4()}"


def problems(answer):
    assert answer.status_code == 422, answer.text
    return {".".join(str(step) for step in one["loc"][1:]): one["msg"] for one in answer.json()["detail"]}


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"initialAmount": -1}, "initialAmount", "0"),
        ({"initialAmount": "x"}, "initialAmount", "int"),
        ({"initialAmount": 9_998}, "initialAmount", "expected at most 9997: 10000 is outstanding"),
        ({"frequency": "DAILY"}, "frequency", "WEEKLY"),
        ({"installments": 0}, "installments", "1"),
        ({"installments": 121}, "installments", "120"),
        ({"installmentAmount": 0}, "installmentAmount", "1"),
        ({"installmentAmount": 3_332}, "installmentAmount", "expected 3333 to 4999: 3 instalments come to 10000"),
        ({"installmentAmount": 5_000}, "installmentAmount", "expected 3333 to 4999"),
        ({"installments": 1, "installmentAmount": 9_999}, "installmentAmount", "expected 10000 to 10000"),
        ({"installments": 1, "installmentAmount": 10_001}, "installmentAmount", "expected 10000"),
        ({"startDate": "2020-01-01"}, "startDate", "expected a day from"),
        ({"startDate": "2999-01-01"}, "startDate", "expected a day from"),
        ({"startDate": "soon"}, "startDate", "date"),
        ({"chargeIds": []}, "chargeIds", "one charge at least"),
        ({"locationId": "a/b"}, "locationId", "^"),
    ],
)
async def test_each_wrong_field_is_named(desk, till, wrong, field, says):
    charge, card = await desk.charge(10_000), await desk.card()
    answer = await desk.ask_plan(card, terms(charge) | wrong)
    found = problems(answer)
    [(name, text)] = found.items()
    assert name == f"paymentPlan.{field}", found
    assert says in text
    assert await till.ask("SELECT id FROM payment_plans") == []
    assert await desk.owed(charge) == ("OUTSTANDING", 10_000)


async def test_fewer_cents_than_instalments(desk):
    charge, card = await desk.charge(2), await desk.card()
    found = problems(await desk.ask_plan(card, terms(charge, installmentAmount=1)))
    assert found == {"paymentPlan.installments": "expected at most 2: 2 is outstanding"}


@pytest.mark.parametrize("name", ["charges", "paymentPlan", "rainforestPaymentMethodId"])
async def test_what_is_missing_is_named(desk, name):
    charge, card = await desk.charge(), await desk.card()
    body = {"charges": [], "paymentPlan": terms(charge), "rainforestPaymentMethodId": card}
    del body[name]
    assert list(problems(await desk.ask("POST", CREATE, body))) == [name]


async def test_a_sale_that_is_wrong_is_named_by_its_path_and_nothing_is_sold(desk, till):
    card, line = await desk.card(), {"name": "Tablets", "quantity": 1, "price": 2_500}
    sale = {"patientId": desk.patient, "totalOutstanding": 9, "items": [line]}
    found = problems(await desk.ask_plan(card, terms(), [sale]))
    assert list(found) == ["charges.0.totalOutstanding"]
    found = problems(await desk.ask_plan(card, terms(), [sale | {"items": []}]))
    assert list(found) == ["charges.0.items"]
    twice = await desk.charge()
    assert list(problems(await desk.ask_plan(card, terms(twice, twice)))) == ["paymentPlan.chargeIds"]
    # What fits the sale and not the plan.
    found = problems(await desk.ask_plan(card, terms(installmentAmount=1), [sale | {"totalOutstanding": 2_500}]))
    assert list(found) == ["paymentPlan.installmentAmount"]
    assert await till.ask("SELECT id FROM charges WHERE cart_id IS NULL") == []


async def test_what_is_unknown_is_not_there(desk, till, tmp_path):
    charge, card = await desk.charge(), await desk.card()
    other = PlanDesk(await open_till(till.services, till.http, till.bank, tmp_path))
    theirs, their_card = await other.charge(), await other.card()
    for wrong_card, wrong_charge in (
        (MISSING, charge),
        (their_card, charge),
        (card, theirs),
        (card, MISSING),
        ("x", charge),
    ):
        answer = await desk.ask_plan(wrong_card, terms(wrong_charge, installmentAmount=3_334))
        assert answer.status_code == 404, answer.text
    place = await desk.ask_plan(card, terms(charge, locationId=MISSING))
    assert (place.status_code, MISSING in place.json()["detail"]) == (404, True)
    plan = await other.plan(their_card, theirs)
    for ref in (theirs, charge, MISSING):
        assert (await desk.cancel(ref)).status_code == 404
    assert await other.stands(plan) == "RUNNING"


async def test_a_card_of_somebody_else(desk, till):
    charge = await desk.charge()
    somebody = str(await insert_row(till.services, till.organization_id, "patients", first_name="Bo", last_name="Else"))
    answer = await desk.ask_plan(await desk.card(patient=somebody), terms(charge))
    assert answer.status_code == 404
    theirs = await desk.charge(patient=somebody)
    found = problems(await desk.ask_plan(await desk.card(), terms(charge, theirs)))
    assert list(found) == ["charges.1.id"]


async def test_charges_that_no_plan_can_pay(desk, till):
    card, paid, planned, busy, archived = await desk.card(), *[await desk.charge() for _ in range(4)]
    await desk.paid(card, await desk.config(paid))
    await desk.plan(card, planned)
    assert (await desk.ask("DELETE", f"/billing/charge/{archived}")).status_code == 200
    till.fail("payment_intents.create", "lost_before")
    await desk.paid(card, await desk.config(busy), "PROCESSING")
    for charge, status, says in (
        (paid, 409, "nothing of the charge"),
        (planned, 409, "a payment plan runs"),
        (busy, 409, "being taken"),
        (archived, 404, "no charge"),
    ):
        answer = await desk.ask_plan(card, terms(charge))
        assert (answer.status_code, says in answer.json()["detail"]) == (status, True), answer.text


async def test_who_may_not(desk, till):
    charge, card = await desk.charge(), await desk.card()
    body = {"charges": [], "paymentPlan": terms(charge), "rainforestPaymentMethodId": card}
    for method, path in (("POST", CREATE), ("DELETE", f"/billing/payment-plan/{charge}")):
        assert (await till.http.request(method, path, json=body)).status_code == 401
        narrow = {"API-KEY": till.clinic.catalog_only_key}
        assert (await desk.ask(method, path, body, headers=narrow)).status_code == 403
    assert await till.ask("SELECT id FROM payment_plans") == []
    assert (await desk.ask("POST", f"{CREATE}?soon=1", body)).status_code == 400


async def test_a_card_that_a_plan_needs_is_not_taken_away(desk):
    charge, card = await desk.charge(), await desk.card()
    await desk.plan(card, charge)
    url = f"/user/patient/payment-methods/{card}?patient_id={desk.patient}"
    assert (await desk.ask("DELETE", url)).status_code == 409
    await desk.cancel(charge)
    assert (await desk.ask("DELETE", url)).status_code == 200


async def test_a_payment_of_a_charge_with_a_plan_stays_its_patients(desk, agreed_on):
    """The plan charges the card of the one patient."""
    charge, plan = agreed_on
    paid = await desk.cash(charge, 1_000)
    assert paid.status_code == 200, paid.text
    other = await desk.good("POST", "/user/patient/create", {"firstName": "Eve"})
    body = {"paymentId": paid.json()["id"], "newPatientId": other["id"]}
    refused = await desk.ask("POST", "/billing/payment/move", body)
    assert (refused.status_code, "payment plan" in refused.json()["detail"]) == (409, True)
    assert (await desk.cancel(charge)).status_code == 200
    moved = await desk.ask("POST", "/billing/payment/move", body)
    assert (moved.status_code, await desk.stands(plan)) == (200, "CANCELED")
