"""The wire itself: keys, modes, parameters, units, cursors, search, expansion."""

import httpx
import pytest
import stripe

from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld, error_of

INTENT = {"amount": 4_900, "currency": "usd"}


@pytest.mark.parametrize("key", ["sk_nowhere", "sk_test_", "whsec_1", "sk_test_refused"])
def test_a_wrong_key_is_refused(gateway_simulator: GatewayWorld, key: str):
    gateway_simulator.control("keys", {"refused": ["sk_test_refused"]})
    with pytest.raises(stripe.AuthenticationError) as caught:
        gateway_simulator.client(key).v1.customers.create({})
    assert (caught.value.http_status, "Invalid API Key provided" in str(caught.value)) == (401, True)


def test_without_a_key_nothing_is_answered_and_basic_is_one_too(gateway_simulator: GatewayWorld, key: str):
    url = f"{gateway_simulator.url}/v1/customers"
    assert httpx.post(url).status_code == 401
    assert httpx.post(url, auth=(key, "")).json()["object"] == "customer"


def test_the_two_modes_see_nothing_of_each_other(gateway_simulator: GatewayWorld):
    test, live = (gateway_simulator.client(f"sk_{mode}_two_modes") for mode in ("test", "live"))
    paid = pay(live)
    assert paid.livemode is True
    assert test.v1.payment_intents.list().data == []
    with pytest.raises(stripe.InvalidRequestError, match="a similar object exists in live mode") as caught:
        test.v1.payment_intents.retrieve(paid.id)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"currency": "usd"}, "amount", "parameter_missing"),
        ({**INTENT, "amount": 0}, "amount", "parameter_invalid_integer"),
        ({**INTENT, "amount": -5}, "amount", "parameter_invalid_integer"),
        ({**INTENT, "amount": "49.00"}, "amount", "parameter_invalid_integer"),
        ({**INTENT, "amount": "1e3"}, "amount", "parameter_invalid_integer"),
        ({**INTENT, "amount": 100_000_000}, "amount", "amount_too_large"),
        ({**INTENT, "currency": "dollar"}, "currency", None),
        ({**INTENT, "colour": "red"}, "colour", "parameter_unknown"),
        ({**INTENT, "capture_method": "later"}, "capture_method", None),
        ({**INTENT, "customer": "cus_nobody"}, "customer", "resource_missing"),
        ({**INTENT, "payment_method": "pm_nobody"}, "payment_method", "resource_missing"),
        ({**INTENT, "metadata": {"k" * 41: "v"}}, f"metadata[{'k' * 40}]", None),
        ({**INTENT, "metadata": {"k": "v" * 501}}, "metadata[k]", None),
        ({**INTENT, "metadata": {f"k{number}": "v" for number in range(51)}}, "metadata", None),
        ({**INTENT, "off_session": True}, "off_session", "parameter_unknown"),
        ({**INTENT, "confirm": True, "payment_method": "pm_card_visa"}, "return_url", None),
        ({"amount": 1_005, "currency": "KWD"}, "amount", "parameter_invalid_integer"),
        ({"amount": 1_050, "currency": "isk"}, "amount", "parameter_invalid_integer"),
        ({**INTENT, "expand": ["amount.cents"]}, "expand", None),
    ],
)
def test_a_wrong_parameter_is_named(client: stripe.StripeClient, params, param: str, code: str | None):
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payment_intents.create(params)
    assert (caught.value.http_status, caught.value.param, caught.value.code) == (400, param, code)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 4_900), ("kwd", 49_000), ("isk", 490_000)])
def test_amounts_are_in_the_gateways_own_units(client: stripe.StripeClient, currency: str, amount: int):
    paid = pay(
        client, amount, currency=currency, capture_method="automatic", expand=["latest_charge.balance_transaction"]
    )
    assert (paid.amount_received, paid.currency) == (amount, currency.lower())
    assert (paid.latest_charge.balance_transaction.amount, paid.latest_charge.currency) == (amount, currency.lower())


