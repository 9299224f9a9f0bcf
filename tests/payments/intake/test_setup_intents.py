"""A case that comes with a setup intent: the card must be chargeable when nobody is there."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from tests.factories.rows import update_row
from tests.payments.intake.world import paying

CUSTOMERS = """
SELECT c.customer_id, c.method_id FROM gateway_customers c JOIN cases k
  ON k.organization_id = c.organization_id AND k.patient_id = c.patient_id
WHERE c.organization_id = %s AND k.id = (SELECT case_id FROM payments WHERE id = %s)
"""


async def test_the_card_of_a_customer_is_kept(world, paid):
    setup = world.setup(paid, customer=world.customer(paid))

    payment = await world.created(paid, paying(paid, setup))

    assert (payment.method, payment.policy, payment.stage, payment.status) == (
        "GATEWAY", "charge_on_approval", "WAITING", "UNPAID"
    )  # fmt: skip
    assert (payment.customer_id, payment.method_id, payment.is_test) == (setup.customer, setup.payment_method, True)
    assert await world.rows(paid, CUSTOMERS, payment.id) == [(setup.customer, setup.payment_method)]


async def test_a_card_of_nobody_becomes_the_patients_and_can_be_charged(world, paid):
    setup = world.setup(paid)
    assert setup.customer is None

    body = paying(paid, setup)
    payment = await world.created(paid, body)

    (customer,) = world.gateway.objects("customer", paid.key)
    assert (payment.customer_id, customer["email"]) == (customer["id"], body["user"]["email"])
    ((patient_id,),) = await world.rows(
        paid, "SELECT patient_id FROM payments WHERE organization_id = %s AND id = %s", payment.id
    )
    assert customer["metadata"]["carelane_patient"] == str(patient_id)
    charged = world.intent(paid, customer=customer["id"], payment_method=payment.method_id, off_session=True)
    assert charged.status == "succeeded"


async def test_the_patient_stays_the_customer_that_the_gateway_knows(world, paid):
    first = await world.created(paid, paying(paid, world.setup(paid)))
    body = paying(paid, world.setup(paid))
    ((email,),) = await world.rows(
        paid, "SELECT p.email FROM patients p JOIN payments y ON y.patient_id = p.id WHERE y.organization_id = %s AND y.id = %s", first.id
    )  # fmt: skip

    again = await world.created(paid, body | {"forceCreate": True, "user": body["user"] | {"email": email}})

    assert again.customer_id == first.customer_id
    assert again.method_id != first.method_id
    assert await world.rows(paid, CUSTOMERS, again.id) == [(again.customer_id, again.method_id)]
    assert len(world.gateway.objects("customer", paid.key)) == 1


async def test_a_card_that_somebody_attached_later_is_left_whose_it_is(world, paid):
    setup, customer = world.setup(paid), world.customer(paid)
    world.api(paid).v1.payment_methods.attach(setup.payment_method, {"customer": customer})
    assert (await world.created(paid, paying(paid, setup))).customer_id == customer


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"confirm": False}, "that succeeded, and this one is requires_confirmation"),
        ({"card": "pm_card_authenticationRequired"}, "that succeeded, and this one is requires_action"),
        ({"usage": "on_session"}, "usage is off_session"),
    ],
)
async def test_what_cannot_be_charged_later_is_refused(world, paid, more, expected):
    assert expected in await world.refused(paid, paying(paid, world.setup(paid, **more)))


async def test_a_canceled_one_is_refused(world, paid):
    setup = world.setup(paid, confirm=False)
    world.api(paid).v1.setup_intents.cancel(setup.id)
    assert "this one is canceled" in await world.refused(paid, paying(paid, setup))


@pytest.mark.parametrize("unknown", ["seti_1", "seti_1/../../customers", "?", "x" * 255, "seti_é"])
async def test_one_that_the_gateway_does_not_know_is_refused(world, paid, unknown):
    assert "that the organization's gateway knows among its test objects" in await world.refused(
        paid, paying(paid, unknown)
    )


async def test_a_payment_intent_is_no_setup_intent(world, paid):
    intent = world.intent(paid)
    assert "expected a setup intent that" in await world.refused(paid, paying(paid, intent))
    assert "expected a payment intent that" in await world.refused(
        paid, paying(paid, world.setup(paid), "PAYMENT_INTENT")
    )


async def test_another_clinics_is_unknown(world, paid, tmp_path):
    other = await world.clinic(tmp_path)
    assert "knows" in await world.refused(paid, paying(paid, world.setup(other)))


async def test_one_pays_one_case(world, paid):
    setup = world.setup(paid)
    await world.created(paid, paying(paid, setup))
    calls = world.calls().get("setup_intents.retrieve", 0)

    assert "expected a reference that pays this case alone" in await world.refused(paid, paying(paid, setup))

    # Nobody had to ask for that.
    assert world.calls()["setup_intents.retrieve"] == calls


@pytest.mark.parametrize("time", range(3))
async def test_two_that_come_at_once_are_one_case(world, paid, time):
    """The gateway answers so slowly that it is asked about all of them before the first is written."""
    setup = world.setup(paid, customer=world.customer(paid))
    world.gateway.fail_next("setup_intents.retrieve", "slow", times=8, key=paid.key)
    before = world.calls().get("setup_intents.retrieve", 0)

    answers = await asyncio.gather(*(world.send(paid, paying(paid, setup)) for _ in range(8)))

    assert world.calls()["setup_intents.retrieve"] == before + 8
    assert Counter(answer.status_code for answer in answers) == {200: 1, 422: 7}
    refused = next(answer.json() for answer in answers if answer.status_code == 422)
    assert [problem["field"] for problem in refused["errors"]] == ["payment.providerReference.id"]
    assert (await world.counts(paid))[0] == 1


async def test_a_repeated_request_is_answered_again_and_asks_nothing(world, paid):
    body, key = paying(paid, world.setup(paid)), uuid4().hex
    first = await world.send(paid, body, **{"Idempotency-Key": key})
    calls = world.calls()

    again = await world.send(paid, body, **{"Idempotency-Key": key})

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert world.calls() == calls


async def test_what_is_refused_anyway_does_not_reach_the_gateway(world, paid):
    calls = world.calls()
    body = paying(paid, "seti_1")
    unknown = await world.send(paid, body | {"products": [{"id": str(uuid4())}]})
    assert [problem["field"] for problem in unknown.json()["errors"]] == ["products[0].id"]
    without = {name: value for name, value in body.items() if name != "payment"}
    assert (await world.send(paid, without)).status_code == 200
    assert (await world.send(paid, body)).status_code == 409
    assert world.calls() == calls


async def test_an_abandoned_cart_is_not_looked_at(world, paid):
    calls = world.calls()
    answer = await world.send(paid, paying(paid, "seti_1") | {"status": "ABANDONED"})
    assert answer.status_code == 200
    assert world.calls() == calls


async def test_without_a_reference_a_card_is_asked_for_when_it_is_due(world, paid):
    body = paying(paid, "", status="UNPAID")
    del body["payment"]["providerReference"]
    payment = await world.created(paid, body)
    assert (payment.method, payment.stage, payment.status, payment.method_id) == ("GATEWAY", "WAITING", "UNPAID", None)


async def test_a_token_of_another_provider_is_kept_as_it_is(world, paid):
    body = paying(paid, "", nmiPaymentToken="token-1")
    del body["payment"]["providerReference"]
    payment = await world.created(paid, body)
    assert (payment.method, payment.stage, payment.reference_id) == ("REFERENCE", "UNVERIFIED", "token-1")


async def test_the_storefronts_word_is_not_the_gateways(world, paid):
    assert (await world.created(paid, paying(paid, world.setup(paid), status="PAID"))).status == "UNPAID"


@pytest.mark.parametrize(("policy", "modes"), [("unverified", ("test", "live")), ("charge_on_approval", ())])
async def test_where_nothing_is_verified_a_reference_is_kept(world, tmp_path, policy, modes):
    paid = await world.clinic(tmp_path, "unverified", modes)
    await update_row(world.services, paid.organization_id, "organizations", paid.organization_id, payment_policy=policy)
    calls = world.calls()
    payment = await world.created(paid, paying(paid, "seti_1", status="PAID"))
    assert (payment.method, payment.policy, payment.stage, payment.status) == (
        "REFERENCE", "unverified", "UNVERIFIED", "PAID"
    )  # fmt: skip
    assert world.calls() == calls


async def test_test_and_live_money_never_mix(world, tmp_path):
    paid = await world.clinic(tmp_path, modes=("test", "live"))
    live, test = world.setup(paid, mode="live"), world.setup(paid)

    assert "among its test objects; isTest says" in await world.refused(paid, paying(paid, live))
    assert "among its live objects; isTest says" in await world.refused(paid, paying(paid, test) | {"isTest": False})
    assert not (await world.created(paid, paying(paid, live) | {"isTest": False})).is_test
    assert (await world.created(paid, paying(paid, test))).is_test


async def test_an_object_that_says_it_is_of_the_other_money_is_refused(world, paid):
    setup = world.setup(paid, metadata={"simulate": "wrong_livemode"})
    assert "expected a setup intent made with test money, as isTest says" in await world.refused(
        paid, paying(paid, setup)
    )


@pytest.mark.parametrize(("mode", "is_test"), [("test", False), ("live", True)])
async def test_money_that_the_clinic_has_no_account_for_is_refused(world, tmp_path, mode, is_test):
    paid = await world.clinic(tmp_path, modes=(mode,))
    told = await world.refused(paid, paying(paid, world.setup(paid, mode=mode)) | {"isTest": is_test})
    assert f"expected isTest: {'false' if is_test else 'true'}" in told
