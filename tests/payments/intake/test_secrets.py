"""POST /payments/setup, POST /payments/intent and POST /initiatePayment: secrets of intents in the clinic's own account."""

import json
from uuid import uuid4

import pytest

from tests.payments.intake.world import paying

SETUP, INTENT, OLD = "/api/v1/payments/setup", "/api/v1/payments/intent", "/initiatePayment"
BODIES = {SETUP: {}, INTENT: {"amount": 1.15}, OLD: {"amount": 0.5}}


def object_of(world, secret, key):
    """The gateway's object that the secret is of."""
    kind = "setup_intent" if secret.startswith("seti_") else "payment_intent"
    (found,) = [one for one in world.gateway.objects(kind, key) if one["client_secret"] == secret]
    return found


@pytest.mark.parametrize(
    "body", [None, b"", b"  ", b"{}", b'{"metadata":{"email":"a@b.example","phone":"+12125550123"}}']
)
async def test_a_setup_intent_whatever_is_sent(world, paid, body):
    headers = {"content-type": "application/json"} if body is not None else {}
    answer = await world.client.post(SETUP, content=body, headers=paid.clinic.key | headers)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert set(told) == {"success", "paymentSecret"}
    assert told["success"] is True
    setup = object_of(world, told["paymentSecret"], paid.key)
    assert (setup["usage"], setup["customer"], setup["livemode"]) == ("off_session", None, False)
    wanted = {"email": "a@b.example", "phone": "+12125550123"} if body and b"email" in body else {}
    assert setup["metadata"] == wanted | {"carelane_organization": paid.clinic.organization_id}


@pytest.mark.parametrize("path", [SETUP, INTENT, OLD])
async def test_of_what_a_storefront_would_keep_there_only_what_we_allow_reaches_the_gateway(world, paid, path):
    told = {"email": "a@b.example", "phone": "+12125550123"}
    kept_back = {
        "diagnosis": "obesity",
        "productName": "Semaglutide",
        "carelane_payment": uuid4().hex,
        "simulate": "slow",
    }
    answer = await world.send(paid, BODIES[path] | {"metadata": told | kept_back, "description": "Semaglutide"}, path)
    assert answer.status_code == 200, answer.text
    kinds = ("setup_intent", "payment_intent", "customer", "event")
    made = {kind: world.gateway.objects(kind, paid.key) for kind in kinds}
    (intent,) = made["payment_intent"] + made["setup_intent"]
    ours = {"carelane_organization": paid.clinic.organization_id}
    assert intent["metadata"] == (ours if path == OLD else ours | told)
    assert not [value for value in (*kept_back, *kept_back.values()) if f'"{value}"' in json.dumps(made)]


@pytest.mark.parametrize("path", [SETUP, OLD])
async def test_the_card_that_is_entered_pays_a_case(world, paid, path):
    secret = (await world.send(paid, BODIES[path], path)).json()["paymentSecret"]
    setup_id = object_of(world, secret, paid.key)["id"]
    world.api(paid).v1.setup_intents.confirm(setup_id, {"payment_method": "pm_card_visa"})
    assert (await world.created(paid, paying(paid, setup_id))).stage == "WAITING"


@pytest.mark.parametrize(
    ("policy", "held"), [("charge_on_approval", "manual"), ("hold", "manual"), ("unverified", "automatic")]
)
async def test_a_payment_intent_takes_no_money_before_the_approval(world, tmp_path, policy, held):
    paid = await world.clinic(tmp_path, policy)

    answer = await world.send(
        paid, {"amount": 159, "paymentMethodTypes": ["card"], "metadata": {"email": "a@b.example"}}, INTENT
    )

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {name: told[name] for name in ("status", "success", "message")} == {
        "status": 200, "success": True, "message": "Payment intent created successfully"
    }  # fmt: skip
    intent = object_of(world, told["data"]["paymentIntentSecret"], paid.key)
    assert (intent["amount"], intent["currency"], intent["capture_method"]) == (15_900, "usd", held)
    assert intent["metadata"]["email"] == "a@b.example"
    if policy != "unverified":
        world.api(paid).v1.payment_intents.confirm(intent["id"], {"payment_method": "pm_card_visa"})
        payment = await world.created(paid, paying(paid, intent["id"], "PAYMENT_INTENT"))
        assert (payment.policy, payment.stage, payment.captured_cents) == ("hold", "WAITING", 0)


@pytest.mark.parametrize(
    ("sent", "smallest"),
    [({"amount": 1.15}, 115), ({"amount": "1.15"}, 115), ({"amount": 109.99000000000001}, 10_999), ({"amount": 2}, 200),
     ({"amount": 500, "currency": "JPY"}, 500), ({"amount": "1.500", "currency": "KWD"}, 1_500)],
)  # fmt: skip
async def test_amounts_are_in_units_of_the_currency(world, paid, sent, smallest):
    secret = (await world.send(paid, sent, INTENT)).json()["data"]["paymentIntentSecret"]
    assert object_of(world, secret, paid.key)["amount"] == smallest


