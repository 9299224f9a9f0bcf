"""What happens when a payment is confirmed: the bank's answer, the charge, the money."""

from typing import Any

from carelane.payments.gateways.simulator import balance, disputes, events, faults
from carelane.payments.gateways.simulator.accounts import Account, new_id
from carelane.payments.gateways.simulator.cards import DECLINES, OWN_CODES
from carelane.payments.gateways.simulator.errors import ApiError, card_error
from carelane.payments.gateways.simulator.wire import Object

HOLD_SECONDS = 7 * 86_400
_COURSES = {"processing", "processing_failed", "authentication_failed"}
# Of Visa, when the patient is not there: 4 days and 18 hours.
VISA_MERCHANT_HOLD_SECONDS = 4 * 86_400 + 18 * 3_600


def decline(decline_code: str) -> Object:
    """The error of a bank that says no."""
    code = decline_code if decline_code in OWN_CODES else "card_declined"
    parts: Object = {"decline_code": decline_code}
    if code in {"incorrect_cvc", "expired_card", "incorrect_number"}:
        parts["param"] = {"incorrect_cvc": "cvc", "expired_card": "exp_month", "incorrect_number": "number"}[code]
    return card_error(code, DECLINES[decline_code], **parts).error


def run(account: Account, intent: Object, *, is_off_session: bool, is_authenticated: bool = False) -> None:
    """Moves a confirmed intent as far as its card goes. Raises ApiError when the bank says no."""
    method = account.get("payment_method", intent["payment_method"], "payment_method")
    card = account.cards[method["id"]]
    outcomes = faults.occurring(account, _COURSES, intent)
    declines = faults.occurring(account, DECLINES, intent)
    if not is_authenticated and _must_authenticate(account, method, [*outcomes, *declines]):
        if is_off_session:
            raise failed(account, intent, method, decline("authentication_required"))
        return
    reasons = [name for name in declines if name != "authentication_required"] + [card.decline or ""]
    if reasons[0]:
        raise failed(account, intent, method, decline(reasons[0]))
    if {"processing", "processing_failed"} & set(outcomes):
        _process(account, intent, method, fails="processing_failed" in outcomes)
        return
    _take(account, intent, method, is_off_session=is_off_session)


def failed(account: Account, intent: Object, method: Object, error: Object) -> ApiError:
    """The intent waits for another card."""
    charge = _charge(account, intent, method, status="failed")
    charge["failure_code"], charge["failure_message"] = error.get("code"), error["message"]
    charge["outcome"] = _outcome(error.get("decline_code"))
    error = {**error, "charge": charge["id"]}
    back_to_card(intent, {**error, "payment_method": method})
    intent["latest_charge"] = charge["id"]
    events.record(account, "charge.failed", charge)
    events.record(account, "payment_intent.payment_failed", intent)
    return ApiError(402, {**error, "payment_intent": dict(intent), "payment_method": method})


def back_to_card(intent: Object, error: Object) -> None:
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=error,
        processing=None,
    )


def capture(account: Account, intent: Object, charge: Object, amount: int) -> None:
    """What was held is taken; the rest of it is let go."""
    charge.update(captured=True, amount_captured=amount)
    if amount < charge["amount"]:
        charge["amount_refunded"] = charge["amount"] - amount
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    _enter(account, charge, amount)
    events.record(account, "charge.captured", charge)
    events.record(account, "payment_intent.succeeded", intent)
    _dispute(account, intent, charge)


def _must_authenticate(account: Account, method: Object, names: list[str]) -> bool:
    card = account.cards[method["id"]]
    is_known = method["id"] in account.authenticated
    return (
        card.authenticates == "always"
        or (card.authenticates == "setup" and not is_known)
        or bool({"authentication_required", "authentication_failed"} & set(names))
    )


