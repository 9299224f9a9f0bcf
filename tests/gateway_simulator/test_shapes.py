"""Every object has the members that the official client declares, and no others."""

import typing
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
import stripe
from stripe import params
from stripe.params import checkout as checkout_params

from carelane.payments.gateways.simulator import intent_bodies, methods, refunds, session_bodies, setups
from tests.gateway_simulator.test_payments import pay
from tests.gateway_simulator.world import GatewayWorld


def members(kind: type) -> dict[str, bool]:
    """The declared names, each with whether it must be there."""
    declared = {name: hint for name, hint in kind.__annotations__.items() if name != "OBJECT_NAME" and name[0] != "_"}
    return {name: not _is_optional(hint) for name, hint in declared.items()}


def _is_optional(hint: Any) -> bool:
    text = str(hint)
    return type(None) in typing.get_args(hint) or text.startswith(("Optional[", "NotRequired[", "typing.Optional["))


def differences(found: stripe.StripeObject) -> Iterator[str]:
    name, declared = type(found).__name__, members(type(found))
    if not declared:
        return
    there = set(found.to_dict(recursive=False))
    yield from (f"{name}.{one} is unknown to the client" for one in there - set(declared) - {"object"})
    yield from (f"{name}.{one} is missing" for one, is_needed in declared.items() if is_needed and one not in there)
    for one in there:
        inner = found[one]
        for part in inner if isinstance(inner, list) else [inner]:
            if isinstance(part, stripe.StripeObject):
                yield from differences(part)


def held(client: stripe.StripeClient) -> stripe.PaymentIntent:
    return pay(client, capture_method="manual", expand=["latest_charge", "payment_method"])


def asked(client: stripe.StripeClient) -> stripe.PaymentIntent:
    return pay(client, payment_method="pm_card_authenticationRequired", return_url="https://clinic.example/back")


def declined(client: stripe.StripeClient) -> stripe.PaymentIntent:
    with pytest.raises(stripe.CardError):
        pay(client, payment_method="pm_card_chargeDeclined")
    return client.v1.payment_intents.list({"expand": ["data.latest_charge"]}).data[0]


def refunded(client: stripe.StripeClient) -> stripe.Refund:
    expand = ["charge", "payment_intent", "balance_transaction"]
    return client.v1.refunds.create({"payment_intent": pay(client).id, "expand": expand})


def disputed(client: stripe.StripeClient) -> stripe.Dispute:
    pay(client, payment_method="pm_card_createDispute")
    return client.v1.disputes.list().data[0]


def saved(client: stripe.StripeClient) -> stripe.SetupIntent:
    customer = client.v1.customers.create({"email": "rosa@example.com"})
    params = {
        "customer": customer.id,
        "payment_method": "pm_card_visa",
        "confirm": True,
        "payment_method_types": ["card"],
    }
    return client.v1.setup_intents.create({**params, "expand": ["customer", "payment_method"]})  # type: ignore[arg-type]


def checkout(client: stripe.StripeClient) -> stripe.checkout.Session:
    line = {"price_data": {"currency": "usd", "unit_amount": 4_900, "product_data": {"name": "Tablets"}}, "quantity": 1}
    params = {"mode": "payment", "line_items": [line], "success_url": "https://clinic.example/paid"}
    return client.v1.checkout.sessions.create(params)  # type: ignore[arg-type]


def paid_out(client: stripe.StripeClient) -> stripe.BalanceTransaction:
    return client.v1.balance_transactions.list({"type": "payout", "expand": ["data.source"]}).data[0]


def told(client: stripe.StripeClient) -> stripe.Event:
    pay(client)
    return client.v1.events.list().data[0]


OBJECTS: list[Callable[[stripe.StripeClient], stripe.StripeObject]] = [
    pay, held, asked, declined, refunded, disputed, saved, checkout, told, paid_out, lambda client: client.v1.balance.retrieve(),
]  # fmt: skip


@pytest.mark.parametrize("make", OBJECTS, ids=lambda make: make.__name__)
def test_an_object_has_what_the_client_declares(
    make, client: stripe.StripeClient, gateway_simulator: GatewayWorld, key: str
):
    if make is paid_out:
        pay(client, capture_method="automatic")
        gateway_simulator.control("payouts", {"key": key})
    assert sorted(set(differences(make(client)))) == []


PARAMETERS = [
    (methods.NewCustomer, params.CustomerCreateParams),
    (methods.NewMethod, params.PaymentMethodCreateParams),
    (methods.Attach, params.PaymentMethodAttachParams),
    (setups.NewSetup, params.SetupIntentCreateParams),
    (setups.Confirmation, params.SetupIntentConfirmParams),
    (setups.Cancel, params.SetupIntentCancelParams),
    (intent_bodies.NewIntent, params.PaymentIntentCreateParams),
    (intent_bodies.UpdateIntent, params.PaymentIntentUpdateParams),
    (intent_bodies.Confirmation, params.PaymentIntentConfirmParams),
    (intent_bodies.Capture, params.PaymentIntentCaptureParams),
    (intent_bodies.Cancel, params.PaymentIntentCancelParams),
    (intent_bodies.ListIntents, params.PaymentIntentListParams),
    (refunds.NewRefund, params.RefundCreateParams),
    (refunds.ListRefunds, params.RefundListParams),
    (session_bodies.NewSession, checkout_params.SessionCreateParams),
    (session_bodies.ListSessions, checkout_params.SessionListParams),
]
# What a browser's script sends, and the older name of `allowed_payment_method_types`.
OTHERS = {"client_secret", "payment_method_types"}


@pytest.mark.parametrize(("taken", "declared"), PARAMETERS, ids=lambda kind: kind.__name__)
def test_a_parameter_that_is_taken_is_one_that_the_client_declares(taken: type[msgspec.Struct], declared: type):
    known = {name for kind in declared.__mro__ for name in getattr(kind, "__annotations__", {})}
    assert {field.encode_name for field in msgspec.structs.fields(taken)} - known <= OTHERS
