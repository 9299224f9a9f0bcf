"""Checkout sessions: the patient enters a card on the gateway's own page (`pages.py`)."""

import msgspec

from carelane.payments.gateways.simulator import events, intent_bodies, intents, listing, methods, setups
from carelane.payments.gateways.simulator.accounts import Account, new_id
from carelane.payments.gateways.simulator.currencies import require_amount
from carelane.payments.gateways.simulator.errors import invalid, refused
from carelane.payments.gateways.simulator.session_bodies import (
    KIND,
    OPEN_SECONDS,
    IntentData,
    ListSessions,
    NewSession,
    SetupData,
    blank,
)
from carelane.payments.gateways.simulator.wire import Object

_SHORTEST_SECONDS = 1_800
_UNPAID = {"requires_payment_method", "requires_confirmation", "requires_action"}


def create(account: Account, new: NewSession, base_url: str) -> Object:
    """Raises ApiError."""
    _require_whole(account, new)
    total = sum(line.price_data.unit_amount * line.quantity for line in new.line_items)
    currency = new.line_items[0].price_data.currency.lower() if new.line_items else new.currency
    if new.mode == "payment":
        require_amount(total, str(currency))
    session_id = new_id("cs_live" if account.is_live else "cs_test")
    session = blank(account, new, session_id, base_url)
    session.update(amount_subtotal=total or None, amount_total=total or None, currency=currency)
    if new.mode == "setup":
        data = new.setup_intent_data or SetupData()
        setup = setups.NewSetup(
            customer=new.customer, description=data.description, metadata=data.metadata, payment_method_types=["card"]
        )
        session["setup_intent"] = setups.create(account, setup, base_url)["id"]
    account.add(session)
    account.session_plans[session_id] = new
    return session


def get(account: Account, session_id: str) -> Object:
    """As it is now. Raises ApiError."""
    session = account.get(KIND, session_id, "session")
    if session["status"] == "open" and session["expires_at"] <= account.now():
        _expire(account, session)
    if session["status"] == "complete" and session["payment_intent"] and session["payment_status"] == "unpaid":
        # Taken later: a hold that was captured.
        _mark_paid(account, session)
    return session


def expire(account: Account, session_id: str) -> Object:
    """Raises ApiError."""
    session = get(account, session_id)
    if session["status"] != "open":
        raise refused(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{session["status"]}`.'
        )
    _expire(account, session)
    return session


def pay(account: Account, session: Object, method: Object, email: str, base_url: str) -> Object:
    """The intent after the patient has sent the page's form. Raises ApiError when the card is declined."""
    new = account.session_plans[session["id"]]
    customer = _customer_of(account, session, new, email)
    session["customer_details"] = {
        "email": email,
        "name": None,
        "phone": None,
        "address": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }
    back_to = f"{base_url}/c/pay/{session['id']}"
    if session["mode"] == "setup":
        setup = setups.get(account, session["setup_intent"])
        if customer and setup["customer"] is None:
            setup["customer"] = customer
        intent = setups.confirm(
            account, setup, setups.Confirmation(payment_method=method["id"], return_url=back_to), base_url
        )
    else:
        intent = _intent_of(account, session, new, customer, base_url)
        wanted = intent_bodies.Confirmation(payment_method=method["id"], return_url=back_to)
        intent = intents.confirm(account, intent, wanted, base_url)
    finish(account, session)
    return intent


def finish(account: Account, session: Object) -> bool:
    """Complete once its intent has come through; whether it is."""
    if session["status"] == "open":
        intent = account.find(str(session["payment_intent"] or session["setup_intent"]))
        if intent is None or intent["status"] not in {"succeeded", "requires_capture", "processing"}:
            return False
        is_paid = session["mode"] == "payment" and intent["status"] == "succeeded"
        session.update(status="complete", payment_status="paid" if is_paid else session["payment_status"], url=None)
        events.record(account, "checkout.session.completed", session)
        if intent["status"] == "processing":
            account.later(intent["id"], lambda: _end_processing(account, session))
    return bool(session["status"] == "complete")


def finish_of(account: Account, intent: Object) -> None:
    """The session of an intent, whether or not the browser comes back."""
    for session in account.newest_first(KIND):
        if intent["id"] in {session["payment_intent"], session["setup_intent"]}:
            finish(account, session)
            return


def list_all(account: Account, wanted: ListSessions, url: str) -> Object:
    return listing.page(
        account,
        KIND,
        url,
        wanted,
        lambda one: (
            wanted.customer in {None, one["customer"]}
            and wanted.payment_intent in {None, one["payment_intent"]}
            and wanted.status in {None, one["status"]}
        ),
    )


def _mark_paid(account: Account, session: Object) -> bool:
    """Whether its money has been taken."""
    intent = account.find(session["payment_intent"])
    if intent is not None and intent["status"] == "succeeded":
        session["payment_status"] = "paid"
    return bool(session["payment_status"] == "paid")


def _end_processing(account: Account, session: Object) -> None:
    result = "succeeded" if _mark_paid(account, session) else "failed"
    events.record(account, f"checkout.session.async_payment_{result}", session)


def _expire(account: Account, session: Object) -> None:
    session.update(status="expired", url=None)
    events.record(account, "checkout.session.expired", session)
    setup = account.find(str(session["setup_intent"]))
    if setup is not None and setup["status"] in _UNPAID:
        setups.cancel(account, setup, setups.Cancel(cancellation_reason="abandoned"))
    intent = account.find(str(session["payment_intent"]))
    if intent is not None and intent["status"] in {
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
    }:
        intents.cancel(account, intent, intent_bodies.Cancel(cancellation_reason="abandoned"))


def _require_whole(account: Account, new: NewSession) -> None:
    if new.success_url is None:
        raise invalid("Missing required param: success_url.", "success_url", "parameter_missing")
    if new.customer is not None:
        account.get("customer", new.customer, "customer")
    if new.mode == "payment" and not new.line_items:
        raise invalid("Missing required param: line_items.", "line_items", "parameter_missing")
    if new.mode == "setup" and (new.line_items or new.payment_intent_data):
        raise invalid("You can not pass `line_items` or `payment_intent_data` in `setup` mode.", "payment_intent_data")
    if new.mode == "payment" and new.setup_intent_data:
        raise invalid("You can not pass `setup_intent_data` in `payment` mode.", "setup_intent_data")
    if new.expires_at is not None and not _SHORTEST_SECONDS <= new.expires_at - account.now() <= OPEN_SECONDS:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            "expires_at",
        )


def _customer_of(account: Account, session: Object, new: NewSession, email: str) -> str | None:
    if session["customer"] is None and (
        new.customer_creation == "always" or (new.payment_intent_data and new.payment_intent_data.setup_future_usage)
    ):
        session["customer"] = methods.create_customer(account, methods.NewCustomer(email=email))["id"]
    return session["customer"] if session["customer"] is None else str(session["customer"])


def _intent_of(account: Account, session: Object, new: NewSession, customer: str | None, base_url: str) -> Object:
    """Made when the patient first pays, as at Stripe."""
    if session["payment_intent"] is not None:
        return intents.get(account, session["payment_intent"])
    data = new.payment_intent_data or IntentData()
    given = msgspec.structs.asdict(data)
    wanted = intent_bodies.NewIntent(
        amount=session["amount_total"],
        currency=session["currency"],
        customer=customer,
        payment_method_types=["card"],
        **given,
    )
    intent = intents.create(account, wanted, base_url)
    session["payment_intent"] = intent["id"]
    return intent
