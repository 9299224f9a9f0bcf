"""The operations: which method and path, which parameters, and who answers."""

from collections.abc import Callable
from typing import Any

import msgspec

from carelane.payments.gateways.simulator import (
    balance,
    checkout,
    disputes,
    intent_bodies,
    intents,
    methods,
    refunds,
    session_bodies,
    setups,
)
from carelane.payments.gateways.simulator.accounts import Account
from carelane.payments.gateways.simulator.events import KEPT_SECONDS
from carelane.payments.gateways.simulator.listing import Listing, Search, page, search
from carelane.payments.gateways.simulator.wire import Object


class Call(msgspec.Struct, frozen=True):
    """One call of an operation: of whose account, about which object, and where the simulator is."""

    account: Account
    object_id: str
    path: str
    base_url: str


class Expand(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    expand: list[str] = []
    client_secret: str | None = None


class ListCharges(Listing, kw_only=True):
    customer: str | None = None
    payment_intent: str | None = None


class ListEvents(Listing, kw_only=True):
    type: str | None = None
    types: list[str] | None = None
    delivery_success: bool | None = None


class Operation(msgspec.Struct, frozen=True):
    name: str
    method: str
    path: str
    params: type[Any]
    answer: Callable[[Call, Any], Object]


def _retrieve(noun: str, path: str, kind: str) -> Operation:
    return Operation(
        f"{noun}.retrieve",
        "GET",
        f"{path}/{{id}}",
        Expand,
        lambda call, _: call.account.get(kind, call.object_id, "id"),
    )


def _intent(call: Call) -> Object:
    return intents.get(call.account, call.object_id)


def _list_charges(call: Call, wanted: ListCharges) -> Object:
    return page(
        call.account,
        "charge",
        call.path,
        wanted,
        lambda one: (
            wanted.customer in {None, one["customer"]} and wanted.payment_intent in {None, one["payment_intent"]}
        ),
    )


def _list_events(call: Call, wanted: ListEvents) -> Object:
    oldest = call.account.now() - KEPT_SECONDS
    types = [wanted.type] if wanted.type else wanted.types

    def matches(one: Object) -> bool:
        return one["created"] > oldest and (types is None or any(_is_type(one["type"], kind) for kind in types))

    return page(call.account, "event", call.path, wanted, matches)


def _is_type(actual: str, wanted: str) -> bool:
    """`charge.*` is all of them."""
    return actual == wanted or (wanted.endswith("*") and actual.startswith(wanted[:-1]))


_INTENTS, _SETUPS, _METHODS = "/v1/payment_intents", "/v1/setup_intents", "/v1/payment_methods"
_CUSTOMERS, _CHARGES, _REFUNDS = "/v1/customers", "/v1/charges", "/v1/refunds"
_DISPUTES, _EVENTS, _BALANCE = "/v1/disputes", "/v1/events", "/v1/balance_transactions"
_SESSIONS, _PAYOUTS = "/v1/checkout/sessions", "/v1/payouts"

OPERATIONS = [
    Operation("customers.create", "POST", _CUSTOMERS, methods.NewCustomer, lambda call, new: methods.create_customer(call.account, new)),
    _retrieve("customers", _CUSTOMERS, "customer"),
    Operation("customers.payment_methods", "GET", f"{_CUSTOMERS}/{{id}}/payment_methods", methods.ListMethods,
              lambda call, wanted: methods.list_of(call.account, wanted, call.path, call.object_id)),
    Operation("payment_methods.create", "POST", _METHODS, methods.NewMethod, lambda call, new: methods.create_method(call.account, new)),
    Operation("payment_methods.list", "GET", _METHODS, methods.ListMethods,
              lambda call, wanted: methods.list_of(call.account, wanted, call.path, wanted.customer)),
    Operation("payment_methods.retrieve", "GET", f"{_METHODS}/{{id}}", Expand, lambda call, _: methods.retrieve(call.account, call.object_id)),
    Operation("payment_methods.attach", "POST", f"{_METHODS}/{{id}}/attach", methods.Attach,
              lambda call, wanted: methods.attach(call.account, call.object_id, wanted.customer)),
    Operation("payment_methods.detach", "POST", f"{_METHODS}/{{id}}/detach", Expand, lambda call, _: methods.detach(call.account, call.object_id)),
    Operation("setup_intents.create", "POST", _SETUPS, setups.NewSetup, lambda call, new: setups.create(call.account, new, call.base_url)),
    Operation("setup_intents.list", "GET", _SETUPS, setups.ListSetups, lambda call, wanted: setups.list_all(call.account, wanted, call.path)),
    _retrieve("setup_intents", _SETUPS, "setup_intent"),
    Operation("setup_intents.confirm", "POST", f"{_SETUPS}/{{id}}/confirm", setups.Confirmation,
              lambda call, wanted: setups.confirm(call.account, setups.get(call.account, call.object_id), wanted, call.base_url)),
    Operation("setup_intents.cancel", "POST", f"{_SETUPS}/{{id}}/cancel", setups.Cancel,
              lambda call, wanted: setups.cancel(call.account, setups.get(call.account, call.object_id), wanted)),
    Operation("payment_intents.create", "POST", _INTENTS, intent_bodies.NewIntent, lambda call, new: intents.create(call.account, new, call.base_url)),
    Operation("payment_intents.list", "GET", _INTENTS, intent_bodies.ListIntents, lambda call, wanted: intents.list_all(call.account, wanted, call.path)),
    Operation("payment_intents.search", "GET", f"{_INTENTS}/search", Search, lambda call, wanted: search(call.account, "payment_intent", call.path, wanted)),
    Operation("payment_intents.retrieve", "GET", f"{_INTENTS}/{{id}}", Expand, lambda call, _: _intent(call)),
    Operation("payment_intents.update", "POST", f"{_INTENTS}/{{id}}", intent_bodies.UpdateIntent,
              lambda call, wanted: intents.update(call.account, _intent(call), wanted)),
    Operation("payment_intents.confirm", "POST", f"{_INTENTS}/{{id}}/confirm", intent_bodies.Confirmation,
              lambda call, wanted: intents.confirm(call.account, _intent(call), wanted, call.base_url)),
    Operation("payment_intents.capture", "POST", f"{_INTENTS}/{{id}}/capture", intent_bodies.Capture,
              lambda call, wanted: intents.capture(call.account, _intent(call), wanted)),
    Operation("payment_intents.cancel", "POST", f"{_INTENTS}/{{id}}/cancel", intent_bodies.Cancel,
              lambda call, wanted: intents.cancel(call.account, _intent(call), wanted)),
    Operation("charges.list", "GET", _CHARGES, ListCharges, _list_charges),
    Operation("charges.search", "GET", f"{_CHARGES}/search", Search, lambda call, wanted: search(call.account, "charge", call.path, wanted)),
    _retrieve("charges", _CHARGES, "charge"),
    Operation("refunds.create", "POST", _REFUNDS, refunds.NewRefund, lambda call, new: refunds.create(call.account, new)),
    Operation("refunds.list", "GET", _REFUNDS, refunds.ListRefunds, lambda call, wanted: refunds.list_all(call.account, wanted, call.path)),
    _retrieve("refunds", _REFUNDS, "refund"),
    Operation("refunds.update", "POST", f"{_REFUNDS}/{{id}}", refunds.UpdateRefund,
              lambda call, wanted: refunds.update(call.account, call.object_id, wanted)),
    Operation("disputes.list", "GET", _DISPUTES, disputes.ListDisputes, lambda call, wanted: disputes.list_all(call.account, wanted, call.path)),
    _retrieve("disputes", _DISPUTES, "dispute"),
    Operation("events.list", "GET", _EVENTS, ListEvents, _list_events),
    _retrieve("events", _EVENTS, "event"),
    Operation("balance.retrieve", "GET", "/v1/balance", Expand, lambda call, _: balance.totals(call.account)),
    Operation("balance_transactions.list", "GET", _BALANCE, balance.ListTransactions,
              lambda call, wanted: balance.list_all(call.account, wanted, call.path)),
    _retrieve("balance_transactions", _BALANCE, "balance_transaction"),
    Operation("payouts.list", "GET", _PAYOUTS, Listing, lambda call, wanted: page(call.account, "payout", call.path, wanted)),
    _retrieve("payouts", _PAYOUTS, "payout"),
    Operation("checkout.sessions.create", "POST", _SESSIONS, session_bodies.NewSession, lambda call, new: checkout.create(call.account, new, call.base_url)),
    Operation("checkout.sessions.list", "GET", _SESSIONS, session_bodies.ListSessions, lambda call, wanted: checkout.list_all(call.account, wanted, call.path)),
    Operation("checkout.sessions.retrieve", "GET", f"{_SESSIONS}/{{id}}", Expand, lambda call, _: checkout.get(call.account, call.object_id)),
    Operation("checkout.sessions.expire", "POST", f"{_SESSIONS}/{{id}}/expire", Expand, lambda call, _: checkout.expire(call.account, call.object_id)),
]  # fmt: skip
