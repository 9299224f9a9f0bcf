"""What monitoring asks: is it alive, is it ready, what are its numbers."""

import asyncio

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
    """Whether the server can do its work: 503 while the database cannot be reached."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await services.db.ping()
    except TimeoutError:
        raise UnavailableError(f"the database did not answer within {READY_SECONDS:g} seconds") from None
    return {"status": "ok"}


@routes.get("/metrics", "Metrics", media_type="text/plain")
async def get_metrics(state: State) -> Response[bytes]:
    """Prometheus metrics of all server processes and the worker, and how much work waits. Holds counts and times only."""
    # It reads a file for each process.
    metrics = await asyncio.to_thread(render_metrics) + await state.backlog.render()
    return Response(metrics, media_type="text/plain; version=0.0.4; charset=utf-8")
