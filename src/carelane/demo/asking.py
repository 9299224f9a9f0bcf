"""One request of the story, and how it was answered."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec

REQUEST_SECONDS = 30


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and the status it should be answered with."""

    title: str
    method: str
    path: str
    expected_status: int = 200
    headers: dict[str, str] = {}
    body: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    ask: Ask
    status: int
    milliseconds: float
    text: str = ""
    # As the next request sends it back.
    cookie: str = ""

    @property
    def is_expected(self) -> bool:
        return self.status == self.ask.expected_status


# Sends a request and returns the answer's JSON.
Send = Callable[[Ask], Any]


def post(title: str, path: str, headers: dict[str, str], body: Any, expected_status: int = 200) -> Ask:
    return Ask(
        title=title,
        method="POST",
        path=path,
        expected_status=expected_status,
        headers=headers | {"Content-Type": "application/json"},
        body=msgspec.json.encode(body).decode(),
    )


def get(title: str, path: str, headers: dict[str, str], expected_status: int = 200) -> Ask:
    return Ask(title=title, method="GET", path=path, expected_status=expected_status, headers=headers)


def send_over(connection: http.client.HTTPConnection, ask: Ask) -> tuple[Outcome, Any]:
    """The outcome, and the answer's JSON; an answer that is none is `{}`."""
    started = time.perf_counter()
    connection.request(ask.method, ask.path, ask.body, ask.headers)
    response = connection.getresponse()
    text = response.read().decode()
    cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
    milliseconds = (time.perf_counter() - started) * 1000
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    return Outcome(ask, response.status, milliseconds, text, cookie), answer
