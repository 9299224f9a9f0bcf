"""The process of `carelane sms-simulator`: takes text messages as the provider would, and prints them.

It is for trying things out on one machine: it keeps what it got in memory and shows it to whoever asks `GET /messages`.
"""

import asyncio
import base64
import binascii
import secrets
import signal
import sys
from collections import deque

import msgspec
import uvloop
from aiohttp import web

from carelane.kit.errors import MendableError

# The oldest are forgotten.
MOST_KEPT = 1_000
MAX_BODY_BYTES = 65_536
# The provider refuses what is no number; a text to this one it cannot take just now.
# Refused for good, as no number that can be called.
REFUSED_NUMBER = "+15005550001"
BUSY_NUMBER = "+15550100503"
_STOP_SECONDS = 1.0


class CannotListenError(MendableError):
    """The simulator cannot listen on that address."""


class Text(msgspec.Struct, frozen=True):
    recipient: str
    sender: str
    text: str


class Simulator:
    """The provider: one account, whose token is `token`."""

    def __init__(self, account: str, token: str) -> None:
        self._account = account
        self._token = token
        self.texts: deque[Text] = deque(maxlen=MOST_KEPT)

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.post("/2010-04-01/Accounts/{account}/Messages.json", self.take),
            web.get("/messages", self.show),
        ]

    async def take(self, request: web.Request) -> web.Response:
        if not self._is_allowed(request):
            return _refusal(401, "Authenticate")
        form = await request.post()
        text = Text(str(form.get("To", "")), str(form.get("From", "")), str(form.get("Body", "")))
        if not text.recipient.startswith("+") or text.recipient == REFUSED_NUMBER or not text.text:
            return _refusal(400, "The 'To' number is not a valid phone number, or there is no text.")
        if text.recipient == BUSY_NUMBER:
            return _refusal(503, "Try again later")
        self.texts.append(text)
        sys.stdout.write(f"{text.sender} -> {text.recipient}\n{text.text}\n\n")
        sys.stdout.flush()
        return web.json_response({"sid": f"SM{secrets.token_hex(16)}", "status": "queued"}, status=201)

    async def show(self, _: web.Request) -> web.Response:
        return web.json_response([msgspec.structs.asdict(text) for text in self.texts])

    def _is_allowed(self, request: web.Request) -> bool:
        kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
        try:
            account, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return False
        is_known = account == self._account == request.match_info["account"]
        return kind == "Basic" and is_known and secrets.compare_digest(token.encode(), self._token.encode())


def serve(host: str, port: int, account: str, token: str) -> None:
    """Until SIGTERM or SIGINT. Prints one line when it is ready. Raises CannotListenError."""
    uvloop.run(_serve(host, port, Simulator(account, token)))


def make_app(simulator: Simulator) -> web.Application:
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.add_routes(simulator.routes())
    return app


async def _serve(host: str, port: int, simulator: Simulator) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(make_app(simulator), access_log=None, shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotListenError(f"cannot listen on {host}:{port} ({error.strerror}); choose with --port") from None
        bound_host, bound_port = runner.addresses[0][:2]
        shown_host = f"[{bound_host}]" if ":" in bound_host else bound_host
        sys.stdout.write(f"The SMS simulator is ready on http://{shown_host}:{bound_port}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"status": status, "message": message}, status=status)
