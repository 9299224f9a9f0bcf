"""The process of `carelane pharmacy-simulator`."""

import asyncio
import signal
import sys

import uvloop
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from carelane.kit.errors import MendableError
from carelane.pharmacies.adapters.signing import require_signed
from carelane.pharmacies.errors import CallbackRefusedError
from carelane.pharmacies.simulator import control, fhir_dialect, http_dialect
from carelane.pharmacies.simulator.orders import Pace
from carelane.pharmacies.simulator.pharmacy import Pharmacy, Writer

MAX_BODY_BYTES = 67_108_864
_STOP_SECONDS = 1.0


class CannotListenError(MendableError):
    """The simulator cannot listen on that address."""


def serve(host: str, port: int, secret: str, pace: Pace) -> None:
    """Until SIGTERM or SIGINT. Prints one line when it is ready. Raises CannotListenError."""
    uvloop.run(_serve(host, port, Pharmacy(secret.encode(), pace, _WRITERS)))


def make_app(pharmacy: Pharmacy) -> web.Application:
    app = web.Application(middlewares=[_signed(pharmacy.secret)], client_max_size=MAX_BODY_BYTES)
    app.add_routes(http_dialect.HttpDialect(pharmacy).routes())
    app.add_routes(fhir_dialect.FhirDialect(pharmacy).routes())
    app.add_routes(control.routes(pharmacy))
    return app


_WRITERS: dict[str, Writer] = {"http": http_dialect.write_callback, "fhir": fhir_dialect.write_callback}


async def _serve(host: str, port: int, pharmacy: Pharmacy) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    runner = web.AppRunner(make_app(pharmacy), access_log=None, shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotListenError(f"cannot listen on {host}:{port} ({error.strerror}); choose with --port") from None
        sys.stdout.write(f"The pharmacy simulator is ready on {_url(runner)}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await pharmacy.close()
        await runner.cleanup()


def _url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _signed(secret: bytes) -> Middleware:
    """Refuses what is not signed with `secret`, except questions about the simulator itself."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith(control.PREFIX):
            headers = {name.lower(): value for name, value in request.headers.items()}
            payload = await request.read() if request.can_read_body else request.raw_path.encode()
            try:
                require_signed(secret, headers, payload)
            except CallbackRefusedError:
                return web.Response(status=401, text="The signature is missing, wrong or old\n")
        return await handler(request)

    return check
