"""Payment intents: statuses move as Stripe's do, and in no other way."""

from typing import Any

import msgspec

from carelane.payments.gateways.simulator import charging, events, faults, listing, methods
from carelane.payments.gateways.simulator.accounts import Account
from carelane.payments.gateways.simulator.currencies import require_amount
from carelane.payments.gateways.simulator.errors import ApiError, invalid, refused
from carelane.payments.gateways.simulator.intent_bodies import (
    Cancel,
    Capture,
    Confirmation,
    ListIntents,
    NewIntent,
    UpdateIntent,
    blank,
)
from carelane.payments.gateways.simulator.wire import Object

_OPEN = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")


def create(account: Account, new: NewIntent, base_url: str) -> Object:
    """Raises ApiError."""
    require_amount(new.amount, new.currency)
    if new.off_session and not new.confirm:
        raise invalid(
            "You cannot provide `off_session` when `confirm` is not `true`.", "off_session", "parameter_unknown"
        )
    customer = account.get("customer", new.customer, "customer")["id"] if new.customer else None
    intent = blank(account, new, customer)
    _set_method(account, intent, new)
    if new.confirm:
        _require_return_url(intent, new)
    if faults.occurring(account, {"wrong_livemode"}, intent):
        intent["livemode"] = not account.is_live
    account.add(intent)
    events.record(account, "payment_intent.created", intent)
    if not new.confirm:
        return intent
    return confirm(account, intent, Confirmation(**_shared(new)), base_url)


def confirm(account: Account, intent: Object, wanted: Confirmation, base_url: str) -> Object:
    """Raises ApiError."""
    if intent["status"] in {"succeeded", "canceled", "processing", "requires_capture"}:
        said = (
            "it has already succeeded after being previously confirmed"
            if intent["status"] == "succeeded"
            else f"it has a status of {intent['status']}"
        )
        raise _unexpected(intent, f"You cannot confirm this PaymentIntent because {said}.")
    _set_method(account, intent, wanted)
    if intent["payment_method"] is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken."
        raise _unexpected(intent, message)
    _require_return_url(intent, wanted)
    for name in ("receipt_email", "shipping", "setup_future_usage", "capture_method"):
        intent[name] = getattr(wanted, name) or intent[name]
    is_strict = bool(wanted.off_session) or wanted.error_on_requires_action
    before = intent["status"]
    charging.run(account, intent, is_off_session=is_strict)
    if intent["status"] == before:
        _ask_patient(account, intent, wanted, base_url)
    return intent


def authenticated(account: Account, intent: Object, *, is_approved: bool) -> None:
    """The patient has answered the bank; what the bank says then is in the intent."""
    if intent["status"] != "requires_action":
        return
    method = account.get("payment_method", intent["payment_method"], "payment_method")
    if not is_approved or faults.occurring(account, {"authentication_failed"}, intent):
        error: Object = {
            "code": "payment_intent_authentication_failure",
            "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
            "message": "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
            "payment_method": method,
            "type": "invalid_request_error",
        }
        charging.back_to_card(intent, error)
        events.record(account, "payment_intent.payment_failed", intent)
        return
    account.authenticated.add(method["id"])
    try:
        charging.run(account, intent, is_off_session=False, is_authenticated=True)
    except ApiError:
        return


def capture(account: Account, intent: Object, wanted: Capture) -> Object:
    """Raises ApiError."""
    if intent["status"] == "requires_capture" and faults.occurring(account, {"expired_hold"}, intent):
        _cancel(account, intent, "automatic")
    expire(account, intent)
    if intent["status"] != "requires_capture":
        message = f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture."
        raise _unexpected(intent, message)
    amount = intent["amount_capturable"] if wanted.amount_to_capture is None else wanted.amount_to_capture
    if not 1 <= amount <= intent["amount_capturable"]:
        message = f"The provided amount_to_capture ({amount}) must be between 1 and the amount that can be captured ({intent['amount_capturable']})."
        raise refused(message, "amount_too_large" if amount > 0 else "parameter_invalid_integer", "amount_to_capture")
    intent["metadata"] = listing.merged(intent["metadata"], wanted.metadata)
    charging.capture(account, intent, account.get("charge", intent["latest_charge"], "charge"), amount)
    return intent


def cancel(account: Account, intent: Object, wanted: Cancel) -> Object:
    """Raises ApiError."""
    expire(account, intent)
    if any(
        intent["id"] == one["payment_intent"] and one["status"] == "open" for one in account.all("checkout.session")
    ):
        raise refused(
            "You cannot cancel the PaymentIntent for a Checkout Session. Expire the Checkout Session instead."
        )
    if intent["status"] not in _OPEN:
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a PaymentIntent with one of the following statuses may be canceled: {', '.join(_OPEN)}."
        raise _unexpected(intent, message)
    _cancel(account, intent, wanted.cancellation_reason)
    return intent


