"""What monitoring asks: is it alive, is it ready, what are its numbers."""

import asyncio
from collections.abc import Awaitable

from litestar import Response
from litestar.datastructures import State
from litestar.di import NamedDependency

from carelane.kit.errors import UnavailableError
from carelane.services import Services
from carelane.web.edge import render_metrics
from carelane.web.routes import Routes

# A load balancer asks every few seconds and wants its answer before it gives up itself.
READY_SECONDS = 2.0

routes = Routes(tag="Health")


@routes.get("/health/live", "Is it alive?")
async def get_live() -> dict[str, str]:
    """Whether the process answers at all."""
    return {"status": "ok"}


@routes.get("/health/ready", "Is it ready?")
async def get_ready(services: NamedDependency[Services]) -> dict[str, str]:
    """Whether the server can do its work: 503 while the database cannot be reached, or the document store takes no files."""
    await _in_time(services.db.ping(), "the database")
    await _in_time(services.storage.require_writable(), "the document store")
    return {"status": "ok"}


async def _in_time(asked: Awaitable[None], name: str) -> None:
    try:
        async with asyncio.timeout(READY_SECONDS / 2):
            await asked
    except TimeoutError:
        raise UnavailableError(f"{name} did not answer within {READY_SECONDS / 2:g} seconds") from None


@routes.get("/metrics", "Metrics", media_type="text/plain")
async def get_metrics(state: State) -> Response[bytes]:
    """Prometheus metrics of all server processes and the worker, and how much work waits. Holds counts and times only."""
    # It reads a file for each process.
    metrics = await asyncio.to_thread(render_metrics) + await state.backlog.render()
    return Response(metrics, media_type="text/plain; version=0.0.4; charset=utf-8")
