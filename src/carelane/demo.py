"""`carelane demo`: a real server in a folder of its own, and the story of a case told to it over HTTP."""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from carelane.demo_story import STEP_COUNT, Ask, tell
from carelane.kit.errors import MendableError

START_SECONDS = 120
REQUEST_SECONDS = 30
STOP_SECONDS = 60
_READY = "Carelane is ready on "

# Without a terminal there is no width to keep to.
console = Console(width=None if sys.stdout.isatty() else 130)


class DemoError(MendableError):
    """The demo's server did not start."""


class Outcome(msgspec.Struct, frozen=True):
    ask: Ask
    status: int
    milliseconds: float

    @property
    def is_expected(self) -> bool:
        return self.status == self.ask.expected_status


def run(*, keep: bool) -> int:
    """0 when every request was answered as it should be, else 1."""
    with ExitStack() as stack:
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carelane-demo-")))
        started = time.perf_counter()
        with console.status("Starting PostgreSQL, migrations, server and worker …"):
            url = stack.enter_context(_server(data_dir))
            ready_seconds = time.perf_counter() - started
            demo = _demo_data(data_dir)
        console.print(f"Ready on {url} after {ready_seconds:.1f} s, in {data_dir}")
        outcomes = _tell(url, demo)
        _summarize(outcomes)
        if keep:
            _stay(url, demo)
    return 0 if len(outcomes) == STEP_COUNT and all(outcome.is_expected for outcome in outcomes) else 1


@contextmanager
def _server(data_dir: Path) -> Iterator[str]:
    """A server on a free port, stopped again at the end of the block; yields its URL."""
    command = [*_carelane(), "serve", "--host", "127.0.0.1", "--port", "0", "--data-dir", str(data_dir)]
    log = data_dir / "server.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True) as server,  # noqa: S603
    ):
        try:
            line = server.stdout.readline() if server.stdout else ""
            if not line.startswith(_READY):
                raise DemoError(f"the server did not start:\n{log.read_text()[-2000:]}")
            yield line.removeprefix(_READY).strip()
        finally:
            server.terminate()
            server.wait(STOP_SECONDS)


def _demo_data(data_dir: Path) -> dict[str, Any]:
    command = [*_carelane(), "demo-data", "--json", "--data-dir", str(data_dir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=START_SECONDS)  # noqa: S603
    if done.returncode != 0:
        raise DemoError(f"no demo data: {done.stderr[-2000:]}")
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def _carelane() -> list[str]:
    return [sys.executable, "-P", "-m", "carelane"]


def _tell(url: str, demo: dict[str, Any]) -> list[Outcome]:
    """Sends the story's requests, one row each as they are answered."""
    table = Table("request", "method", "path", "status", "expected", "ms", box=None, pad_edge=False)
    progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    task = progress.add_task("Requests", total=STEP_COUNT)
    outcomes: list[Outcome] = []
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=REQUEST_SECONDS)

    def send(ask: Ask) -> Any:
        outcome, answer = _send(connection, ask)
        outcomes.append(outcome)
        table.add_row(*_row(outcome))
        progress.update(task, advance=1, description=ask.title)
        return answer

    with Live(Group(table, progress), console=console):
        tell(send, demo)
        progress.update(task, description="Done")
    if not console.is_terminal:
        console.print()
    connection.close()
    return outcomes


def _send(connection: http.client.HTTPConnection, ask: Ask) -> tuple[Outcome, Any]:
    started = time.perf_counter()
    connection.request(ask.method, ask.path, ask.body, ask.headers)
    response = connection.getresponse()
    text = response.read()
    milliseconds = (time.perf_counter() - started) * 1000
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    return Outcome(ask, response.status, milliseconds), answer


def _row(outcome: Outcome) -> tuple[str, ...]:
    ask = outcome.ask
    path = ask.path if len(ask.path) <= 60 else ask.path[:59] + "…"
    verdict = "[green]yes[/]" if outcome.is_expected else f"[red]no, {ask.expected_status}[/]"
    return ask.title, ask.method, path, str(outcome.status), verdict, f"{outcome.milliseconds:.1f}"


def _summarize(outcomes: list[Outcome]) -> None:
    good = sum(outcome.is_expected for outcome in outcomes)
    milliseconds = sum(outcome.milliseconds for outcome in outcomes)
    style = "green" if good == STEP_COUNT else "red"
    console.print(f"[{style}]{good} of {STEP_COUNT} requests were answered as expected, in {milliseconds:.0f} ms.[/]")


def _stay(url: str, demo: dict[str, Any]) -> None:
    console.print(f"\nCarelane runs on {url} until you press Ctrl-C.")
    for name in ("organizationId", "apiKey", "clientId", "clientSecret", "productId", "bundleId"):
        console.print(f"  {name:15} {demo[name]}", highlight=False, soft_wrap=True)
    console.print(
        f"\ncurl '{url}/api/v1/organization/bundles?isVisible=true' -H 'cv-api-key: {demo['apiKey']}'",
        highlight=False,
        soft_wrap=True,
    )
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("Stopping …")
