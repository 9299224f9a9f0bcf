"""A webhook receiver: a real HTTP server that keeps what it gets, byte for byte, and misbehaves as it is told, path by path."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web

MAX_BODY_BYTES = 64 * 1024 * 1024


class Received(msgspec.Struct, frozen=True):
    """One request; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes
    # Path and query as they were sent.
    target: str = ""

    @property
    def json(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """How a path answers, `times` times; after that with 200. `drop`: the connection is closed without an answer.

    `body_bytes`: the answer announces a body of so many bytes, and none of it ever comes. `body` comes with the answer; `is_endless`: over
    and over.
    """

    status: int = 200
    headers: dict[str, str] = {}
    delay_seconds: float = 0.0
    drop: bool = False
    body_bytes: int = 0
    body: bytes = b""
    is_endless: bool = False
    times: int = 1


class Receiver:
    """Listens on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.url = ""
        # Of answers that go on and on.
        self.sent_bytes = 0
        self._behaviours: dict[str, list[Behaviour]] = {}

    def behave(self, path: str, *behaviours: Behaviour) -> None:
        """What `path` does from now on, one behaviour after the other."""
        self._behaviours[path] = [one for behaviour in behaviours for one in [behaviour] * behaviour.times]

    def at(self, path: str) -> list[Received]:
        return [request for request in self.received if request.path == path]

    def events_at(self, path: str) -> list[str]:
        return [request.json["event"] for request in self.at(path)]

    async def until(self, look: Callable[["Receiver"], Any], seconds: float = 20.0) -> Any:
        """The first true thing that `look` returns."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            if found := look(self):
                return found
            assert asyncio.get_running_loop().time() < deadline, (
                f"waited {seconds} s in vain; {len(self.received)} requests came"
            )
            await asyncio.sleep(0.02)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.path, headers, body, request.raw_path))
        waiting = self._behaviours.get(request.path, [])
        behaviour = waiting.pop(0) if waiting else Behaviour()
        await asyncio.sleep(behaviour.delay_seconds)
        if behaviour.drop and request.transport is not None:
            request.transport.close()
        if behaviour.body_bytes:
            return await self._stall(request, behaviour)
        if behaviour.is_endless:
            return await self._go_on(request, behaviour)
        return web.Response(status=behaviour.status, headers=behaviour.headers, body=behaviour.body)

    async def _go_on(self, request: web.Request, behaviour: Behaviour) -> web.StreamResponse:
        answer = web.StreamResponse(status=behaviour.status, headers=behaviour.headers)
        await answer.prepare(request)
        while True:
            await answer.write(behaviour.body)
            self.sent_bytes += len(behaviour.body)

    async def _stall(self, request: web.Request, behaviour: Behaviour) -> web.StreamResponse:
        answer = web.StreamResponse(status=behaviour.status, headers=behaviour.headers)
        answer.content_length = behaviour.body_bytes
        await answer.prepare(request)
        await asyncio.sleep(60)
        return answer


@asynccontextmanager
async def running_receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_route("*", "/{rest:.*}", receiver.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()
