"""Refunds: never more than was captured and is not back yet, never of what is disputed or only held."""

import msgspec

from carelane.payments.gateways.simulator import balance, events, faults, listing
from carelane.payments.gateways.simulator.accounts import Account, new_id
from carelane.payments.gateways.simulator.errors import invalid, refused
from carelane.payments.gateways.simulator.listing import Listing, Metadata
from carelane.payments.gateways.simulator.wire import Object

REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


class NewRefund(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    payment_intent: str | None = None
    charge: str | None = None
    amount: int | None = None
    currency: str | None = None
    reason: str | None = None
    metadata: Metadata | None = None
    instructions_email: str | None = None
    refund_application_fee: bool | None = None
    reverse_transfer: bool | None = None
    expand: list[str] = []


class UpdateRefund(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    metadata: Metadata | str | None = None
    expand: list[str] = []


class ListRefunds(Listing, kw_only=True):
    charge: str | None = None
    payment_intent: str | None = None


def create(account: Account, new: NewRefund) -> Object:
    """Raises ApiError."""
    if new.reason not in {None, *REASONS}:
        raise invalid(f"Invalid reason: must be one of {', '.join(sorted(REASONS))}", "reason")
    charge = _charge_of(account, new)
    amount = _refundable(account, charge, new.amount)
    refund: Object = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": account.now(),
        "currency": charge["currency"],
        "destination_details": {"card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}, "type": "card"},
        "metadata": listing.merged({}, new.metadata),
        "payment_intent": charge["payment_intent"],
        "reason": new.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }  # fmt: skip
    account.add(refund)
    _move(account, charge, refund)
    _course(account, charge, refund)
    return refund


def update(account: Account, refund_id: str, wanted: UpdateRefund) -> Object:
    refund = account.get("refund", refund_id, "id")
    refund["metadata"] = listing.merged(refund["metadata"], wanted.metadata)
    events.record(account, "refund.updated", refund)
    return refund


def fail(account: Account, charge: Object, refund: Object) -> None:
    """The bank sends it back: the money is the clinic's again."""
    if refund["status"] in {"failed", "canceled"}:
        return
    refund.update(status="failed", failure_reason="expired_or_canceled_card")
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    returned = balance.enter(account, "refund_failure", refund, refund["amount"])
    refund["failure_balance_transaction"] = returned["id"]
    events.record(account, "refund.updated", refund)
    events.record(account, "refund.failed", refund)


def list_all(account: Account, wanted: ListRefunds, url: str) -> Object:
    return listing.page(
        account,
        "refund",
        url,
        wanted,
        lambda one: wanted.charge in {None, one["charge"]} and wanted.payment_intent in {None, one["payment_intent"]},
    )


def _charge_of(account: Account, new: NewRefund) -> Object:
    if (new.payment_intent is None) == (new.charge is None):
        raise invalid("One of the following params should be provided: payment_intent or charge.", "payment_intent")
    if new.charge is not None:
        charge = account.get("charge", new.charge, "charge")
    else:
        intent = account.get("payment_intent", str(new.payment_intent), "payment_intent")
        if intent["status"] != "succeeded":
            message = f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund."
            raise refused(message, "charge_not_refundable", "payment_intent")
        charge = account.get("charge", intent["latest_charge"], "charge")
    if not charge["captured"]:
        raise refused(f"Charge {charge['id']} is not captured and cannot be refunded.", "charge_not_refundable")
    return charge


def _refundable(account: Account, charge: Object, wanted: int | None) -> int:
    # What was held and never captured counts as refunded with Stripe.
    remaining = charge["amount"] - charge["amount_refunded"]
    if wanted is not None and wanted < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    if remaining <= 0:
        raise refused(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    if charge["disputed"] and any(
        one["charge"] == charge["id"] and one["status"] in {"needs_response", "under_review", "lost"}
        for one in account.all("dispute")
    ):
        raise refused(f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge_disputed")
    amount = remaining if wanted is None else wanted
    if amount > remaining:
        raise refused(
            f"Refund amount ({amount} {charge['currency']}) is greater than unrefunded amount on charge ({remaining} {charge['currency']})",
            "amount_too_large",
            "amount",
        )
    return amount


def _move(account: Account, charge: Object, refund: Object) -> None:
    charge["amount_refunded"] += refund["amount"]
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    refund["balance_transaction"] = balance.enter(account, "refund", refund, -refund["amount"])["id"]


def _course(account: Account, charge: Object, refund: Object) -> None:
    """What becomes of it: done at once, unless a fault says otherwise."""
    intent = account.find(str(charge["payment_intent"])) or {}
    names = faults.occurring(account, {"refund_pending", "refund_failed"}, refund, intent)
    fails = "refund_failed" in names or account.cards[charge["payment_method"]].refund_fails
    if "refund_pending" in names:
        refund["status"] = "pending"
    events.record(account, "refund.created", refund)
    events.record(account, "charge.refunded", charge)
    if not fails and refund["status"] == "succeeded":
        return

    def settle() -> None:
        if fails:
            fail(account, charge, refund)
        elif refund["status"] == "pending":
            refund["status"] = "succeeded"
            events.record(account, "refund.updated", refund, {"status": "pending"})

    account.later(refund["id"], settle)
