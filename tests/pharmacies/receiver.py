"""A place that pharmacies call back to: keeps what arrives, and can refuse the first messages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web


class Received(msgspec.Struct):
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    def __init__(self, refuse_first: int) -> None:
        self.url = ""
        self.received: asyncio.Queue[Received] = asyncio.Queue()
        self.refused_count = 0
        self._refuse_first = refuse_first

    async def take(self, request: web.Request) -> web.Response:
        if self.refused_count < self._refuse_first:
            self.refused_count += 1
            return web.Response(status=500)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.put_nowait(Received(headers, await request.read()))
        return web.Response(status=204)


@asynccontextmanager
async def receiving(refuse_first: int = 0) -> AsyncIterator[Receiver]:
    receiver = Receiver(refuse_first)
    async with serving(receiver.take) as url:
        receiver.url = f"{url}/callbacks"
        yield receiver


@asynccontextmanager
async def serving(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A server on a free port of loopback that gives every request to `handler`; its URL."""
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
