"""Customers, and their payment methods: all of them cards."""

import hashlib
from typing import Any

import msgspec

from carelane.payments.gateways.simulator import listing
from carelane.payments.gateways.simulator.accounts import Account, new_id
from carelane.payments.gateways.simulator.cards import BY_NAME, BY_NUMBER, Card, by_token, is_valid_number
from carelane.payments.gateways.simulator.charging import decline
from carelane.payments.gateways.simulator.errors import ApiError, card_error, invalid, missing, refused
from carelane.payments.gateways.simulator.listing import Listing, Metadata
from carelane.payments.gateways.simulator.wire import Object

EXPIRES_IN = 2034
_NO_ADDRESS: Object = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
NO_BILLING_DETAILS: Object = {"address": _NO_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None}


class NewCustomer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    description: str | None = None
    address: Any = None
    shipping: Any = None
    preferred_locales: list[str] = []
    payment_method: str | None = None
    invoice_settings: Any = None
    tax_exempt: str = "none"
    metadata: Metadata | None = None
    expand: list[str] = []


class CardData(msgspec.Struct, forbid_unknown_fields=True):
    token: str | None = None
    number: str | None = None
    exp_month: int = 12
    exp_year: int = EXPIRES_IN
    cvc: str | None = None


class NewMethod(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    type: str
    card: CardData | None = None
    billing_details: Any = None
    allow_redisplay: str = "unspecified"
    metadata: Metadata | None = None
    expand: list[str] = []


class Attach(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    customer: str
    expand: list[str] = []


class ListMethods(Listing, kw_only=True):
    customer: str | None = None
    type: str | None = None


def create_customer(account: Account, new: NewCustomer) -> Object:
    customer: Object = {
        "id": new_id("cus"),
        "object": "customer",
        "address": new.address,
        "balance": 0,
        "created": account.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": new.description,
        "email": new.email,
        "invoice_prefix": None,
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": account.is_live,
        "metadata": listing.merged({}, new.metadata),
        "name": new.name,
        "phone": new.phone,
        "preferred_locales": new.preferred_locales,
        "shipping": new.shipping,
        "tax_exempt": new.tax_exempt,
        "test_clock": None,
    }
    account.add(customer)
    if new.payment_method:
        attach(account, new.payment_method, customer["id"])
    return customer


def create_method(account: Account, new: NewMethod) -> Object:
    if new.type != "card" or new.card is None:
        raise invalid("The simulator has cards only: expected type=card and card[…]", "type")
    return make_method(account, card_of(new.card), new.card, new.billing_details, listing.merged({}, new.metadata))


def card_of(data: CardData) -> Card:
    """Raises ApiError."""
    if data.token is not None:
        card = by_token(data.token)
        if card is None:
            raise missing("token", data.token, "card[token]")
        return card
    number = (data.number or "").replace(" ", "")
    if not is_valid_number(number):
        raise card_error("incorrect_number", "Your card number is incorrect.", param="number")
    found = BY_NUMBER.get(number)
    if found is None:
        raise card_error(
            "card_declined",
            "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
            decline_code="test_mode_live_card",
        )
    return found


def make_method(
    account: Account,
    card: Card,
    data: CardData,
    billing_details: Object | None = None,
    metadata: Metadata | None = None,
) -> Object:
    method_id = new_id("pm")
    account.cards[method_id] = card
    return account.add(
        {
            "id": method_id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {**NO_BILLING_DETAILS, **(billing_details or {})},
            "card": {
                "brand": card.brand,
                "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
                "country": "US",
                "display_brand": card.brand,
                "exp_month": data.exp_month,
                "exp_year": data.exp_year,
                "fingerprint": hashlib.sha256(f"{account.key}{card.number}".encode()).hexdigest()[:16],
                "funding": "debit" if "debit" in card.name else "credit",
                "generated_from": None,
                "last4": card.number[-4:],
                "networks": {"available": [card.brand], "preferred": None},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": True},
                "wallet": None,
            },
            "created": account.now(),
            "customer": None,
            "livemode": account.is_live,
            "metadata": metadata or {},
            "type": "card",
        }
    )


def take(account: Account, given: str, param: str = "payment_method") -> Object:
    """A payment method of this account; one of the well-known names makes a new one. Raises ApiError."""
    card = BY_NAME.get(given)
    return make_method(account, card, CardData()) if card else account.get("payment_method", given, param)


def retrieve(account: Account, method_id: str) -> Object:
    return take(account, method_id, "id")


def attach(account: Account, given: str, customer_id: str) -> Object:
    customer = account.get("customer", customer_id, "customer")
    method = take(account, given, "id")
    card = account.cards[method["id"]]
    if card.decline is not None and not card.attaches:
        raise ApiError(402, {**decline(card.decline), "payment_method": method})
    return tie(method, customer["id"])


def tie(method: Object, customer_id: str) -> Object:
    if method["customer"] not in {None, customer_id}:
        raise refused(
            "The payment method you provided has already been attached to a customer.",
            "payment_method_unexpected_state",
        )
    method["customer"] = customer_id
    return method


def detach(account: Account, method_id: str) -> Object:
    method = account.get("payment_method", method_id, "id")
    if method["customer"] is None:
        raise refused(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            "payment_method_unexpected_state",
        )
    method["customer"] = None
    return method


def list_of(account: Account, wanted: ListMethods, url: str, customer_id: str | None) -> Object:
    customer = account.get("customer", customer_id, "customer")["id"] if customer_id else None
    return listing.page(
        account,
        "payment_method",
        url,
        wanted,
        lambda one: one["customer"] == customer and customer is not None and wanted.type in {None, one["type"]},
    )
