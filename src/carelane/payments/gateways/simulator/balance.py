"""What the gateway owes the clinic: a balance transaction for whatever moves money, with Stripe's fee, and payouts."""

import msgspec

from carelane.payments.gateways.simulator import events, listing
from carelane.payments.gateways.simulator.accounts import Account, new_id
from carelane.payments.gateways.simulator.listing import Listing
from carelane.payments.gateways.simulator.wire import Object

FEE_PER_TEN_THOUSAND = 290
FIXED_FEE = 30
DISPUTE_FEE = 1_500
AVAILABLE_AFTER_SECONDS = 2 * 86_400


class ListTransactions(Listing, kw_only=True):
    type: str | None = None
    source: str | None = None
    currency: str | None = None
    payout: str | None = None


class NewPayout(msgspec.Struct, kw_only=True):
    """Of `/control/payouts`; without an amount all that is there."""

    key: str
    currency: str = "usd"
    amount: int | None = None


def fee_of(amount: int) -> int:
    """2.9 % and 30 of the smallest unit, half a unit rounded up."""
    return (amount * FEE_PER_TEN_THOUSAND + 5_000) // 10_000 + FIXED_FEE


def enter(
    account: Account, kind: str, source: Object, amount: int, fee: int = 0, category: str | None = None
) -> Object:
    """A line of the balance. `amount` is negative when it leaves."""
    now = account.now()
    details = [
        {
            "amount": fee,
            "application": None,
            "currency": source["currency"],
            "description": "Stripe processing fees",
            "type": "stripe_fee",
        }
    ]
    return account.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": now if kind == "payout" else now + AVAILABLE_AFTER_SECONDS,
            "balance_type": "payments",
            "created": now,
            "currency": source["currency"],
            "description": source.get("description"),
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details if fee else [],
            "net": amount - fee,
            "reporting_category": category or kind,
            "source": source["id"],
            "status": "available" if kind == "payout" else "pending",
            "type": kind,
        }
    )


def pay_out(account: Account, new: NewPayout) -> Object:
    there = sum(one["net"] for one in account.all("balance_transaction") if one["currency"] == new.currency)
    amount = there if new.amount is None else new.amount
    payout: Object = {
        "id": new_id("po"),
        "object": "payout",
        "amount": amount,
        "arrival_date": account.now(),
        "automatic": True,
        "balance_transaction": None,
        "created": account.now(),
        "currency": new.currency,
        "description": "STRIPE PAYOUT",
        "destination": None,
        "failure_code": None,
        "livemode": account.is_live,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "paid",
        "type": "bank_account",
    }
    account.add(payout)
    payout["balance_transaction"] = enter(account, "payout", payout, -amount)["id"]
    for one in account.all("balance_transaction"):
        if one["currency"] == new.currency:
            account.paid_out.setdefault(one["id"], payout["id"])
    events.record(account, "payout.created", payout)
    events.record(account, "payout.paid", payout)
    return payout


def totals(account: Account) -> Object:
    """What is there by currency; what was taken within two days is pending."""
    sums: dict[str, dict[str, int]] = {"available": {}, "pending": {}}
    for one in account.all("balance_transaction"):
        place = sums["available" if one["available_on"] <= account.now() else "pending"]
        place[one["currency"]] = place.get(one["currency"], 0) + one["net"]
    shown = {
        name: [
            {"amount": amount, "currency": currency, "source_types": {"card": amount}}
            for currency, amount in found.items()
        ]
        for name, found in sums.items()
    }
    return {"object": "balance", "livemode": account.is_live, **shown}


def list_all(account: Account, wanted: ListTransactions, url: str) -> Object:
    def matches(one: Object) -> bool:
        return (
            wanted.type in {None, one["type"]}
            and wanted.source in {None, one["source"]}
            and wanted.currency in {None, one["currency"]}
            and wanted.payout in {None, account.paid_out.get(one["id"])}
        )

    return listing.page(account, "balance_transaction", url, wanted, matches)
