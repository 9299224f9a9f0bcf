"""What one caller can do with connections alone: none of it keeps others out for long, costs much memory, or stays unseen."""

import asyncio
import contextlib
import json
import re
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from tests.processes.waiting import until
from tests.server import RunningServer, prepared, running_program

PATIENCE_SECONDS = 1.0
MOST, MOST_OF_ONE = 40, 30
MIB = 1_048_576
HEAD = b"GET /health/live HTTP/1.1\r\nhost: x\r\n"
# No credential is needed for it, and its body is read.
FORM = b"POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """A server of one process that has little patience and few places."""
    settings = {"patience_seconds": str(PATIENCE_SECONDS), "max_connections": str(MOST), "workers": "1"}
    settings |= {"max_connections_per_address": str(MOST_OF_ONE)}
    with running_program(prepared(tmp_path_factory.mktemp("narrow") / "data"), "--no-worker", **settings) as running:
        yield running


def connect(server: RunningServer, source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=20, source_address=(source, 0))


@contextlib.contextmanager
def connected(server: RunningServer, *sent: bytes, count: int = 1):
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(connect(server)) for _ in range(count)]
        for caller in callers:
            with contextlib.suppress(ConnectionError):
                for part in sent:
                    caller.sendall(part)
        yield callers


def read_all(caller: socket.socket) -> bytes:
    """Whatever comes until the other side closes."""
    parts = []
    with contextlib.suppress(ConnectionError):
        while part := caller.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def lines_of(server: RunningServer) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(f"{server.data_dir}.log").read_text().splitlines()]


def refusals(server: RunningServer, reason: str) -> list[dict[str, object]]:
    return [line for line in lines_of(server) if line["event"] == "connections_refused" and line["name"] == reason]


def process_of(server: RunningServer) -> psutil.Process:
    children = psutil.Process(server.process.pid).children(recursive=True)
    return next(child for child in children if "server" in child.cmdline())


def is_well(server: RunningServer) -> bool:
    return httpx.get(f"{server.url}/health/live", timeout=10).status_code == 200


# ---- heads


@pytest.mark.parametrize(
    "more",
    [
        b"x: " + b"a" * 40_000 + b"\r\n\r\n",
        b"".join(b"x%d: %s\r\n" % (number, b"a" * 400) for number in range(99)) + b"\r\n",
        b"".join(b"x%d: a\r\n" % number for number in range(200)) + b"\r\n",
        b"x: " + b"a" * 200_000,
    ],
)
def test_a_head_that_is_too_large_is_431(narrow, more):
    with connected(narrow, HEAD, more) as (caller,):
        assert read_all(caller).startswith(b"HTTP/1.1 431 ")
    assert is_well(narrow)


def test_a_target_that_is_too_long_is_431(narrow):
    with connected(narrow, b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n") as (caller,):
        assert read_all(caller).startswith(b"HTTP/1.1 431 ")


def test_a_hundred_mib_of_headers_cost_nothing(narrow):
    process = process_of(narrow)
    before = process.memory_info().rss
    with connected(narrow, HEAD) as (caller,), contextlib.suppress(ConnectionError):
        for _ in range(100):
            caller.sendall(b"x: " + b"a" * MIB + b"\r\n")
    assert process.memory_info().rss - before < 10 * MIB


def test_trailers_are_headers_too(narrow):
    chunked = FORM + b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    with connected(narrow, chunked, b"x: " + b"a" * 40_000 + b"\r\n\r\n") as (caller,):
        assert b" 200 " not in read_all(caller)
    assert is_well(narrow)


def test_a_usual_head_with_large_cookies_passes(narrow):
    with connected(narrow, HEAD, b"connection: close\r\ncookie: " + b"a" * 16_000 + b"\r\n\r\n") as (caller,):
        assert read_all(caller).startswith(b"HTTP/1.1 200 ")


def test_the_next_request_of_a_connection_is_counted_from_its_own_beginning(narrow):
    with connected(narrow) as (caller,):
        for _ in range(5):
            caller.sendall(HEAD + b"x: " + b"a" * 16_000 + b"\r\n\r\n")
            assert b" 431 " not in caller.recv(65_536)
        caller.sendall(HEAD + b"connection: close\r\n\r\n")
        assert read_all(caller).count(b"HTTP/1.1 200 ") >= 1


@pytest.mark.parametrize("begun", [b"GET /health", HEAD, HEAD + b"x: "])
def test_a_head_that_does_not_end_is_408(narrow, begun):
    started = time.monotonic()
    with connected(narrow, begun) as (caller,):
        assert read_all(caller).startswith(b"HTTP/1.1 408 ")
    assert PATIENCE_SECONDS <= time.monotonic() - started < 10


def test_a_head_that_trickles_is_408(narrow):
    with connected(narrow, HEAD) as (caller,):
        with contextlib.suppress(ConnectionError):
            for _ in range(50):
                caller.sendall(b"x")
                time.sleep(0.1)
        assert read_all(caller).startswith(b"HTTP/1.1 408 ")


def test_a_connection_that_says_nothing_is_closed_without_a_word(narrow):
    with connected(narrow) as (caller,):
        assert read_all(caller) == b""


def test_many_half_sent_requests_are_gone_after_the_patience_and_told_in_one_line(narrow):
    before = len(refusals(narrow, "slow_head"))
    with connected(narrow, HEAD, count=MOST_OF_ONE - 5) as callers:
        assert is_well(narrow)
        assert all(b" 408 " in read_all(caller) for caller in callers)
    told = until(lambda: refusals(narrow, "slow_head")[before:], 15)
    assert len(told) <= 2


# ---- bodies


def test_a_body_that_stops_is_408_in_the_dialects_shape(narrow):
    with connected(narrow, FORM + b"content-length: 100\r\n\r\n", b"a=b") as (caller,):
        answer = read_all(caller)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "invalid_request"


def test_a_body_that_trickles_is_408(narrow):
    with connected(narrow, FORM + b"content-length: 8000\r\n\r\n") as (caller,):
        with contextlib.suppress(ConnectionError):
            for _ in range(50):
                caller.sendall(b"a")
                time.sleep(0.1)
        assert read_all(caller).startswith(b"HTTP/1.1 408 ")


def test_a_body_at_a_slow_but_sufficient_rate_passes(narrow):
    with connected(narrow, FORM + b"connection: close\r\ncontent-length: 8000\r\n\r\n") as (caller,):
        for _ in range(40):
            caller.sendall(b"a" * 200)
            time.sleep(0.1)
        assert read_all(caller).startswith(b"HTTP/1.1 400 ")


def test_who_is_answered_early_does_not_send_for_ever(narrow):
    """The length that it announces is too much, so the answer comes before the body."""
    started = time.monotonic()
    with connected(narrow, FORM + b"transfer-encoding: chunked\r\n\r\n") as (caller,), contextlib.suppress(OSError):
        while time.monotonic() - started < 20:
            caller.sendall(b"400\r\n" + b"a" * 1024 + b"\r\n")
            time.sleep(0.05)
    assert time.monotonic() - started < 15


# ---- places


def test_one_address_has_its_places_and_others_have_theirs(narrow):
    before = len(refusals(narrow, "address"))
    with connected(narrow, HEAD, count=MOST_OF_ONE) as _, connected(narrow, HEAD + b"\r\n") as (refused,):
        assert read_all(refused).startswith(b"HTTP/1.1 503 ")
        with connect(narrow, "127.0.0.2") as other:
            other.sendall(HEAD + b"connection: close\r\n\r\n")
            assert read_all(other).startswith(b"HTTP/1.1 200 ")
    assert until(lambda: refusals(narrow, "address")[before:], 15)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """As it comes, but for the number of places: nobody said how many an address may have."""
    settings = {"max_connections": str(MOST), "workers": "1", "trusted_proxies": "127.0.0.0/30"}
    with running_program(prepared(tmp_path_factory.mktemp("usual") / "data"), "--no-worker", **settings) as running:
        yield running


def test_a_proxy_has_all_the_places_there_are(usual):
    """All callers come from its address."""
    with connected(usual, HEAD, count=MOST - 1):
        assert is_well(usual)


def test_a_stranger_has_half_of_them(usual):
    with contextlib.ExitStack() as stack:
        for _ in range(MOST // 2):
            stack.enter_context(connect(usual, "127.0.0.9")).sendall(HEAD)
        refused = stack.enter_context(connect(usual, "127.0.0.9"))
        refused.sendall(HEAD + b"\r\n")
        assert read_all(refused).startswith(b"HTTP/1.1 503 ")
        assert is_well(usual)


async def test_load_from_one_address_is_not_refused(usual):
    """Three times as many requests at once as there are places, as a proxy sends them that keeps its connections."""
    limits = httpx.Limits(max_connections=MOST - 2, max_keepalive_connections=MOST - 2)
    async with httpx.AsyncClient(base_url=usual.url, timeout=60, limits=limits) as client:
        answers = await asyncio.gather(*(client.get("/health/ready") for _ in range(3 * MOST)))
    assert {answer.status_code for answer in answers} == {200}


def test_who_is_kept_open_and_asks_nothing_makes_room(narrow):
    with connected(narrow, HEAD + b"\r\n", count=MOST_OF_ONE) as callers:
        assert all(caller.recv(4096).startswith(b"HTTP/1.1 200 ") for caller in callers)
        assert is_well(narrow)


def test_requests_sent_ahead_are_answered_in_order_up_to_a_number(narrow):
    with connected(narrow, (HEAD + b"\r\n") * 500) as (caller,):
        answer = read_all(caller)
    assert 10 <= answer.count(b"HTTP/1.1 200 OK") < 100


def test_an_answer_that_nobody_reads_is_not_kept_for_ever(narrow):
    """Only that it does no harm to others: how long it is kept is longer than a test should take."""
    with connected(narrow, (b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n") * 10, count=5):
        assert is_well(narrow)


# ---- in sum


async def test_an_attack_with_all_of_it_leaves_memory_as_it_was(narrow):
    process = process_of(narrow)
    before = process.memory_info().rss
    for _ in range(3):
        with contextlib.ExitStack() as stack:
            for sent in (HEAD, HEAD + b"x: " + b"a" * 30_000, FORM + b"content-length: 8000\r\n\r\n" + b"a" * 7_000):
                stack.enter_context(connected(narrow, sent, count=9))
            await asyncio.sleep(0.5)
    assert until(lambda: is_well(narrow), 15)
    assert process.memory_info().rss - before < 20 * MIB


def test_refusals_are_counted(narrow):
    with connected(narrow, HEAD, b"x: " + b"a" * 40_000 + b"\r\n\r\n") as (caller,):
        read_all(caller)
    text = httpx.get(f"{narrow.url}/metrics", timeout=10).text
    assert re.search(r'^carelane_connections_refused_total\{[^}]*reason="large_head"[^}]*\} [1-9]', text, re.MULTILINE)
