"""Disputes: the money and a fee leave when one is opened, and come back when it is won."""

from typing import Literal

import msgspec

from carelane.payments.gateways.simulator import balance, events, listing
from carelane.payments.gateways.simulator.accounts import Account, new_id
from carelane.payments.gateways.simulator.errors import refused
from carelane.payments.gateways.simulator.listing import Listing
from carelane.payments.gateways.simulator.wire import Object

_EVIDENCE_SECONDS = 9 * 86_400
Outcome = Literal["won", "lost"]


class ListDisputes(Listing, kw_only=True):
    charge: str | None = None
    payment_intent: str | None = None


class NewDispute(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """Of `/control/disputes`: `payment` is the id of a payment intent or a charge; without an amount all of it."""

    payment: str
    reason: str = "fraudulent"
    amount: int | None = None
    # Only asked about: no money leaves.
    is_inquiry: bool = False


def open_dispute(
    account: Account, charge: Object, reason: str, amount: int | None = None, *, is_inquiry: bool = False
) -> Object:
    """Raises ApiError when there is nothing to dispute."""
    there = charge["amount"] - charge["amount_refunded"]
    if not charge["captured"] or charge["disputed"] or there <= 0:
        raise refused("The simulator disputes a captured charge only, once.")
    dispute: Object = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": min(amount or there, there),
        "balance_transactions": [],
        "charge": charge["id"],
        "created": account.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": account.now() + _EVIDENCE_SECONDS,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": is_inquiry,
        "livemode": charge["livemode"],
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": {"brand": charge["payment_method_details"]["card"]["brand"], "case_type": "inquiry" if is_inquiry else "chargeback", "network": charge["payment_method_details"]["card"]["brand"], "network_reason_code": "10.4"}, "type": "card"},
        "reason": reason,
        "status": "warning_needs_response" if is_inquiry else "needs_response",
    }  # fmt: skip
    account.add(dispute)
    charge["disputed"] = True
    if is_inquiry:
        events.record(account, "charge.dispute.created", dispute)
        return dispute
    _move(account, dispute, -dispute["amount"], balance.DISPUTE_FEE, "dispute")
    events.record(account, "charge.dispute.created", dispute)
    events.record(account, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(account: Account, dispute: Object, outcome: Outcome) -> Object:
    """An inquiry ends without either. Won: the money and the fee come back. Raises ApiError when it is closed already."""
    if dispute["status"] in {"won", "lost", "warning_closed"}:
        raise refused(f"This dispute is {dispute['status']} already.")
    is_inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_closed" if is_inquiry else outcome
    if outcome == "won" and not is_inquiry:
        _move(account, dispute, dispute["amount"], -balance.DISPUTE_FEE, "dispute_reversal")
        events.record(account, "charge.dispute.funds_reinstated", dispute)
    events.record(account, "charge.dispute.closed", dispute)
    return dispute


def list_all(account: Account, wanted: ListDisputes, url: str) -> Object:
    return listing.page(
        account,
        "dispute",
        url,
        wanted,
        lambda one: wanted.charge in {None, one["charge"]} and wanted.payment_intent in {None, one["payment_intent"]},
    )


def _move(account: Account, dispute: Object, amount: int, fee: int, category: str) -> None:
    moved = balance.enter(account, "adjustment", dispute, amount, fee, category)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], moved]
