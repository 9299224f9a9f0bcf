"""The parameters of Checkout sessions, and what one looks like when it is new."""

from typing import Any, Literal

import msgspec

from carelane.payments.gateways.simulator import listing
from carelane.payments.gateways.simulator.accounts import Account
from carelane.payments.gateways.simulator.listing import Listing, Metadata
from carelane.payments.gateways.simulator.wire import Object

KIND = "checkout.session"
OPEN_SECONDS = 86_400


class Product(msgspec.Struct, kw_only=True):
    name: str
    description: str | None = None


class Price(msgspec.Struct, kw_only=True):
    currency: str
    unit_amount: int
    product_data: Product
    tax_behavior: str | None = None


class Line(msgspec.Struct, kw_only=True):
    price_data: Price
    quantity: int = 1


class IntentData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    capture_method: Literal["automatic", "automatic_async", "manual"] | None = None
    description: str | None = None
    metadata: Metadata | None = None
    receipt_email: str | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    shipping: Any = None


class SetupData(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    description: str | None = None
    metadata: Metadata | None = None


class NewSession(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    mode: Literal["payment", "setup"]
    success_url: str | None = None
    cancel_url: str | None = None
    return_url: str | None = None
    line_items: list[Line] = []
    currency: str | None = None
    customer: str | None = None
    customer_email: str | None = None
    customer_creation: Literal["always", "if_required"] | None = None
    client_reference_id: str | None = None
    metadata: Metadata | None = None
    payment_intent_data: IntentData | None = None
    setup_intent_data: SetupData | None = None
    payment_method_types: list[str] | None = None
    allowed_payment_method_types: list[str] | None = None
    payment_method_options: Any = None
    expires_at: int | None = None
    locale: str | None = None
    submit_type: str | None = None
    ui_mode: Literal["hosted_page"] = "hosted_page"
    billing_address_collection: str | None = None
    custom_text: Any = None
    expand: list[str] = []


class ListSessions(Listing, kw_only=True):
    customer: str | None = None
    payment_intent: str | None = None
    status: str | None = None


def blank(account: Account, new: NewSession, session_id: str, base_url: str) -> Object:
    return {
        "id": session_id,
        "object": KIND,
        "allowed_payment_method_types": new.allowed_payment_method_types,
        "amount_subtotal": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "amount_total": None,
        "cancel_url": new.cancel_url,
        "client_reference_id": new.client_reference_id,
        "client_secret": None,
        "created": account.now(),
        "currency": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer": new.customer,
        "customer_creation": new.customer_creation,
        "customer_details": None,
        "customer_email": new.customer_email,
        "expires_at": new.expires_at or account.now() + OPEN_SECONDS,
        "livemode": account.is_live,
        "locale": new.locale,
        "metadata": listing.merged({}, new.metadata),
        "mode": new.mode,
        "payment_intent": None,
        "payment_method_collection": "always",
        "payment_method_options": {},
        "payment_method_types": new.allowed_payment_method_types or new.payment_method_types or ["card"],
        "payment_status": "unpaid" if new.mode == "payment" else "no_payment_required",
        "recovered_from": None,
        "return_url": new.return_url,
        "setup_intent": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": new.submit_type,
        "subscription": None,
        "success_url": new.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": new.ui_mode,
        "url": f"{base_url}/c/pay/{session_id}",
    }
