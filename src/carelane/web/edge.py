"""The outermost layer of the server: gives every request an id, counts it, and writes one line about it.

The line holds the route's template, never the path or the query: those can carry an e-mail address or a link's token.
"""

import os
import re
import time
import uuid
from typing import Any

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, registry

log = structlog.get_logger()

# Where a surface leaves headers that its answers carry, whatever is answered: pairs of bytes in the request's state.
ANSWER_HEADERS = "answer_headers"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("carelane_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("carelane_request_seconds", "Seconds from request to answer", ["method", "route"], buckets=_BUCKETS)


class Edge:
    """Wraps the application; see the module's first lines."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) != "http":
            await self._app(scope, receive, send)
            return
        started, request_id, status = time.perf_counter(), _request_id(scope), 500
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = scope["state"].get(ANSWER_HEADERS, ())
                message["headers"] = [*message.get("headers", ()), *own, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            _tell(scope, request_id, status, time.perf_counter() - started)


def _request_id(scope: Scope) -> str:
    """The caller's X-Request-Id when it is harmless, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else str(uuid.uuid4())
    return str(uuid.uuid4())


def _tell(scope: Any, request_id: str, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    route = scope.get("path_template") or "unknown"
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 2),
        request_id=request_id,
    )


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def render_metrics() -> bytes:
    """All processes' metrics in Prometheus's text format; with one process only, its own."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(registry.REGISTRY)
    collected = CollectorRegistry()
    multiprocess.MultiProcessCollector(collected)  # type: ignore[no-untyped-call]
    return generate_latest(collected)
