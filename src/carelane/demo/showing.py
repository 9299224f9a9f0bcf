"""What the demo prints: a row for each request, and afterwards what came of them. What stays, when it is left running."""

import json
import signal
import sys
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from carelane.demo import billing, gateway
from carelane.demo.asking import Outcome
from carelane.demo.billing import Sold
from carelane.demo.books import Books
from carelane.demo.desk import Served
from carelane.demo.money import Taken
from carelane.demo.processes import Stopped
from carelane.demo.receiver import Received, is_genuine

_BY_CTRL_C = 128 + signal.SIGINT

# Without a terminal there is no width to keep to.
console = Console(width=None if sys.stdout.isatty() else 130)


def show_webhooks(told: list[Received], secret: str) -> None:
    console.print("\nWhat the webhook receiver got about the case:")
    table = Table("no.", "event", "what", "signature", box=None, pad_edge=False)
    for one in told:
        order, activity = one.body.get("order") or {}, one.body.get("payload", {}).get("activity") or {}
        moved = " → ".join(str(value) for value in (activity.get("valueBefore"), activity.get("valueAfter")) if value)
        verdict = "[green]good[/]" if is_genuine(one, secret) else "[red]wrong[/]"
        table.add_row(str(one.body["sequence"]), one.body["event"], moved or order.get("status", ""), verdict)
    console.print(table)
    for one in told[-1:]:
        console.print("\nThe last of them in full:")
        console.print_json(json.dumps(one.body))


def show_sale(sold: Sold) -> None:
    console.print("\nThe cart that became the quote and the charge:")
    for line in billing.arithmetic(sold):
        console.print(line, highlight=False)


def show_money(taken: Taken, books: Books) -> None:
    console.print("\nThe payments of the clinic with a gateway:")
    table = Table("payment", "money", "amount", "captured", "refunded", "status", box=None, pad_edge=False)
    whats = ("charged when the case was approved", "a quote, paid on the gateway's page", "confirmed with the bank")
    for what, payment in zip(whats, (taken.approved, taken.quoted, taken.confirmed), strict=True):
        amounts = (str(payment.get(name)) for name in ("amount", "captured", "refunded", "status"))
        table.add_row(what, "test" if payment.get("isTest") else "live", *amounts)
    console.print(table)
    console.print(f"The last one's order waited for {taken.waited_for}.", highlight=False)
    _show_desk(taken.served)
    if taken.told is not None:
        console.print("\nWhat the webhook receiver got when the first was paid:")
        payload = taken.told.body["payload"]
        console.print_json(json.dumps({"event": taken.told.body["event"], "payment": payload.get("payment")}))
    console.print()
    for line in books.lines():
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _show_desk(served: Served) -> None:
    console.print("\nThe payments at the desk, for two sales:")
    table = Table("paid by", "amount", "given back", "status", box=None, pad_edge=False)
    for payment in served.payments:
        back = sum(refund["amount"] for refund in payment["refunds"])
        amounts = (billing.money_of(cents) for cents in (payment["amount"], back))
        table.add_row(payment["paymentMedium"], *amounts, payment["status"])
    console.print(table)
    owed = sum(charge["totalOutstanding"] or 0 for charge in served.charges)
    console.print(
        f"The invoice for the rest is {served.invoice.get('status')}, {billing.money_of(owed)} is owed; the receipt was "
        f"{'read' if served.is_receipt_read else 'not read'}.",
        highlight=False,
    )


def row_of(outcome: Outcome) -> tuple[str, ...]:
    ask = outcome.ask
    path = ask.path if len(ask.path) <= 60 else ask.path[:59] + "…"
    verdict = "[green]yes[/]" if outcome.is_expected else f"[red]no, {ask.expected_status}[/]"
    return ask.title, ask.method, path, str(outcome.status), verdict, f"{outcome.milliseconds:.1f}"


def stay(url: str, pharmacy_url: str, demo: dict[str, Any]) -> None:
    """Until it is told to stop."""
    console.print(f"\nCarelane runs on {url}, the pharmacy on {pharmacy_url}, until you press Ctrl-C.")
    console.print(f"\nThe console is {url}/console. Sign in by one click, on this machine alone:", highlight=False)
    for name, who in (("staff", "a clinician"), ("admin", "an administrator")):
        console.print(f"  as {who}: {url}{demo['signIn'][name]}", highlight=False, soft_wrap=True)
    _show_credentials(demo)
    console.print(
        f"\ncurl '{url}/api/v1/organization/bundles?isVisible=true' -H 'cv-api-key: {demo['apiKey']}'",
        highlight=False,
        soft_wrap=True,
    )
    try:
        while True:
            time.sleep(3600)
    except Stopped as stopped:
        if stopped.code != _BY_CTRL_C:
            raise
        console.print("Stopping …")


def _show_credentials(demo: dict[str, Any]) -> None:
    for name, value in demo.items():
        if isinstance(value, str):
            console.print(f"  {name:18} {value}", highlight=False, soft_wrap=True)
    console.print(f"\nThe clinic that takes money, through the gateway simulator on {demo['paying']['gatewayUrl']}:")
    for name, value in demo["paying"].items():
        console.print(f"  {name:25} {value}", highlight=False, soft_wrap=True)
    for card, what in (
        (gateway.GOOD_CARD, "is good"),
        (gateway.DECLINED_CARD, "is declined"),
        (gateway.ASKING_CARD, "must be confirmed with the bank each time"),
    ):
        console.print(f"  card {card} {what}", highlight=False)
    console.print(
        "  Any later month and any code will do; the simulator's own page has the other cards and the faults. To pay, accept a quote\n"
        "  of this clinic, or confirm a setup intent at the simulator with payment_method=pm_card_visa and send it with a case.",
        highlight=False,
        soft_wrap=True,
    )
