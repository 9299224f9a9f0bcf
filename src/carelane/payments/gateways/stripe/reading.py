"""From Stripe's objects to the protocol's. No I/O. An amount that our units cannot say raises OutcomeUnknownError."""

from datetime import UTC, datetime

from carelane.payments.gateways.errors import OutcomeUnknownError
from carelane.payments.gateways.protocol import (
    BalanceKind,
    BalanceLine,
    CardDetails,
    Checkout,
    Dispute,
    DisputeStatus,
    Intent,
    Refund,
    Setup,
)
from carelane.payments.gateways.stripe.amounts import from_stripe
from carelane.payments.gateways.stripe.webhooks import id_of, uuid_in
from carelane.payments.gateways.stripe.wire import (
    BalanceTransactionWire,
    ChargeWire,
    CheckoutWire,
    DisputeWire,
    PaymentIntentWire,
    PaymentMethodWire,
    RefundWire,
    SetupIntentWire,
)

# An inquiry that was closed took nothing, and one that was prevented never will.
_WON = frozenset({"won", "warning_closed", "prevented"})
_BALANCE_KINDS: dict[str, BalanceKind] = {
    "charge": "charge",
    "refund": "refund",
    "refund_failure": "refund",
    "dispute": "dispute",
    "dispute_reversal": "dispute",
    "fee": "fee",
    "tax": "fee",
    "network_cost": "fee",
    "payout": "payout",
    "payout_reversal": "payout",
}


def read_intent(wire: PaymentIntentWire) -> Intent:
    """Raises OutcomeUnknownError when money was taken and the charge is not there: then what was given back is not known."""
    currency, charge, failed = wire.currency.upper(), wire.latest_charge, wire.last_payment_error
    if not isinstance(charge, ChargeWire):
        if wire.amount_received:
            raise OutcomeUnknownError("an intent without its charge")
        charge = None
    redirect = wire.next_action.redirect_to_url if wire.next_action else None
    return Intent(
        id=wire.id,
        status=wire.status,
        is_test=not wire.livemode,
        amount_cents=from_stripe(wire.amount, currency),
        capturable_cents=from_stripe(wire.amount_capturable, currency),
        captured_cents=from_stripe(wire.amount_received, currency),
        refunded_cents=_refunded(charge, currency) if charge and wire.amount_received else 0,
        is_disputed=charge is not None and charge.disputed,
        fee_cents=_fee(charge, currency),
        currency=currency,
        customer_id=id_of(wire.customer),
        method_id=id_of(wire.payment_method),
        hold_ends_at=_hold_end(charge),
        decline_code=(failed.decline_code or failed.code) if failed else None,
        failed_method_id=id_of(failed.payment_method) if failed else None,
        cancellation_reason=wire.cancellation_reason,
        action_url=redirect.url if redirect and wire.status == "requires_action" else None,
        client_secret=wire.client_secret,
        attempt_id=uuid_in(wire.metadata, "carelane_attempt"),
        payment_id=uuid_in(wire.metadata, "carelane_payment"),
        created_at=moment(wire.created),
    )


def _refunded(charge: ChargeWire, currency: str) -> int:
    """After a partial capture Stripe counts what was never taken as given back."""
    return from_stripe(max(0, charge.amount_refunded - (charge.amount - charge.amount_captured)), currency)


def _fee(charge: ChargeWire | None, currency: str) -> int | None:
    """None: nothing was taken, it is not settled yet, or it is none that our unit of the payment's currency can say: the account's
    balance is in another currency, or the fee is part of a króna."""
    line = charge.balance_transaction if charge else None
    if not isinstance(line, BalanceTransactionWire) or line.currency.upper() != currency:
        return None
    try:
        return from_stripe(line.fee, currency)
    except OutcomeUnknownError:
        return None


def _hold_end(charge: ChargeWire | None) -> datetime | None:
    card = charge.payment_method_details.card if charge and charge.payment_method_details else None
    return moment(card.capture_before) if card and card.capture_before else None


def read_setup(wire: SetupIntentWire) -> Setup:
    return Setup(
        id=wire.id,
        status=wire.status,
        is_test=not wire.livemode,
        customer_id=id_of(wire.customer),
        method_id=id_of(wire.payment_method),
        client_secret=wire.client_secret,
        is_off_session=wire.usage == "off_session",
    )


def read_refund(wire: RefundWire) -> Refund:
    currency = wire.currency.upper()
    return Refund(
        id=wire.id,
        status=wire.status,
        amount_cents=from_stripe(wire.amount, currency),
        currency=currency,
        intent_id=id_of(wire.payment_intent),
        failure=wire.failure_reason,
        attempt_id=uuid_in(wire.metadata, "carelane_attempt"),
        created_at=moment(wire.created),
    )


def read_dispute(wire: DisputeWire) -> Dispute:
    """Where the balance is in another currency than the payment, what was taken is what was disputed, and the fee is not known."""
    currency = wire.currency.upper()
    status: DisputeStatus = "WON" if wire.status in _WON else "LOST" if wire.status == "lost" else "OPEN"
    lines = wire.balance_transactions
    if all(line.currency.upper() == currency for line in lines):
        taken, fee = -sum(line.amount for line in lines), sum(line.fee for line in lines)
    else:
        taken, fee = (0 if status == "WON" else wire.amount), 0
    return Dispute(
        id=wire.id,
        status=status,
        intent_id=id_of(wire.payment_intent),
        amount_cents=from_stripe(wire.amount, currency),
        taken_cents=from_stripe(taken, currency),
        fee_cents=from_stripe(fee, currency),
        currency=currency,
        reason=wire.reason,
        created_at=moment(wire.created),
    )


def read_checkout(wire: CheckoutWire) -> Checkout:
    return Checkout(
        id=wire.id,
        url=wire.url,
        is_complete=wire.status == "complete",
        is_expired=wire.status == "expired",
        setup_id=id_of(wire.setup_intent),
        intent_id=id_of(wire.payment_intent),
        attempt_id=uuid_in(wire.metadata, "carelane_attempt"),
    )


def read_balance_line(wire: BalanceTransactionWire) -> BalanceLine:
    """`source` is expanded: a charge, refund or dispute knows its intent."""
    source = wire.source if isinstance(wire.source, dict) else {}
    kind, currency, about = source.get("object"), wire.currency.upper(), id_of(source)
    return BalanceLine(
        id=wire.id,
        kind=_BALANCE_KINDS.get(wire.reporting_category, "other"),
        amount_cents=from_stripe(wire.amount, currency),
        fee_cents=from_stripe(wire.fee, currency),
        net_cents=from_stripe(wire.net, currency),
        currency=currency,
        intent_id=id_of(source.get("payment_intent")),
        refund_id=about if kind == "refund" else None,
        dispute_id=about if kind == "dispute" else None,
        happened_at=moment(wire.created),
    )


def read_card(wire: PaymentMethodWire) -> CardDetails:
    card = wire.card
    if card is None:
        return CardDetails(brand=None, last4=None)
    return CardDetails(brand=card.brand, last4=card.last4, exp_month=card.exp_month, exp_year=card.exp_year)


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
