"""`carelane serve` with its real processes: they stop in order, and come back when they die."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from carelane.kit.embedded_postgres import EmbeddedPostgres
from carelane.processes.dispatcher import dispatch
from carelane.services import open_services
from carelane.settings import read_settings
from carelane.surfaces.docs.examples import CREATE_CASE
from tests.processes.smtp_sink import SmtpSink
from tests.processes.waiting import until
from tests.server import RunningServer, demo_data, running_program

# Our own children, and the database's: a process is known by what it was started with.
_SERVER, _WORKER = "server", "worker"


@pytest.fixture(scope="module")
def sink():
    with SmtpSink() as running:
        yield running


@pytest.fixture(scope="module")
def own(tmp_path_factory, sink):
    """A server of this module's own: its processes get killed."""
    folder = tmp_path_factory.mktemp("own") / "data"
    mail = {"smtp_host": "127.0.0.1", "smtp_port": str(sink.port), "smtp_starttls": "false"}
    mail["message_retry_seconds"] = "0.5"
    with running_program(folder, "--workers", "1", **mail) as running:
        yield running


@pytest.fixture(scope="module")
def clinic(own):
    """Once what the demo's own case calls for is done."""
    made = demo_data(own.data_dir)
    until(lambda: ask(own, "SELECT status FROM messages") == [("SENT",)])
    return made


def children(running: RunningServer, kind: str) -> list[psutil.Process]:
    found = psutil.Process(running.process.pid).children(recursive=True)
    return [child for child in found if {"carelane.processes.child", kind} <= set(_command(child))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        # Killed a moment ago, and not yet taken away by its parent.
        return []


def create(running: RunningServer, clinic: dict, email: str, **more: object) -> int:
    case = CREATE_CASE | {"user": CREATE_CASE["user"] | {"email": email}} | more
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=20)
    connection.request("POST", "/api/v1/cases", json.dumps(case), _headers(clinic))
    return connection.getresponse().status


def _headers(clinic: dict) -> dict[str, str]:
    return {"cv-api-key": str(clinic["apiKey"]), "Content-Type": "application/json"}


def answers(running: RunningServer) -> bool:
    try:
        connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=5)
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False


def ask(running: RunningServer, statement: str) -> list[tuple]:
    with psycopg.connect(EmbeddedPostgres(running.data_dir).owner_url) as conn:
        return conn.execute(statement).fetchall()


def test_mail_is_sent_in_the_end_by_a_server_that_refuses_at_first(own, clinic, sink):
    sink.refusals, before = 1, len(sink.messages)
    assert create(own, clinic, "mail@example.com") == 200
    until(lambda: len(sink.messages) > before)
    recipient, message = sink.messages[before]
    assert recipient == "cases@harbor-health.example"
    assert message["Subject"].startswith("[test] New case HAR-")
    text = message.get_payload()
    assert "Harbor Health" in text
    for word in ("John", "Doe", "mail@example.com", "138 lbs"):
        assert word not in text
    newest = "SELECT status, attempts FROM messages ORDER BY id DESC LIMIT 1"
    until(lambda: ask(own, newest) == [("SENT", 2)])


def test_an_abandoned_cart_calls_for_nothing(own, clinic, sink):
    before = len(sink.messages)
    assert create(own, clinic, "cart@example.com", status="ABANDONED") == 200
    until(lambda: ask(own, "SELECT count(*) FROM events WHERE dispatched_at IS NULL") == [(0,)])
    assert ask(own, "SELECT count(*) FROM messages WHERE status <> 'SENT'") == [(0,)]
    assert len(sink.messages) == before


async def test_the_dispatcher_takes_each_event_up_once(own, clinic):
    worker = children(own, _WORKER)[0]
    worker.suspend()
    try:
        assert create(own, clinic, "ids@example.com") == 200
        url = EmbeddedPostgres(own.data_dir).application_url
        async with open_services(read_settings({}, data_dir=own.data_dir, database_url=url)) as services:
            assert await dispatch(services) == 1
            assert await dispatch(services) == 0
    finally:
        worker.resume()


def test_a_killed_worker_is_started_again_and_goes_on(own, clinic, sink):
    before = len(sink.messages)
    killed = children(own, _WORKER)[0].pid
    os.kill(killed, signal.SIGKILL)
    assert create(own, clinic, "worker@example.com") == 200
    until(lambda: [child for child in children(own, _WORKER) if child.pid != killed])
    until(lambda: len(sink.messages) > before)


def test_a_killed_server_process_is_started_again(own, clinic):
    killed = children(own, _SERVER)[0].pid
    os.kill(killed, signal.SIGKILL)
    until(lambda: answers(own))
    assert children(own, _SERVER)[0].pid != killed