@pytest.mark.parametrize(
    ("sent", "field"),
    [({}, "amount"), ({"amount": "much"}, "amount"), ({"amount": -1}, "amount"), ({"amount": 0}, "amount"),
     ({"amount": 1.155}, "amount"), ({"amount": 1, "currency": "usd"}, "currency"), ({"amount": True}, "amount"),
     ({"amount": 1, "paymentMethodTypes": "card"}, "paymentMethodTypes"), ({"amount": 1, "isTest": "yes"}, "isTest"),
     ({"amount": 1, "metadata": {"email": 1}}, "metadata.email")],
)  # fmt: skip
async def test_a_bad_body_is_refused(world, paid, sent, field):
    before = world.gateway.objects("payment_intent", paid.key)
    answer = await world.send(paid, sent, INTENT)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["success"], told["code"]) == (False, "VALIDATION_ERROR")
    assert [problem["field"] for problem in told["errors"]] == [field]
    assert world.gateway.objects("payment_intent", paid.key) == before


@pytest.mark.parametrize("path", [SETUP, INTENT, OLD])
async def test_what_is_no_json_is_refused(world, paid, path):
    answer = await world.client.post(path, content=b"{", headers=paid.clinic.key)
    assert answer.status_code == 400


async def test_what_the_gateway_refuses_is_told(world, paid):
    answer = await world.send(paid, {"amount": 1_000_000}, INTENT)
    assert answer.status_code == 400
    assert "the gateway refuses this" in answer.json()["error"]


@pytest.mark.parametrize("path", [SETUP, INTENT, OLD])
async def test_which_money(world, tmp_path, path):
    both = await world.clinic(tmp_path, modes=("test", "live"))
    test_only = await world.clinic(tmp_path)

    async def is_live(paid, sent):
        told = (await world.send(paid, BODIES[path] | sent, path)).json()
        secret = told.get("paymentSecret") or told["data"]["paymentIntentSecret"]
        kind = "setup_intent" if secret.startswith("seti_") else "payment_intent"
        keys = (paid.key, paid.live_key)
        ((key,),) = [
            [key for key in keys if any(one["client_secret"] == secret for one in world.gateway.objects(kind, key))]
        ]
        return key == paid.live_key

    assert await is_live(both, {})
    assert await is_live(both, {"isTest": False})
    assert not await is_live(both, {"isTest": True})
    assert not await is_live(test_only, {})
    refused = await world.send(test_only, BODIES[path] | {"isTest": False}, path)
    assert refused.status_code == 400
    assert "no gateway account for live money" in refused.json()["error"]


@pytest.mark.parametrize("path", [SETUP, INTENT, OLD])
async def test_without_a_gateway_it_says_what_to_configure(client, clinic, path):
    answer = await client.post(path, json=BODIES[path], headers=clinic.key)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["success"], told["code"]) == (False, "GATEWAY_MISSING")
    assert "`payments: gateways: stripe`" in told["error"]


@pytest.mark.parametrize("path", [SETUP, INTENT, OLD])
async def test_a_gateway_that_is_away(world, paid, path):
    world.gateway.fail_next("*", "server_error", key=paid.key)
    answer = await world.send(paid, BODIES[path], path)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", [SETUP, INTENT, OLD])
async def test_credentials(world, paid, path):
    missing = await world.client.post(path, json=BODIES[path])
    wrong = await world.client.post(path, json=BODIES[path], headers={"cv-api-key": "cvk_wrong"})
    lacking = await world.client.post(path, json=BODIES[path], headers=paid.clinic.catalog_only)
    assert (missing.status_code, wrong.status_code, lacking.status_code) == (400 if path == OLD else 401, 401, 403)
    if path == SETUP:
        for answer in (missing, wrong):
            told = answer.json()
            assert {name: told[name] for name in told if name != "requestId"} == {
                "status": 401,
                "error": "Invalid API key",
            }


async def test_the_key_may_come_in_the_body_at_the_old_address(world, paid):
    answer = await world.client.post(OLD, json={"amount": 0.5, "key": paid.clinic.api_key})
    assert answer.status_code == 200
    assert list(answer.json()) == ["paymentSecret"]
    assert (await world.client.post(OLD, json={"amount": 0.5, "key": "cvk_wrong"})).status_code == 401


async def test_another_clinics_key_makes_its_own(world, paid, tmp_path):
    other = await world.clinic(tmp_path)
    secret = (await world.send(other, {}, SETUP)).json()["paymentSecret"]
    assert object_of(world, secret, other.key)
    assert world.gateway.objects("setup_intent", paid.key) == []


@pytest.mark.parametrize("path", [SETUP, INTENT, OLD])
async def test_a_repeated_request_gets_the_same_secret(world, paid, path):
    key = {"Idempotency-Key": uuid4().hex}
    first = await world.send(paid, BODIES[path], path, **key)
    again = await world.send(paid, BODIES[path], path, **key)
    assert first.status_code == 200, first.text
    assert again.content == first.content
    kind = "payment_intent" if path == INTENT else "setup_intent"
    assert len(world.gateway.objects(kind, paid.key)) == 1
    other = await world.send(paid, BODIES[path] | {"isTest": True}, path, **key)
    assert other.status_code == 422


async def test_an_answer_that_was_lost_is_found_again(world, paid):
    """The gateway acted, and nobody here heard of it: with the same key there is one intent."""
    world.gateway.fail_next("payment_intents.create", "lost_answer", key=paid.key)
    key = {"Idempotency-Key": uuid4().hex}
    assert (await world.send(paid, {"amount": 5}, INTENT, **key)).status_code == 503
    assert (await world.send(paid, {"amount": 5}, INTENT, **key)).status_code == 200
    assert len(world.gateway.objects("payment_intent", paid.key)) == 1
