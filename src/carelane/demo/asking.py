"""One request of the story, and how it was answered."""

import http.client
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

REQUEST_SECONDS = 30
FORM = "application/x-www-form-urlencoded"


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request, and the status it should be answered with."""

    title: str
    method: str
    path: str
    expected_status: int = 200
    headers: dict[str, str] = {}
    body: str | None = None
    # Where it goes, unless it is to the demo's own server.
    origin: str = ""


class Outcome(msgspec.Struct, frozen=True):
    ask: Ask
    status: int
    milliseconds: float
    text: str = ""
    # As the next request sends it back.
    cookie: str = ""
    # Where a browser goes from here.
    location: str = ""

    @property
    def is_expected(self) -> bool:
        return self.status == self.ask.expected_status


# Sends a request and returns the answer's JSON.
Send = Callable[[Ask], Any]
# Sends a request and returns how it was answered, headers and page included.
Visit = Callable[[Ask], Outcome]


class Ways(msgspec.Struct, frozen=True):
    """How a part of the story sends its requests. Those of `read` only look whether it can go on, and are not counted."""

    send: Send
    visit: Visit
    read: Send


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


def form(title: str, path: str, fields: dict[str, str], cookie: str = "", expected_status: int = 303) -> Ask:
    """As browsers send the forms of our pages."""
    headers = {"Content-Type": FORM} | ({"Cookie": cookie} if cookie else {})
    return Ask(
        title=title, method="POST", path=path, expected_status=expected_status, headers=headers, body=urlencode(fields)
    )


def at(url: str, ask: Ask) -> Ask:
    """The request, to another server: a full address, whose path it takes if it has none of its own."""
    return msgspec.structs.replace(ask, origin=urlsplit(url).netloc, path=ask.path or path_of(url))


def path_of(url: str) -> str:
    """With its query: all that is asked for of the server that the URL names."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def send_over(connection: http.client.HTTPConnection, ask: Ask) -> tuple[Outcome, Any]:
    """The outcome, and the answer's JSON; an answer that is none is `{}`."""
    started = time.perf_counter()
    connection.request(ask.method, ask.path, ask.body, ask.headers)
    response = connection.getresponse()
    text = response.read().decode()
    cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
    location = response.getheader("Location") or ""
    milliseconds = (time.perf_counter() - started) * 1000
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {}
    return Outcome(ask, response.status, milliseconds, text, cookie, location), answer
