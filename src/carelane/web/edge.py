"""The outermost layer of the server: gives every request an id, counts it, and writes one line about it.

A HEAD request is answered as a GET; that the body is left out is the protocol's work.

The line holds the route's template, never the path or the query: those can carry an e-mail address or a link's token.
"""

import os
import re
import time
import uuid
from typing import Any

import structlog
from litestar.types import ASGIApp, Message, Receive, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess, registry

from carelane.kit.errors import BodyTooSlowError

log = structlog.get_logger()

# What others leave in the request's state. Headers that all of a surface's answers carry, as pairs of bytes:
ANSWER_HEADERS = "answer_headers"
# What is to be called when the request has ended, however it ends:
AT_END = "at_end"
# That the connection has given up on the body:
TOO_SLOW = "too_slow"

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# Answers that name the methods of a route.
_WITH_ALLOW = frozenset({204, 405})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS = Counter("carelane_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram("carelane_request_seconds", "Seconds from request to answer", ["method", "route"], buckets=_BUCKETS)


class Edge:
    """Wraps the application; see the module's first lines."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, request_id, status = time.perf_counter(), _request_id(scope), 500
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        method: str = scope["method"]
        inner: Any = {**scope, "method": "GET"} if method == "HEAD" else scope

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.get("headers", ())
                if status in _WITH_ALLOW:
                    headers = [_with_head(name, value) for name, value in headers]
                own = state.get(ANSWER_HEADERS, ())
                message["headers"] = [*headers, *own, (b"x-request-id", request_id.encode())]
            await send(message)

        async def receive_in_time() -> Any:
            message = await receive()
            if state.get(TOO_SLOW):
                raise BodyTooSlowError("the body came too slowly")
            return message

        try:
            await self._app(inner, receive_in_time, send_with_id)
        finally:
            for act in state.get(AT_END, ()):
                act()
            _tell(method, inner.get("path_template"), request_id, status, time.perf_counter() - started)


def _request_id(scope: Any) -> str:
    """The caller's X-Request-Id when it is harmless, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else str(uuid.uuid4())
    return str(uuid.uuid4())


def _with_head(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return name, value + b", HEAD" if name.lower() == b"allow" and b"GET" in value else value


def _tell(method: str, template: str | None, request_id: str, status: int, seconds: float) -> None:
    method, route = method if method in _METHODS else "OTHER", template or "unknown"
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
