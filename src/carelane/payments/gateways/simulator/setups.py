"""Setup intents: a card is kept for later, and nothing is taken."""

from typing import Any, Literal

import msgspec

from carelane.payments.gateways.simulator import events, faults, listing, methods
from carelane.payments.gateways.simulator.accounts import Account, new_client_secret, new_id
from carelane.payments.gateways.simulator.cards import DECLINES
from carelane.payments.gateways.simulator.charging import decline
from carelane.payments.gateways.simulator.errors import ApiError, invalid, refused
from carelane.payments.gateways.simulator.intents import next_action
from carelane.payments.gateways.simulator.listing import Listing, Metadata
from carelane.payments.gateways.simulator.wire import Object

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action", "processing")


class Confirmation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    payment_method: str | None = None
    payment_method_data: methods.NewMethod | None = None
    payment_method_options: Any = None
    return_url: str | None = None
    mandate_data: Any = None
    use_stripe_sdk: bool = False
    client_secret: str | None = None
    expand: list[str] = []


class NewSetup(Confirmation, kw_only=True):
    customer: str | None = None
    confirm: bool = False
    description: str | None = None
    metadata: Metadata | None = None
    usage: Literal["off_session", "on_session"] = "off_session"
    payment_method_types: list[str] | None = None
    allowed_payment_method_types: list[str] | None = None
    automatic_payment_methods: dict[str, Any] | None = None


class Cancel(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    cancellation_reason: Literal["abandoned", "requested_by_customer", "duplicate"] | None = None
    expand: list[str] = []


class ListSetups(Listing, kw_only=True):
    customer: str | None = None
    payment_method: str | None = None


def create(account: Account, new: NewSetup, base_url: str) -> Object:
    """Raises ApiError."""
    customer = account.get("customer", new.customer, "customer")["id"] if new.customer else None
    setup = _blank(account, new, customer)
    _set_method(account, setup, new)
    if faults.occurring(account, {"wrong_livemode"}, setup):
        setup["livemode"] = not account.is_live
    account.add(setup)
    events.record(account, "setup_intent.created", setup)
    if not new.confirm:
        return setup
    return confirm(account, setup, Confirmation(return_url=new.return_url), base_url)


def confirm(account: Account, setup: Object, wanted: Confirmation, base_url: str) -> Object:
    """Raises ApiError."""
    if setup["status"] in {"succeeded", "canceled", "processing"}:
        raise _unexpected(setup, f"You cannot confirm this SetupIntent because it has a status of {setup['status']}.")
    _set_method(account, setup, wanted)
    if setup["payment_method"] is None:
        raise _unexpected(setup, "You cannot confirm this SetupIntent because it's missing a payment method.")
    card = account.cards[setup["payment_method"]]
    declines = faults.occurring(account, DECLINES, setup)
    refusals = [code for code in declines if code != "authentication_required"]
    if card.decline and not card.attaches:
        refusals.append(card.decline)
    if refusals:
        raise failed(account, setup, decline(refusals[0]))
    if card.authenticates != "never" or "authentication_required" in declines:
        setup.update(status="requires_action", next_action=next_action(setup, wanted.return_url, base_url))
        events.record(account, "setup_intent.requires_action", setup)
        return setup
    _succeed(account, setup)
    return setup


def authenticated(account: Account, setup: Object, *, is_approved: bool) -> None:
    """The patient has answered the bank."""
    if setup["status"] != "requires_action":
        return
    if is_approved and not faults.occurring(account, {"authentication_failed"}, setup):
        _succeed(account, setup)
        return
    error: Object = {
        "code": "setup_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/setup-intent-authentication-failure",
        "message": "We are unable to authenticate your payment method. Please choose a different payment method and try again.",
        "type": "invalid_request_error",
    }
    failed(account, setup, error)


def failed(account: Account, setup: Object, error: Object) -> ApiError:
    """It waits for another card."""
    method = account.find(setup["payment_method"])
    setup.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_setup_error={**error, "payment_method": method},
    )
    events.record(account, "setup_intent.setup_failed", setup)
    return ApiError(402, {**error, "setup_intent": dict(setup), "payment_method": method})


def cancel(account: Account, setup: Object, wanted: Cancel) -> Object:
    """Raises ApiError."""
    if setup["status"] not in _OPEN:
        message = f"You cannot cancel this SetupIntent because it has a status of {setup['status']}. Only a SetupIntent with one of the following statuses may be canceled: {', '.join(_OPEN)}."
        raise _unexpected(setup, message)
    setup.update(status="canceled", cancellation_reason=wanted.cancellation_reason, next_action=None)
    events.record(account, "setup_intent.canceled", setup)
    return setup


def get(account: Account, setup_id: str) -> Object:
    return account.get("setup_intent", setup_id, "intent")


def list_all(account: Account, wanted: ListSetups, url: str) -> Object:
    return listing.page(
        account,
        "setup_intent",
        url,
        wanted,
        lambda one: (
            wanted.customer in {None, one["customer"]} and wanted.payment_method in {None, one["payment_method"]}
        ),
    )


def _succeed(account: Account, setup: Object) -> None:
    method = account.get("payment_method", setup["payment_method"], "payment_method")
    account.authenticated.add(method["id"])
    if setup["customer"]:
        method["customer"] = setup["customer"]
    setup.update(status="succeeded", next_action=None, last_setup_error=None)
    events.record(account, "setup_intent.succeeded", setup)


def _set_method(account: Account, setup: Object, wanted: Confirmation) -> None:
    if wanted.payment_method_data is not None:
        method = methods.create_method(account, wanted.payment_method_data)
    elif wanted.payment_method is not None:
        method = methods.take(account, wanted.payment_method)
    else:
        return
    if method["customer"] not in {None, setup["customer"]}:
        raise invalid(
            f"The PaymentMethod {method['id']} belongs to the Customer {method['customer']}.", "payment_method"
        )
    setup["payment_method"] = method["id"]
    if setup["status"] == "requires_payment_method":
        setup["status"] = "requires_confirmation"


def _unexpected(setup: Object, message: str) -> ApiError:
    return refused(message, "setup_intent_unexpected_state", setup_intent=dict(setup))


def _blank(account: Account, new: NewSetup, customer: str | None) -> Object:
    setup_id = new_id("seti")
    types = new.allowed_payment_method_types or new.payment_method_types
    return {
        "id": setup_id,
        "object": "setup_intent",
        "allowed_payment_method_types": types,
        "application": None,
        "automatic_payment_methods": None if types else {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": new_client_secret(setup_id),
        "created": account.now(),
        "customer": customer,
        "description": new.description,
        "flow_directions": None,
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": account.is_live,
        "mandate": None,
        "metadata": listing.merged({}, new.metadata),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {
            "card": {"mandate_options": None, "network": None, "request_three_d_secure": "automatic"}
        },
        "payment_method_types": types or ["card"],
        "single_use_mandate": None,
        "status": "requires_payment_method",
        "usage": new.usage,
    }
