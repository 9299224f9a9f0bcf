"""The process of `carelane gateway-simulator`."""

import asyncio
import gc
import signal
import sys

import uvloop
from aiohttp import web

from carelane.kit.errors import MendableError
from carelane.payments.gateways.simulator import control, pages
from carelane.payments.gateways.simulator.accounts import Settings, World
from carelane.payments.gateways.simulator.answering import Api
from carelane.payments.gateways.simulator.operations import OPERATIONS
from carelane.payments.gateways.simulator.webhooks import Endpoint, Webhooks

MAX_BODY_BYTES = 1_048_576
_STOP_SECONDS = 1.0
_GARBAGE_THRESHOLD = 100_000


class CannotListenError(MendableError):
    """The simulator cannot listen on that address."""


def serve(host: str, port: int, settings: Settings, endpoints: list[Endpoint]) -> None:
    """Until SIGTERM or SIGINT. Prints one line when it is ready. Raises CannotListenError."""
    uvloop.run(_serve(host, port, settings, endpoints))


def make_app(world: World) -> web.Application:
    api = Api(world)
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    for operation in OPERATIONS:
        app.router.add_route(operation.method, operation.path, api.handler(operation))
    app.add_routes(control.routes(world, api))
    app.add_routes(pages.routes(world))
    app.router.add_route("*", "/v1/{path:.*}", api.unknown)
    return app


async def _serve(host: str, port: int, settings: Settings, endpoints: list[Endpoint]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # Whatever it remembers stays: looking through it for garbage again and again would take most of its time.
    gc.set_threshold(_GARBAGE_THRESHOLD, 50, 1_000)
    webhooks = Webhooks()
    webhooks.endpoints += endpoints
    world = World(webhooks, settings)
    runner = web.AppRunner(make_app(world), access_log=None, shutdown_timeout=_STOP_SECONDS)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotListenError(f"cannot listen on {host}:{port} ({error.strerror}); choose with --port") from None
        sys.stdout.write(f"The gateway simulator is ready on {_url(runner)}\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        world.reset()
        await webhooks.close()
        await runner.cleanup()


def _url(runner: web.AppRunner) -> str:
    host, port = runner.addresses[0][:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
