"""Runs the demo: starts what it needs, tells the story, prints what happened."""

import http.client
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from carelane.demo import billing, clinic, gateway, money, portal, story
from carelane.demo.asking import REQUEST_SECONDS, Ask, Outcome, Ways, send_over
from carelane.demo.billing import Sold
from carelane.demo.books import Books, read_books
from carelane.demo.money import Taken
from carelane.demo.processes import (
    demo_data,
    gateway_simulator,
    ignore_signals,
    pharmacy_simulator,
    server,
    sms_simulator,
    stop_in_order,
)
from carelane.demo.receiver import Received, Receiver, is_genuine, receiving
from carelane.demo.showing import console, row_of, show_money, show_sale, show_webhooks, stay

STEP_COUNT = (
    2 * clinic.SIGN_IN_STEP_COUNT
    + clinic.WATCH_STEP_COUNT
    + story.STEP_COUNT
    + clinic.CARE_STEP_COUNT
    + portal.STEP_COUNT
    + billing.STEP_COUNT
    + money.STEP_COUNT
)
# The dispatcher and the deliveries run beside the order; the last event may still be on its way.
_LAST_EVENT_SECONDS = 15.0
_LOOK_SECONDS = 0.1
# Of the screen: the table's head, how far it is, and one that stays free.
_OTHER_ROWS = 3


def run(*, keep: bool) -> int:
    """0 when every request was answered as it should be, the order arrived, its events were told, and the money is in order; else 1."""
    stop_in_order()
    with ExitStack() as stack:
        try:
            return 0 if _run(stack, keep=keep) else 1
        finally:
            ignore_signals()


def _run(stack: ExitStack, *, keep: bool) -> bool:
    """What is started is stopped with the stack."""
    data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carelane-demo-")))
    started = time.perf_counter()
    with console.status(
        "Starting PostgreSQL, migrations, server, worker, a pharmacy, a payment gateway and a text message provider …"
    ):
        pharmacy_url = stack.enter_context(pharmacy_simulator(data_dir))
        texts_url = stack.enter_context(sms_simulator(data_dir))
        gateway_url = stack.enter_context(gateway_simulator(data_dir))
        url = stack.enter_context(server(data_dir, pharmacy_url, texts_url, gateway_url))
        ready_seconds = time.perf_counter() - started
        demo = demo_data(data_dir, gateway_url)
        gateway.register_webhooks(demo["paying"], url)
        receiver = stack.enter_context(receiving())
    console.print(f"Ready on {url} after {ready_seconds:.1f} s, in {data_dir}")
    is_good = _Telling(url, demo, receiver, f"{texts_url}/messages", data_dir).tell()
    if keep:
        stay(url, pharmacy_url, demo)
    return is_good


class _Telling:
    """The story's requests, one row each as they are answered."""

    def __init__(self, url: str, demo: dict[str, Any], receiver: Receiver, texts_url: str, data_dir: Path) -> None:
        self._demo = demo
        self._data_dir = data_dir
        self._receiver = receiver
        self._texts_url = texts_url
        self._own = urlsplit(url).netloc
        self._connections: dict[str, http.client.HTTPConnection] = {}
        self._progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._task = self._progress.add_task("Requests", total=STEP_COUNT)
        self._outcomes: list[Outcome] = []
        self._is_told = False

    def tell(self) -> bool:
        statuses: list[str] = []
        ways = Ways(self._send, self._visit, self._read)
        with Live(get_renderable=self._shown, console=console):
            admin = clinic.sign_in_admin(self._send, self._demo)
            secret = clinic.watch(self._send, admin, self._receiver.url)
            case_id = story.tell(self._send, self._demo)
            clinician = clinic.sign_in_clinician(self._send, self._demo)
            order_id = clinic.care(self._send, self._demo, clinician, case_id)
            clinic.follow(self._read, self._demo, case_id, lambda status: self._say(statuses, status))
            portal.consult(self._send, self._demo, clinician, self._texts_url)
            sold = billing.sell(self._send, self._visit, self._demo, self._texts_url)
            taken = money.take(ways, self._demo["paying"], self._receiver, self._texts_url)
            self._is_told = True
        if not console.is_terminal:
            console.print()
        for connection in self._connections.values():
            connection.close()
        console.print(f"Order {order_id}: {' → '.join(statuses)}", highlight=False)
        told = _last_told(self._receiver, case_id)
        show_webhooks(told, secret)
        show_sale(sold)
        books = read_books(self._data_dir, self._demo["paying"]["gatewayUrl"], self._demo["paying"]["tenant"])
        show_money(taken, books)
        return self._summarize(statuses, told, secret, sold, taken, books)

    def _shown(self) -> Group:
        """While it is told, the newest requests that the screen has room for, above how far it is; afterwards all of them."""
        newest = self._outcomes if self._is_told else self._outcomes[-max(console.height - _OTHER_ROWS, 1) :]
        table = Table("request", "method", "path", "status", "expected", "ms", box=None, pad_edge=False)
        for outcome in newest:
            table.add_row(*row_of(outcome))
        return Group(table, self._progress)

    def _send(self, ask: Ask) -> Any:
        return self._ask(ask)[1]

    def _visit(self, ask: Ask) -> Outcome:
        return self._ask(ask)[0]

    def _ask(self, ask: Ask) -> tuple[Outcome, Any]:
        outcome, answer = send_over(self._connection(ask), ask)
        self._outcomes.append(outcome)
        self._progress.update(self._task, advance=1, description=ask.title)
        return outcome, answer

    def _read(self, ask: Ask) -> Any:
        return send_over(self._connection(ask), ask)[1]

    def _connection(self, ask: Ask) -> http.client.HTTPConnection:
        """One to each server."""
        origin = ask.origin or self._own
        if origin not in self._connections:
            self._connections[origin] = http.client.HTTPConnection(origin, timeout=REQUEST_SECONDS)
        return self._connections[origin]

    def _say(self, statuses: list[str], status: str) -> None:
        statuses.append(status)
        self._progress.update(self._task, description=f"The order is {status}")

    def _summarize(
        self, statuses: list[str], told: list[Received], secret: str, sold: Sold, taken: Taken, books: Books
    ) -> bool:
        good = sum(outcome.is_expected for outcome in self._outcomes)
        milliseconds = sum(outcome.milliseconds for outcome in self._outcomes)
        has_arrived = statuses[-1:] == ["DELIVERED"] and _is_told(told)
        is_sold = sold.is_charged_once and sold.charge["total"] == sold.cart["total"]
        is_told = all(is_genuine(one, secret) for one in told)
        is_told = is_told and taken.told is not None and is_genuine(taken.told, taken.secret)
        is_good = good == STEP_COUNT and has_arrived and is_sold and is_told and taken.is_good and books.is_good
        console.print(
            f"[{'green' if is_good else 'red'}]{good} of {STEP_COUNT} requests were answered as expected, in "
            f"{milliseconds:.0f} ms; the order is {statuses[-1] if statuses else 'unknown'}; {len(told)} events were told; the quote was charged "
            f"{'once' if is_sold else 'wrongly'}; payments were {'made' if taken.is_good else 'not made as they should be'} and the "
            f"books {'balance' if books.is_good else 'are not in order'}.[/]"
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
