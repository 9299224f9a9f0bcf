"""Runs the demo: starts what it needs, tells the story, prints what happened."""

import http.client
import json
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from carelane.demo import billing, clinic, portal, story
from carelane.demo.asking import REQUEST_SECONDS, Ask, Outcome, send_over
from carelane.demo.billing import Sold
from carelane.demo.processes import Stopped, demo_data, pharmacy_simulator, server, sms_simulator, stopping_in_order
from carelane.demo.receiver import Received, Receiver, is_genuine, receiving

STEP_COUNT = (
    clinic.WATCH_STEP_COUNT + story.STEP_COUNT + 1 + clinic.CARE_STEP_COUNT + portal.STEP_COUNT + billing.STEP_COUNT
)
# The dispatcher and the deliveries run beside the order; the last event may still be on its way.
_BY_CTRL_C = 128 + signal.SIGINT
_LAST_EVENT_SECONDS = 15.0
_LOOK_SECONDS = 0.1

# Without a terminal there is no width to keep to.
console = Console(width=None if sys.stdout.isatty() else 130)


def run(*, keep: bool) -> int:
    """0 when every request was answered as it should be, the order arrived and its events were told; else 1."""
    with ExitStack() as stack:
        stack.enter_context(stopping_in_order())
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carelane-demo-")))
        started = time.perf_counter()
        with console.status(
            "Starting PostgreSQL, migrations, server, worker, a pharmacy and a text message provider …"
        ):
            pharmacy_url = stack.enter_context(pharmacy_simulator(data_dir))
            texts_url = stack.enter_context(sms_simulator(data_dir))
            url = stack.enter_context(server(data_dir, pharmacy_url, texts_url))
            ready_seconds = time.perf_counter() - started
            demo = demo_data(data_dir)
            receiver = stack.enter_context(receiving())
        console.print(f"Ready on {url} after {ready_seconds:.1f} s, in {data_dir}")
        is_good = _Telling(url, demo, receiver, f"{texts_url}/messages").tell()
        if keep:
            _stay(url, pharmacy_url, demo)
    return 0 if is_good else 1


class _Telling:
    """The story's requests, one row each as they are answered."""

    def __init__(self, url: str, demo: dict[str, Any], receiver: Receiver, texts_url: str) -> None:
        self._demo = demo
        self._receiver = receiver
        self._texts_url = texts_url
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=REQUEST_SECONDS)
        self._table = Table("request", "method", "path", "status", "expected", "ms", box=None, pad_edge=False)
        self._progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._task = self._progress.add_task("Requests", total=STEP_COUNT)
        self._outcomes: list[Outcome] = []

    def tell(self) -> bool:
        statuses: list[str] = []
        with Live(Group(self._table, self._progress), console=console):
            secret = clinic.watch(self._send, self._demo, self._receiver.url)
            case_id = story.tell(self._send, self._demo)
            clinician = clinic.sign_in_clinician(self._send, self._demo)
            order_id = clinic.care(self._send, self._demo, clinician, case_id)
            clinic.follow(self._read, self._demo, case_id, lambda status: self._say(statuses, status))
            portal.consult(self._send, self._demo, clinician, self._texts_url)
            sold = billing.sell(self._send, self._visit, self._demo, self._texts_url)
        if not console.is_terminal:
            console.print()
        self._connection.close()
        console.print(f"Order {order_id}: {' → '.join(statuses)}", highlight=False)
        told = _last_told(self._receiver, case_id)
        _show_webhooks(told, secret)
        _show_sale(sold)
        return self._summarize(statuses, told, secret, sold)

    def _send(self, ask: Ask) -> Any:
        return self._ask(ask)[1]

    def _visit(self, ask: Ask) -> Outcome:
        return self._ask(ask)[0]

    def _ask(self, ask: Ask) -> tuple[Outcome, Any]:
        outcome, answer = send_over(self._connection, ask)
        self._outcomes.append(outcome)
        self._table.add_row(*_row(outcome))
        self._progress.update(self._task, advance=1, description=ask.title)
        return outcome, answer

    def _read(self, ask: Ask) -> Any:
        return send_over(self._connection, ask)[1]

    def _say(self, statuses: list[str], status: str) -> None:
        statuses.append(status)
        self._progress.update(self._task, description=f"The order is {status}")

    def _summarize(self, statuses: list[str], told: list[Received], secret: str, sold: Sold) -> bool:
        good = sum(outcome.is_expected for outcome in self._outcomes)
        milliseconds = sum(outcome.milliseconds for outcome in self._outcomes)
        has_arrived = statuses[-1:] == ["DELIVERED"] and _is_told(told)
        is_sold = sold.is_charged_once and sold.charge["total"] == sold.cart["total"]
        is_good = good == STEP_COUNT and has_arrived and is_sold and all(is_genuine(one, secret) for one in told)
        console.print(
            f"[{'green' if is_good else 'red'}]{good} of {STEP_COUNT} requests were answered as expected, in "
            f"{milliseconds:.0f} ms; the order is {statuses[-1] if statuses else 'unknown'}; {len(told)} events were told; the quote was charged "
            f"{'once' if is_sold else 'wrongly'}.[/]"
        )
        return is_good


def _last_told(receiver: Receiver, case_id: str) -> list[Received]:
    """What was told of the case, once the delivery of the parcel is among it, or after a while."""
    deadline = time.monotonic() + _LAST_EVENT_SECONDS
    while not _is_told(receiver.of_case(case_id)) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return receiver.of_case(case_id)


def _is_told(told: list[Received]) -> bool:
    return any(one.body.get("order", {}).get("status") == "DELIVERED" for one in told)


def _show_webhooks(told: list[Received], secret: str) -> None:
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


def _show_sale(sold: Sold) -> None:
    console.print("\nThe cart that became the quote and the charge:")
    for line in billing.arithmetic(sold):
        console.print(line, highlight=False)


def _row(outcome: Outcome) -> tuple[str, ...]:
    ask = outcome.ask
    path = ask.path if len(ask.path) <= 60 else ask.path[:59] + "…"
    verdict = "[green]yes[/]" if outcome.is_expected else f"[red]no, {ask.expected_status}[/]"
    return ask.title, ask.method, path, str(outcome.status), verdict, f"{outcome.milliseconds:.1f}"


def _stay(url: str, pharmacy_url: str, demo: dict[str, Any]) -> None:
    console.print(f"\nCarelane runs on {url}, the pharmacy on {pharmacy_url}, until you press Ctrl-C.")
    for name, value in demo.items():
        if isinstance(value, str):
            console.print(f"  {name:18} {value}", highlight=False, soft_wrap=True)
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
