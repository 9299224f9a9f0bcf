"""Outgoing HTTP: whether a request perhaps arrived. Against real sockets."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from carelane.kit.http import NotSentError, OutcomeUnknownError, TargetRefusedError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Name: Value\r\n\r\nok"


@asynccontextmanager
async def answering(raw, *, rest=b"", drop=False, stays=False, seconds=0.0):
    """A server that reads a request and writes `raw`, then the `rest`; its port, and the heads of the requests that arrived.
    With `stays` it does not close the connection."""
    heads = []

    async def handle(reader, writer):
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        await asyncio.sleep(seconds)
        writer.write(raw)
        if not drop:
            await writer.drain()
        if rest:
            await asyncio.sleep(0.05)
            writer.write(rest)
        if not stays:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heads
    finally:
        server.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_an_answer_comes_whole(loopback):
    async with answering(OK) as (port, heads):
        answer = await loopback.send("POST", f"http://127.0.0.1:{port}/a?b=c", body=b"{}", timeout_seconds=5)
    assert (answer.status, answer.headers["x-name"], answer.body) == (200, "Value", b"ok")
    assert heads[0].startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert "ok" not in repr(answer)


async def test_nothing_is_asked_for_that_would_have_to_be_unpacked(loopback):
    async with answering(OK) as (port, heads):
        await loopback.send("GET", f"http://127.0.0.1:{port}/", timeout_seconds=5)
    assert b"\r\nAccept-Encoding: identity\r\n" in heads[0]


async def test_a_redirect_is_an_answer_and_not_followed(loopback):
    async with answering(OK) as (elsewhere, heads):
        moved = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % elsewhere
        async with answering(moved) as (port, _):
            answer = await loopback.send("POST", f"http://127.0.0.1:{port}/", body=b"secret", timeout_seconds=5)
    assert (answer.status, heads) == (307, [])


async def test_cookies_are_not_kept(loopback):
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    async with answering(cookie) as (port, heads):
        for _ in range(2):
            await loopback.send("GET", f"http://127.0.0.1:{port}/", timeout_seconds=5)
    assert [head for head in heads if b"cookie" in head.lower()] == []


# ---- did it arrive?


async def test_a_closed_port_got_nothing(loopback):
    with pytest.raises(NotSentError):
        await loopback.send("POST", f"http://127.0.0.1:{free_port()}/", body=b"{}", timeout_seconds=5)


async def test_a_name_that_leads_nowhere_got_nothing(loopback):
    with pytest.raises(NotSentError):
        await loopback.send("POST", "http://nowhere.invalid/", body=b"{}", timeout_seconds=5)


async def test_a_server_without_tls_got_nothing(loopback):
    """It waits for a request in the clear, and no handshake comes about."""
    async with answering(OK) as (port, heads):
        with pytest.raises(NotSentError):
            await loopback.send("POST", f"https://127.0.0.1:{port}/", body=b"{}", timeout_seconds=1)
    assert heads == []


async def test_a_server_that_takes_no_connection_in_time_got_nothing(loopback):
    """Its queue is full: nobody accepts, so no byte of the request leaves."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        try:
            for one in waiting:
                one.setblocking(False)
                one.connect_ex(full.getsockname())
            with pytest.raises(NotSentError):
                await loopback.send("POST", f"http://127.0.0.1:{full.getsockname()[1]}/", timeout_seconds=0.5)
        finally:
            for one in waiting:
                one.close()


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", b"nonsense\r\n\r\n"])
async def test_a_connection_that_breaks_leaves_it_unknown(loopback, raw):
    async with answering(raw, drop=True) as (port, heads):
        with pytest.raises(OutcomeUnknownError):
            await loopback.send("POST", f"http://127.0.0.1:{port}/", body=b"{}", timeout_seconds=5)
    assert len(heads) == 1


async def test_a_server_that_is_too_slow_leaves_it_unknown(loopback):
    async with answering(OK, seconds=2) as (port, _):
        with pytest.raises(OutcomeUnknownError):
            await loopback.send("POST", f"http://127.0.0.1:{port}/", body=b"{}", timeout_seconds=0.2)


@pytest.mark.parametrize("head", [b"Content-Length: 11\r\n\r\n", b"Connection: close\r\n\r\n"])
async def test_an_answer_that_is_too_large_is_not_read(loopback, head):
    async with answering(b"HTTP/1.1 200 OK\r\n" + head + b"x" * 11) as (port, _):
        url = f"http://127.0.0.1:{port}/"
        with pytest.raises(OutcomeUnknownError):
            await loopback.send("GET", url, timeout_seconds=5, most_bytes=10)
        assert len((await loopback.send("GET", url, timeout_seconds=5, most_bytes=11)).body) == 11