def update(account: Account, intent: Object, wanted: UpdateIntent) -> Object:
    """Raises ApiError."""
    if wanted.amount is not None or wanted.currency is not None:
        if intent["status"] not in _OPEN[:1] + _OPEN[2:4]:
            raise _unexpected(
                intent,
                f"This PaymentIntent's amount could not be updated because it has a status of {intent['status']}.",
            )
        intent["amount"] = intent["amount"] if wanted.amount is None else wanted.amount
        intent["currency"] = wanted.currency or intent["currency"]
        require_amount(intent["amount"], intent["currency"])
    if wanted.customer:
        intent["customer"] = account.get("customer", wanted.customer, "customer")["id"]
    if wanted.payment_method:
        _set_method(account, intent, Confirmation(payment_method=wanted.payment_method))
    for name in ("description", "receipt_email", "setup_future_usage"):
        intent[name] = getattr(wanted, name) or intent[name]
    intent["metadata"] = listing.merged(intent["metadata"], wanted.metadata)
    return intent


def get(account: Account, intent_id: str) -> Object:
    """As it is now: a hold whose time is over is released. Raises ApiError."""
    intent = account.get("payment_intent", intent_id, "intent")
    expire(account, intent)
    return intent


def list_all(account: Account, wanted: ListIntents, url: str) -> Object:
    return listing.page(account, "payment_intent", url, wanted, lambda one: wanted.customer in {None, one["customer"]})


def expire(account: Account, intent: Object) -> None:
    """Releases a hold whose time is over."""
    if intent["status"] != "requires_capture":
        return
    charge = account.get("charge", intent["latest_charge"], "charge")
    if charge["payment_method_details"]["card"]["capture_before"] <= account.now():
        _cancel(account, intent, "automatic")


def expire_all(account: Account) -> None:
    for intent in account.all("payment_intent"):
        expire(account, intent)


def _cancel(account: Account, intent: Object, reason: str | None) -> None:
    if intent["status"] == "requires_capture":
        charge = account.get("charge", intent["latest_charge"], "charge")
        charge.update(refunded=True, amount_refunded=charge["amount"])
        events.record(account, "charge.refunded" if reason != "automatic" else "charge.expired", charge)
    intent.update(
        status="canceled",
        canceled_at=account.now(),
        cancellation_reason=reason,
        amount_capturable=0,
        next_action=None,
        processing=None,
    )
    events.record(account, "payment_intent.canceled", intent)


def _unexpected(intent: Object, message: str) -> ApiError:
    return refused(message, "payment_intent_unexpected_state", payment_intent=dict(intent))


def _set_method(account: Account, intent: Object, wanted: Confirmation) -> None:
    if wanted.payment_method_data is not None:
        method = methods.create_method(account, wanted.payment_method_data)
    elif wanted.payment_method is not None:
        method = methods.take(account, wanted.payment_method)
    else:
        return
    if method["id"] in account.spent and method["customer"] is None:
        raise refused(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first."
        )
    if method["customer"] not in {None, intent["customer"]}:
        raise refused(
            f"The PaymentMethod {method['id']} belongs to the Customer {method['customer']}. Please include the Customer in the `customer` parameter on the PaymentIntent.",
            None,
            "payment_method",
        )
    intent["payment_method"] = method["id"]
    if intent["status"] == "requires_payment_method":
        intent["status"] = "requires_confirmation"


def _require_return_url(intent: Object, wanted: Confirmation) -> None:
    """Where the patient's browser may be sent elsewhere, Stripe must know where it comes back to."""
    automatic = intent["automatic_payment_methods"]
    if wanted.return_url or not automatic or automatic["allow_redirects"] == "never" or wanted.error_on_requires_action:
        return
    raise invalid(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
        "return_url",
    )


def _ask_patient(account: Account, intent: Object, wanted: Confirmation, base_url: str) -> None:
    intent["status"] = "requires_action"
    intent["next_action"] = next_action(intent, wanted.return_url, base_url)
    events.record(account, "payment_intent.requires_action", intent)


def next_action(intent: Object, return_url: str | None, base_url: str) -> Object:
    """Without a return URL it is a script's part, which the simulator does not have: its page can be opened anyway."""
    page = f"{base_url}/3d-secure/{intent['id']}?client_secret={intent['client_secret']}"
    if return_url is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "stripe_js": page}}
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": page}}


def _shared(new: NewIntent) -> dict[str, Any]:
    """Of a confirmation within a creation, whose payment method is taken already."""
    names = [
        field.name for field in msgspec.structs.fields(Confirmation) if not field.name.startswith("payment_method")
    ]
    return {name: getattr(new, name) for name in names}
