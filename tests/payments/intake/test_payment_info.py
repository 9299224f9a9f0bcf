"""UPDATE_PAYMENT_INFO: the card of a user from now on, also of the payments that wait for one."""

import asyncio
import time
from uuid import uuid4

import pytest

from tests.payments.intake.world import paying
from tests.review.people import Desk, decision, employ

USERS = "/api/v1/users"
ADDRESS = {
    "addressLine1": "1 Main St",
    "addressLine2": "Apt 2",
    "city": "Albany",
    "state": "NY",
    "country": "US",
    "postalCode": "12207",
}
SAVED = "SELECT customer_id, method_id FROM gateway_customers WHERE organization_id = %s"
EVENTS = "SELECT type FROM events WHERE organization_id = %s AND target_id = (SELECT id FROM patients WHERE email = %s AND organization_id = %s)"
DEADLINE_SECONDS = 20


def update(email, data, **top):
    return {"action": "UPDATE_PAYMENT_INFO", "email": email, "data": data} | top


async def case_of(world, paid, reference, kind="SETUP_INTENT", **user):
    """A case's id, and the patient's e-mail address."""
    body = paying(paid, reference, kind)
    answer = await world.send(paid, body | {"user": body["user"] | user})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["caseId"], body["user"]["email"]


async def until(world, paid, case_id, **wanted):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        payment = await world.payment(paid, case_id)
        if all(getattr(payment, name) == value for name, value in wanted.items()):
            return payment
        assert time.monotonic() < deadline, payment
        await asyncio.sleep(0.05)


async def approve(world, paid, case_id):
    clinician = await employ(world.services, paid.clinic, "Ada")
    desk = Desk(world.client, case_id)
    for act in ("assign", "start"):
        await desk.done(clinician, act, {"staffId": str(clinician.id)} if act == "assign" else None)
    await desk.done(clinician, "decide", {"decisions": [decision(paid.clinic.product_id)]})


@pytest.mark.parametrize("place", ["top", "data", "both"])
async def test_the_new_card_is_the_patients_and_the_waiting_payments(world, paid, place):
    case_id, email = await case_of(world, paid, world.setup(paid))
    before, new = await world.payment(paid, case_id), world.setup(paid)
    body = update(email, {"stripeSetupId": new.id})
    if place != "top":
        body["data"]["email"] = email.upper()
    if place == "data":
        del body["email"]

    answer = await world.send(paid, body, USERS)

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"status": 200, "success": True, "data": {"code": "PAYMENT_SETUP_UPDATED"}}
    payment = await world.payment(paid, case_id)
    assert (payment.stage, payment.customer_id, payment.method_id) == (
        "WAITING",
        before.customer_id,
        new.payment_method,
    )
    assert await world.rows(paid, SAVED) == [(before.customer_id, new.payment_method)]
    told = [kind for (kind,) in await world.rows(paid, EVENTS, email, paid.organization_id)]
    assert "PAYMENT_INFO_UPDATED" in told


async def test_an_approved_payment_without_a_card_is_charged_with_the_new_one(world, paid):
    body = paying(paid, "", status="UNPAID")
    del body["payment"]["providerReference"]
    case_id = (await world.send(paid, body)).json()["data"]["caseId"]
    await approve(world, paid, case_id)
    await until(world, paid, case_id, stage="NEEDS_CARD")

    sent = update(body["user"]["email"], {"stripeSetupId": world.setup(paid).id})
    assert (await world.send(paid, sent, USERS)).status_code == 200

    assert (await until(world, paid, case_id, stage="DONE")).status == "PAID"


@pytest.mark.parametrize("decline", ["insufficient_funds", "lost_card"])
async def test_a_declined_payment_is_tried_with_the_new_card_at_once(world, paid, decline):
    case_id, email = await case_of(world, paid, world.setup(paid))
    world.gateway.fail_next("payment_intents.create", decline, key=paid.key)
    await approve(world, paid, case_id)
    deadline = time.monotonic() + DEADLINE_SECONDS
    tried = "SELECT status FROM payment_attempts WHERE organization_id = %s AND status = 'FAILED'"
    while not await world.rows(paid, tried):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)

    sent = update(email, {"stripeSetupId": world.setup(paid).id})
    assert (await world.send(paid, sent, USERS)).status_code == 200

    payment = await until(world, paid, case_id, stage="DONE")
    assert (payment.status, payment.captured_cents) == ("PAID", 15_900)


async def test_what_was_approved_while_the_gateway_was_away_is_charged_when_it_is_back(world, paid):
    world.gateway.fail_next("setup_intents.retrieve", "lost_before", times=None, key=paid.key)
    case_id, _ = await case_of(world, paid, world.setup(paid))
    assert (await world.payment(paid, case_id)).stage == "UNCHECKED"
    await approve(world, paid, case_id)
    world.gateway.control("faults", method="DELETE")
    assert (await until(world, paid, case_id, stage="DONE")).status == "PAID"