def test_lists_go_both_ways_and_are_filtered(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    customer = client.v1.customers.create({})
    ids = [client.v1.payment_intents.create({**INTENT, "customer": customer.id}).id for _ in range(3)]
    noon = gateway_simulator.advance(60)
    ids += [client.v1.payment_intents.create({**INTENT}).id for _ in range(3)]
    newest_first = ids[::-1]
    listed = client.v1.payment_intents.list
    assert [one.id for one in listed({"limit": 2}).auto_paging_iter()] == newest_first
    assert [one.id for one in listed({"limit": 2, "ending_before": ids[0]}).data] == [ids[2], ids[1]]
    assert [one.id for one in listed({"starting_after": ids[4]}).data] == newest_first[2:]
    assert [one.id for one in listed({"customer": customer.id}).data] == newest_first[3:]
    assert [one.id for one in listed({"created": {"gte": noon}}).data] == newest_first[:3]
    assert [one.id for one in listed({"created": {"lt": noon, "gt": 0}}).data] == newest_first[3:]
    assert (listed({"limit": 5}).has_more, listed({"limit": 6}).has_more) == (True, False)
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "pi_nobody"}):
        with pytest.raises(stripe.InvalidRequestError):
            listed(wrong)  # type: ignore[arg-type]


def test_search_finds_by_metadata_but_only_after_a_while(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    made = client.v1.payment_intents.create({**INTENT, "metadata": {"carelane_attempt": "a-1"}})
    client.v1.payment_intents.create({**INTENT, "metadata": {"carelane_attempt": "a-2"}})
    query = "metadata['carelane_attempt']:'a-1' AND currency:'usd' AND amount>4899"
    assert client.v1.payment_intents.search({"query": query}).data == []
    gateway_simulator.advance(60)
    assert [one.id for one in client.v1.payment_intents.search({"query": query}).data] == [made.id]
    odd = client.v1.payment_intents.create({**INTENT, "metadata": {"said": "a+b & 50%25=c"}})
    gateway_simulator.advance(60)
    assert [one.id for one in client.v1.payment_intents.search({"query": "metadata['said']:'a+b & 50%25=c'"}).data] == [
        odd.id
    ]
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.search({"query": "whatever"})


def test_metadata_is_merged_and_emptied(client: stripe.StripeClient):
    intent = client.v1.payment_intents.create({**INTENT, "metadata": {"a": "1", "b": "2", "0": "zero"}})
    assert client.v1.payment_intents.update(intent.id, {"metadata": {"a": "", "c": "3"}}).metadata.to_dict() == {
        "b": "2", "c": "3", "0": "zero",
    }  # fmt: skip
    assert client.v1.payment_intents.update(intent.id, {"metadata": ""}).metadata.to_dict() == {}


def test_what_stripe_tells_with_each_answer(client: stripe.StripeClient):
    options = {"stripe_account": "acct_1", "stripe_version": "2026-10-28.endive"}
    answer = client.v1.customers.create({"name": "Rosa Vale & Söhne"}, options).last_response  # type: ignore[arg-type]
    assert answer.request_id.startswith("req_")
    assert answer.headers["stripe-version"] == "2026-10-28.endive"
    with pytest.raises(stripe.CardError) as caught:
        pay(client, payment_method="pm_card_chargeDeclined")
    assert error_of(caught.value)["doc_url"].endswith("card-declined")
    assert caught.value.request_id.startswith("req_")


def test_an_unknown_address_is_told(gateway_simulator: GatewayWorld, key: str):
    answer = httpx.get(f"{gateway_simulator.url}/v1/subscriptions", auth=(key, ""))
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")


def test_calls_are_counted(client: stripe.StripeClient, gateway_simulator: GatewayWorld):
    before = gateway_simulator.calls().get("refunds.list", 0)
    client.v1.refunds.list()
    assert gateway_simulator.calls()["refunds.list"] == before + 1
