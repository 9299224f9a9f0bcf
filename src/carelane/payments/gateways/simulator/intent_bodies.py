"""The parameters of payment intents, and what one looks like when it is new."""

from typing import Any, Literal

import msgspec

from carelane.payments.gateways.simulator import listing, methods
from carelane.payments.gateways.simulator.accounts import Account, new_client_secret, new_id
from carelane.payments.gateways.simulator.listing import Listing, Metadata
from carelane.payments.gateways.simulator.wire import Object

# What a new one has no value for yet, or never gets here.
_NOTHING_YET = (
    "application",
    "application_fee_amount",
    "canceled_at",
    "cancellation_reason",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "on_behalf_of",
    "payment_method",
    "payment_method_configuration_details",
    "processing",
    "review",
    "source",
    "transfer_data",
)


class Confirmation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    payment_method: str | None = None
    payment_method_data: methods.NewMethod | None = None
    payment_method_types: list[str] | None = None
    allowed_payment_method_types: list[str] | None = None
    payment_method_options: Any = None
    capture_method: Literal["automatic", "automatic_async", "manual"] | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    off_session: bool | Literal["one_off", "recurring"] = False
    return_url: str | None = None
    error_on_requires_action: bool = False
    receipt_email: str | None = None
    shipping: Any = None
    mandate_data: Any = None
    use_stripe_sdk: bool = False
    client_secret: str | None = None
    expand: list[str] = []


class NewIntent(Confirmation, kw_only=True):
    amount: int
    currency: str
    confirm: bool = False
    customer: str | None = None
    description: str | None = None
    metadata: Metadata | None = None
    automatic_payment_methods: dict[str, Any] | None = None
    confirmation_method: Literal["automatic", "manual"] = "automatic"
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    transfer_group: str | None = None
    radar_options: Any = None
    payment_details: Any = None


class UpdateIntent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    amount: int | None = None
    currency: str | None = None
    customer: str | None = None
    description: str | None = None
    payment_method: str | None = None
    receipt_email: str | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    metadata: Metadata | str | None = None
    expand: list[str] = []


class Capture(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    amount_to_capture: int | None = None
    final_capture: bool = True
    metadata: Metadata | str | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None
    expand: list[str] = []


class Cancel(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    cancellation_reason: Literal["duplicate", "fraudulent", "requested_by_customer", "abandoned"] | None = None
    expand: list[str] = []


class ListIntents(Listing, kw_only=True):
    customer: str | None = None


def blank(account: Account, new: NewIntent, customer: str | None) -> Object:
    intent_id = new_id("pi")
    automatic = new.automatic_payment_methods
    types = new.allowed_payment_method_types or new.payment_method_types
    is_automatic = types is None and (automatic is None or str(automatic.get("enabled")) == "true")
    return {
        "id": intent_id,
        "object": "payment_intent",
        **dict.fromkeys(_NOTHING_YET),
        "allowed_payment_method_types": types,
        "amount": new.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": {"allow_redirects": (automatic or {}).get("allow_redirects", "always"), "enabled": True} if is_automatic else None,
        "capture_method": new.capture_method or "automatic_async",
        "client_secret": new_client_secret(intent_id),
        "confirmation_method": new.confirmation_method,
        "created": account.now(),
        "currency": new.currency.lower(),
        "customer": customer,
        "description": new.description,
        "livemode": account.is_live,
        "metadata": listing.merged({}, new.metadata),
        "payment_method_options": {"card": {"installments": None, "network": None, "request_three_d_secure": "automatic"}},
        "payment_method_types": types or ["card"],
        "receipt_email": new.receipt_email,
        "setup_future_usage": new.setup_future_usage,
        "shipping": new.shipping,
        "statement_descriptor": new.statement_descriptor,
        "statement_descriptor_suffix": new.statement_descriptor_suffix,
        "status": "requires_payment_method",
        "transfer_group": new.transfer_group,
    }  # fmt: skip