@pytest.mark.parametrize(
    "begun", [b"Content-Length: 100\r\n\r\nhalf", b"Connection: close\r\n\r\nhalf", b"Content-Len"]
)
async def test_an_answer_that_stalls_leaves_it_unknown(loopback, begun):
    """The error that aiohttp raises then is the built-in TimeoutError, and none of its own."""
    async with answering(b"HTTP/1.1 200 OK\r\n" + begun, stays=True) as (port, _):
        with pytest.raises(OutcomeUnknownError):
            await loopback.send("POST", f"http://127.0.0.1:{port}/", body=b"{}", timeout_seconds=0.5)


@pytest.mark.parametrize(
    "after",
    [
        b"Content-Length: 100\r\n\r\nhalf", b"Content-Length: 100\r\n\r\n", b"Connection: close\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabc",
        b"Content-Length: 99999999999\r\n\r\n" + b"x" * 1_000_000,
    ],
)  # fmt: skip
async def test_without_its_body_an_answer_is_there_with_its_headers(loopback, after):
    async with answering(b"HTTP/1.1 202 Accepted\r\nX-Name: Value\r\n" + after, stays=True) as (port, heads):
        url = f"http://127.0.0.1:{port}/"
        for _ in range(2):
            answer = await loopback.send("POST", url, body=b"{}", timeout_seconds=5, glance_bytes=0)
            assert (answer.status, answer.headers["x-name"], answer.body) == (202, "Value", b"")
    assert len(heads) == 2


@pytest.mark.parametrize("cut", [0, 25, 26, 27])
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\nA: bcdef\r\n\r\nx",
        b"HTTP/1.1 202 A\r\nContent-Length: 1\r\n\r\nxEXTRA",
    ],
)
async def test_a_body_against_the_rules_of_http_does_not_hide_the_status(loopback, answer, cut):
    async with answering(answer[:cut], rest=answer[cut:], stays=True) as (port, _):
        url = f"http://127.0.0.1:{port}/"
        got = await loopback.send("POST", url, body=b"{}", timeout_seconds=5, glance_bytes=0)
    assert got.status in {200, 202, 204}


@pytest.mark.parametrize(
    "target",
    ["/a?b=%2Fc%3A", "/a%2Fb/%7e?x=a+b%20c&y=%C3%A9&z=[1]", "/a/../b/./c?d=//e", "/?a=b&a=b", "/%", "/a?b=1%2"],
)
async def test_a_target_is_sent_as_it_was_written(loopback, target):
    async with answering(OK) as (port, heads):
        await loopback.send("GET", f"http://127.0.0.1:{port}{target}#fragment", timeout_seconds=5)
    assert heads[0].split(b" ")[1] == target.encode()


@pytest.mark.parametrize(("target", "sent"), [("/ä?ö=ü", "/%C3%A4?%C3%B6=%C3%BC"), ("/a b", "/a%20b"), ("", "/")])
async def test_what_cannot_be_sent_as_it_was_written_is_encoded(loopback, target, sent):
    async with answering(OK) as (port, heads):
        await loopback.send("GET", f"http://127.0.0.1:{port}{target}", timeout_seconds=5)
    assert heads[0].split(b" ")[1] == sent.encode()


@pytest.mark.parametrize("name", ["a..b", "a" * 64 + ".example", ".example", "a" * 300, "xn--a", "-", "a_b.invalid"])
async def test_a_name_that_is_none_got_nothing(loopback, name):
    with pytest.raises(NotSentError):
        await loopback.send("POST", f"http://{name}/", body=b"{}", timeout_seconds=5)
    with pytest.raises(TargetRefusedError):
        await loopback.require_public(f"http://{name}/")


async def late_body(request: web.Request) -> web.StreamResponse:
    """The head at once, the body a moment later: whoever closes after the head loses the connection."""
    answer = web.StreamResponse()
    answer.content_length = int(request.query["bytes"])
    await answer.prepare(request)
    await asyncio.sleep(0.05)
    await answer.write(b"x" * answer.content_length)
    PEERS.append(request.transport.get_extra_info("peername"))
    return answer


PEERS: list[tuple[str, int]] = []


@pytest.mark.parametrize("size", [2, 8_192])
async def test_a_short_body_that_nobody_wants_costs_no_connection_and_no_time(loopback, size):
    application = web.Application()
    application.router.add_post("/", late_body)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/?bytes={size}"
    PEERS.clear()
    waits: list[float] = []
    for _ in range(3):
        began = time.monotonic()
        await loopback.send("POST", url, body=b"{}", timeout_seconds=5, glance_bytes=0)
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.2)
    await runner.cleanup()
    assert len(set(PEERS)) == 1
    # One at least did not wait for the body, however busy the machine is.
    assert min(waits) < 0.05