def _take(account: Account, intent: Object, method: Object, *, is_off_session: bool) -> None:
    charge = _charge(account, intent, method, status="succeeded")
    charge.update(paid=True, outcome=_outcome(None))
    intent.update(latest_charge=charge["id"], last_payment_error=None, next_action=None, processing=None)
    _keep_method(account, intent, method)
    if intent["capture_method"] == "manual":
        is_short = is_off_session and method["card"]["brand"] == "visa"
        seconds = VISA_MERCHANT_HOLD_SECONDS if is_short else HOLD_SECONDS
        charge["payment_method_details"]["card"]["capture_before"] = charge["created"] + seconds
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        events.record(account, "charge.succeeded", charge)
        events.record(account, "payment_intent.amount_capturable_updated", intent)
        return
    charge.update(captured=True, amount_captured=charge["amount"])
    intent.update(status="succeeded", amount_received=intent["amount"])
    _enter_in_time(account, intent, charge)
    events.record(account, "charge.succeeded", charge)
    events.record(account, "payment_intent.succeeded", intent)
    _dispute(account, intent, charge)


def _dispute(account: Account, intent: Object, charge: Object) -> None:
    reason = account.cards[charge["payment_method"]].disputes
    if reason is not None or faults.occurring(account, {"dispute"}, intent):
        disputes.open_dispute(account, charge, reason or "fraudulent")


def _keep_method(account: Account, intent: Object, method: Object) -> None:
    if intent["setup_future_usage"] and intent["customer"]:
        method["customer"] = intent["customer"]
        account.authenticated.add(method["id"])
    elif method["customer"] is None:
        account.spent.add(method["id"])


def _process(account: Account, intent: Object, method: Object, *, fails: bool) -> None:
    """Done later: until then nobody knows."""
    intent.update(status="processing", processing={"type": "card", "card": {}}, next_action=None)
    events.record(account, "payment_intent.processing", intent)

    def finish() -> None:
        if intent["status"] != "processing":
            return
        if fails:
            failed(account, intent, method, decline("generic_decline"))
        else:
            _take(account, intent, method, is_off_session=False)

    account.later(intent["id"], finish)


def _enter_in_time(account: Account, intent: Object, charge: Object) -> None:
    """With `automatic_async`, which is the default, the balance shows a charge a moment after it has succeeded."""
    if intent["capture_method"] == "automatic":
        _enter(account, charge, charge["amount"])
        return

    def enter() -> None:
        _enter(account, charge, charge["amount"])
        events.record(account, "charge.updated", charge, {"balance_transaction": None})

    account.later(charge["id"], enter)


def _enter(account: Account, charge: Object, amount: int) -> None:
    if charge["balance_transaction"] is None:
        charge["balance_transaction"] = balance.enter(account, "charge", charge, amount, balance.fee_of(amount))["id"]


def _outcome(decline_code: str | None) -> Object:
    return {
        "advice_code": None,
        "network_status": "approved_by_network" if decline_code is None else "declined_by_network",
        "reason": decline_code,
        "risk_level": "normal",
        "risk_score": 5,
        "seller_message": "Payment complete."
        if decline_code is None
        else "The bank did not return any further details.",
        "type": "authorized" if decline_code is None else "issuer_declined",
    }


def _charge(account: Account, intent: Object, method: Object, status: str) -> Object:
    charge_id = new_id("ch")
    return account.add(
        {
            "id": charge_id,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "amount_refunded": 0,
            "balance_transaction": None,
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": "SIMULATOR",
            "captured": False,
            "created": account.now(),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "fraud_details": {},
            "livemode": intent["livemode"],
            "metadata": dict(intent["metadata"]),
            "outcome": None,
            "paid": False,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {"card": _card_details(intent, method), "type": "card"},
            "receipt_email": intent["receipt_email"],
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": intent["shipping"],
            "source_transfer": None,
            "statement_descriptor": intent["statement_descriptor"],
            "statement_descriptor_suffix": None,
            "status": status,
            "transfer_data": None,
            "transfer_group": None,
        }
    )


def _card_details(intent: Object, method: Object) -> dict[str, Any]:
    card = method["card"]
    shared = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4")
    return {
        **{name: card[name] for name in shared},
        "amount_authorized": intent["amount"],
        "authorization_code": "123456",
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_transaction_id": new_id("net").removeprefix("net_")[:15],
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": None,
        "wallet": None,
    }
