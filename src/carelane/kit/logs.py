"""Logs: one JSON object a line on standard error, with an allow-list of keys.

A key that is not on the list is dropped, whoever logs it, so that health information cannot slip out with a new field.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_KEYS = frozenset({
    "event", "level", "timestamp", "process", "request_id", "method", "route", "status", "milliseconds", "error", "where",
    "organization_id", "case_id", "event_id", "payment_id", "job", "job_id", "attempt", "count", "seconds", "pid", "name", "exit_code",
    "address", "workers", "version", "place", "row_id",
})  # fmt: skip


def keep_allowed(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value for key, value in line.items() if key in ALLOWED_KEYS}


def configure(process: str, level: str = "INFO") -> None:
    """Sets up structlog, and lets the libraries' own loggers speak only by name and level from WARNING on."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _Stamp(process),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_Bridge()]
    root.setLevel(logging.WARNING)
    # Python's own warnings too: as they are they would break the lines, and quote what they warn of.
    logging.captureWarnings(True)


class _Stamp:
    def __init__(self, process: str) -> None:
        self._process = process

    def __call__(self, _: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line["process"] = self._process
        return line


class _Bridge(logging.Handler):
    """A library's message may quote what it was given, so only that it spoke, and which error it met, is kept."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().warning(
            "library_message", name=record.name, error=error, where=f"{record.filename}:{record.lineno}"
        )