def test_a_killed_database_comes_back_with_every_case(own, clinic):
    assert create(own, clinic, "database@example.com") == 200
    database = EmbeddedPostgres(own.data_dir)
    killed = database.pid
    os.kill(killed, signal.SIGKILL)
    until(lambda: database.pid not in (None, killed))
    until(lambda: answers(own))
    assert ask(own, "SELECT count(*) FROM patients WHERE email = 'database@example.com'") == [(1,)]
    until(lambda: create(own, clinic, "after@example.com") == 200)


def metrics(running: RunningServer) -> dict[str, float]:
    """By name and labels."""
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=5)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


def test_metrics_of_all_processes_are_served(own):
    assert any(name.startswith("carelane_requests_total") for name in metrics(own))


def test_metrics_tell_how_much_waits_for_the_worker_also_while_it_stands_still(own, clinic):
    kinds = ("event", "assignment", "order", "delivery", "message", "timed_job")
    names = {kind: f'carelane_work_waiting{{kind="{kind}"}}' for kind in kinds}
    assert set(names.values()) <= set(metrics(own))
    until(lambda: all(metrics(own)[names[kind]] == 0 for kind in ("event", "order", "delivery", "message")))
    worker = children(own, _WORKER)[0]
    worker.suspend()
    try:
        assert create(own, clinic, "metrics@example.com") == 200
        until(lambda: metrics(own)[names["event"]] == 1)
        until(lambda: metrics(own)['carelane_work_oldest_seconds{kind="event"}'] > 0)
        until(lambda: metrics(own)[names["timed_job"]] > 0)
    finally:
        worker.resume()
    until(lambda: metrics(own)[names["event"]] == 0)


def test_metrics_have_the_workers_own_and_forget_what_a_dead_one_had_in_flight(own, clinic):
    ended = 'carelane_work_ended_total{kind="timed_job",outcome="done"}'
    until(lambda: metrics(own).get(ended, 0) > 0)
    before = children(own, _WORKER)[0]
    in_flight = list((own.data_dir / "run").glob(f"gauge_livesum_{before.pid}.db"))
    assert in_flight
    before.kill()
    until(lambda: not in_flight[0].exists())
    until(lambda: 'carelane_work_in_flight{kind="order"}' in metrics(own))


def test_one_data_folder_serves_once(own):
    command = [sys.executable, "-m", "carelane", "serve", "--port", "0", "--data-dir", str(own.data_dir)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 2
    assert second.stderr.strip() == (
        f"carelane: a `carelane serve` runs on {own.data_dir}; choose another folder with --data-dir"
    )


def test_a_taken_port_is_said_in_one_line(own, tmp_path):
    port = urlsplit(own.url).port
    command = [sys.executable, "-m", "carelane", "serve", "--port", str(port), "--data-dir", str(tmp_path / "data")]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 2
    assert second.stderr.startswith(f"carelane: cannot listen on 127.0.0.1:{port} (Address already in use)")
    assert len(second.stderr.strip().splitlines()) == 1


def _begin_request(running: RunningServer, clinic: dict, body: bytes) -> socket.socket:
    """Sends all but the last byte of a create-case request, and waits until a server process has it in hand."""
    parts = urlsplit(running.url)
    caller = socket.create_connection((parts.hostname, parts.port), timeout=20)
    headers = "".join(f"{name}: {value}\r\n" for name, value in _headers(clinic).items())
    head = f"POST /api/v1/cases HTTP/1.1\r\nHost: {parts.netloc}\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
    caller.sendall(head.encode() + body[:-1])
    time.sleep(0.3)
    return caller


def _stop_with_a_request_in_hand(folder: Path) -> None:
    with running_program(folder, "--workers", "2") as running:
        clinic = demo_data(folder)
        body = json.dumps(CREATE_CASE).encode()
        caller = _begin_request(running, clinic, body)
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        caller.sendall(body[-1:])
        assert caller.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert running.process.wait(20) == 0
    assert EmbeddedPostgres(folder).pid is None


def _start_again_and_be_killed(folder: Path) -> int:
    with running_program(folder, "--workers", "2") as running:
        processes = psutil.Process(running.process.pid).children(recursive=True)
        running.process.kill()
        _, alive = psutil.wait_procs(processes, timeout=10)
        assert not alive, "a child outlived the supervisor"
        port = urlsplit(running.url).port
    assert EmbeddedPostgres(folder).pid is not None
    assert port is not None
    return port


def test_sigterm_finishes_the_request_in_hand_and_kill_9_leaves_nothing_in_the_way(tmp_path):
    folder = tmp_path / "data"
    _stop_with_a_request_in_hand(folder)
    port = _start_again_and_be_killed(folder)
    with running_program(folder, "--port", str(port), "--no-worker") as running:
        # The one in hand, and the demo's own.
        assert ask(running, "SELECT count(*) FROM cases") == [(2,)]
        assert not children(running, _WORKER)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
