"""Which parts of Stripe's objects are read. What they do not know they leave alone; what is not as it is here is no answer."""

from typing import Any, Literal

import msgspec

from carelane.payments.gateways.protocol import IntentStatus, RefundStatus, SetupStatus

# An id, or the object itself where it is expanded; `webhooks.id_of` reads it.
Reference = Any
Metadata = dict[str, Any]


class BalanceTransactionWire(msgspec.Struct):
    id: str
    amount: int
    fee: int
    net: int
    currency: str
    created: int
    reporting_category: str = ""
    source: Any = None


class _Card(msgspec.Struct):
    capture_before: int | None = None
    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None


class _CardDetails(msgspec.Struct):
    card: _Card | None = None


class ChargeWire(msgspec.Struct):
    id: str
    amount: int = 0
    amount_captured: int = 0
    amount_refunded: int = 0
    disputed: bool = False
    balance_transaction: BalanceTransactionWire | str | None = None
    payment_method_details: _CardDetails | None = None


class _LastFailure(msgspec.Struct):
    code: str | None = None
    decline_code: str | None = None
    payment_method: Reference = None


class _Redirect(msgspec.Struct):
    url: str | None = None


class _NextAction(msgspec.Struct):
    redirect_to_url: _Redirect | None = None


class PaymentIntentWire(msgspec.Struct):
    id: str
    status: IntentStatus
    livemode: bool
    amount: int
    currency: str
    created: int
    amount_capturable: int = 0
    amount_received: int = 0
    customer: Reference = None
    payment_method: Reference = None
    latest_charge: ChargeWire | str | None = None
    last_payment_error: _LastFailure | None = None
    next_action: _NextAction | None = None
    cancellation_reason: str | None = None
    client_secret: str | None = None
    metadata: Metadata | None = None


class SetupIntentWire(msgspec.Struct):
    id: str
    status: SetupStatus
    livemode: bool
    customer: Reference = None
    payment_method: Reference = None
    client_secret: str | None = None
    usage: str = "off_session"


class RefundWire(msgspec.Struct):
    id: str
    status: RefundStatus
    amount: int
    currency: str
    created: int
    payment_intent: Reference = None
    failure_reason: str | None = None
    metadata: Metadata | None = None


class DisputeWire(msgspec.Struct):
    id: str
    status: str
    amount: int
    currency: str
    created: int
    payment_intent: Reference = None
    reason: str | None = None
    balance_transactions: list[BalanceTransactionWire] = []


class CheckoutWire(msgspec.Struct):
    id: str
    status: Literal["open", "complete", "expired"] | None
    url: str | None = None
    setup_intent: Reference = None
    payment_intent: Reference = None
    metadata: Metadata | None = None


class CustomerWire(msgspec.Struct):
    id: str


class PaymentMethodWire(msgspec.Struct):
    id: str
    customer: Reference = None
    card: _Card | None = None