async def test_the_address_is_the_patients(world, paid):
    _, email = await case_of(world, paid, world.setup(paid))
    sent = update(email, {"stripeSetupId": world.setup(paid).id, "shippingAddress": ADDRESS})
    assert (await world.send(paid, sent, USERS)).status_code == 200
    kept = "SELECT address_line1, address_line2, city, state, country, postal_code FROM patients WHERE organization_id = %s AND email = %s"
    assert await world.rows(paid, kept, email) == [("1 Main St", "Apt 2", "Albany", "NY", "US", "12207")]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"stripeSetupId": None}, ["data.stripeSetupId"]),
        ({"stripeSetupId": "  "}, ["data.stripeSetupId"]),
        ({"nmiPaymentToken": "t"}, ["data.stripeSetupId"]),
        ({"email": "other@patient.example"}, ["data.email"]),
        ({"stripeSetupId": 1}, ["data.stripeSetupId"]),
        ({"shippingAddress": {}}, [f"data.shippingAddress.{name}" for name in ADDRESS if name != "addressLine2"]),
        ({"shippingAddress": ADDRESS | {"postalCode": "123"}}, ["data.shippingAddress.postalCode"]),
        ({"shippingAddress": ADDRESS | {"addressLine1": "PO Box 12"}}, ["data.shippingAddress.addressLine1"]),
        ({"shippingAddress": ADDRESS | {"state": "New York"}}, ["data.shippingAddress.state"]),
        ({"stripeSetupId": "seti_unknown"}, ["data.stripeSetupId"]),
    ],
)
async def test_a_bad_body_changes_nothing(world, paid, changes, fields):
    case_id, email = await case_of(world, paid, world.setup(paid))
    before = await world.payment(paid, case_id), await world.counts(paid)
    answer = await world.send(paid, update(email, {"stripeSetupId": "seti_1"} | changes), USERS)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == fields
    assert (await world.payment(paid, case_id), await world.counts(paid)) == before


@pytest.mark.parametrize("email", [None, "", "nobody"])
async def test_it_must_say_whose(world, paid, email):
    answer = await world.send(paid, update(email, {"stripeSetupId": "seti_1"}), USERS)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == ["email"]


async def test_an_unknown_user_and_another_clinics(world, paid, tmp_path):
    other = await world.clinic(tmp_path)
    _, email = await case_of(world, other, world.setup(other))
    answer = await world.send(paid, update(email, {"stripeSetupId": world.setup(paid).id}), USERS)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["success"], told["message"]) == (False, f"User {email} does not exist")


async def test_live_money_stays_apart(world, tmp_path):
    paid = await world.clinic(tmp_path, modes=("test", "live"))
    case_id, email = await case_of(world, paid, world.setup(paid))
    before = await world.payment(paid, case_id)
    live = world.setup(paid, mode="live")
    assert (await world.send(paid, update(email, {"stripeSetupId": live.id}), USERS)).status_code == 200
    assert await world.payment(paid, case_id) == before
    assert (live.payment_method,) in [row[1:] for row in await world.rows(paid, SAVED)]


async def test_a_gateway_that_is_away(world, paid):
    _, email = await case_of(world, paid, world.setup(paid))
    world.gateway.fail_next("setup_intents.retrieve", "server_error", key=paid.key)
    body, key = update(email, {"stripeSetupId": world.setup(paid).id}), {"Idempotency-Key": uuid4().hex}
    assert (await world.send(paid, body, USERS, **key)).status_code == 503
    first = await world.send(paid, body, USERS, **key)
    calls = world.calls()
    assert (first.status_code, (await world.send(paid, body, USERS, **key)).content) == (200, first.content)
    assert world.calls() == calls


@pytest.mark.parametrize("data", [{"nmiPaymentToken": "token-2"}, {"stripeSetupId": "seti_2"}])
async def test_without_a_gateway_the_reference_stands_with_what_waits(world, tmp_path, data):
    paid = await world.clinic(tmp_path, "unverified", ())
    case_id, email = await case_of(world, paid, "token-1", "PAYMENT_TOKEN")
    assert (await world.send(paid, update(email, data), USERS)).status_code == 200
    payment = await world.payment(paid, case_id)
    assert (payment.method, payment.stage, payment.reference_id) == (
        "REFERENCE",
        "UNVERIFIED",
        next(iter(data.values())),
    )


async def test_a_token_that_nothing_waits_for_is_not_lost_silently(world, paid):
    _, email = await case_of(world, paid, world.setup(paid))
    answer = await world.send(paid, update(email, {"nmiPaymentToken": "t"}), USERS)
    assert answer.status_code == 400
    assert [problem["field"] for problem in answer.json()["errors"]] == ["data.nmiPaymentToken"]


async def test_what_is_paid_keeps_its_card(world, paid):
    case_id, email = await case_of(world, paid, world.setup(paid))
    await approve(world, paid, case_id)
    before = await until(world, paid, case_id, stage="DONE")
    assert (await world.send(paid, update(email, {"stripeSetupId": world.setup(paid).id}), USERS)).status_code == 200
    assert await world.payment(paid, case_id) == before
