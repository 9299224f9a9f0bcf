"""`carelane listen`: reads a server's feed and posts each event to a URL on the developer's machine, signed as webhooks are.

So a receiver can be written without an address that the server can reach. Events come in their order, each until the receiver
accepts it: one that it refuses is sent again after a moment.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from carelane.kit import clock
from carelane.kit.errors import MendableError
from carelane.kit.http import Http, HttpAnswer, OutgoingError
from carelane.webhooks import signing
from carelane.webhooks.schemas import LATEST

PAGE = 100
TIMEOUT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 10.0
# The target is the developer's own machine.
_EVERYWHERE = "0.0.0.0/0, ::/0"


class ListenOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`after`: None begins with what happens from now on."""

    server: str
    key: str
    forward_to: str
    secret: str
    after: int | None = None
    poll_seconds: float = 1.0

    def __repr__(self) -> str:
        return "ListenOptions(***)"


class _Feed(msgspec.Struct, rename="camel", frozen=True):
    events: list[dict[str, Any]]
    after: int
    has_more: bool


class _Answer(msgspec.Struct, frozen=True):
    data: _Feed


async def forward_events(options: ListenOptions, tell: Callable[[str], None]) -> None:
    """Forwards until cancelled; `tell` gets one line for each attempt. Raises MendableError when the key is refused."""
    http = Http(_EVERYWHERE)
    try:
        after = options.after
        if after is None:
            after = (await _ask(http, options, LATEST, tell)).after
        tell(f"from position {after} on; to start here again: --after {after}")
        while True:
            feed = await _ask(http, options, after, tell)
            for event in feed.events:
                await _forward(http, options, event, tell)
            after = feed.after
            if not feed.has_more:
                await asyncio.sleep(options.poll_seconds)
    finally:
        await http.close()


async def _ask(http: Http, options: ListenOptions, after: int | str, tell: Callable[[str], None]) -> _Feed:
    """The events behind a position; asks again while the server is down."""
    url = f"{options.server.rstrip('/')}/api/v1/events?after={after}&limit={PAGE}"
    while True:
        try:
            answer = await http.send("GET", url, headers={"cv-api-key": options.key}, timeout_seconds=TIMEOUT_SECONDS)
        except OutgoingError as error:
            tell(f"the server cannot be reached: {error}")
        else:
            if answer.status == 200:
                return msgspec.json.decode(answer.body, type=_Answer).data
            if answer.status < 500:
                raise MendableError(
                    f"the server refused with {answer.status}: expected a key with the scope cases:read"
                )
            tell(f"the server answered {answer.status}")
        await asyncio.sleep(options.poll_seconds)


async def _forward(http: Http, options: ListenOptions, event: dict[str, Any], tell: Callable[[str], None]) -> None:
    wait_seconds = options.poll_seconds
    while True:
        outcome, is_taken = await _send(http, options, event)
        tell(f"{event.get('position')} {event.get('event')} {event.get('id')} → {outcome}")
        if is_taken:
            return
        await asyncio.sleep(wait_seconds)
        wait_seconds = min(wait_seconds * 2, LONGEST_WAIT_SECONDS)


async def _send(http: Http, options: ListenOptions, event: dict[str, Any]) -> tuple[str, bool]:
    """What to tell of one attempt, and whether the receiver took the event."""
    body = msgspec.json.encode(event)
    sent_at_seconds = int(clock.now().timestamp())
    headers = signing.headers(body, [options.secret], str(event.get("id")), sent_at_seconds)
    try:
        answer: HttpAnswer = await http.send(
            "POST", options.forward_to, headers=headers, body=body, timeout_seconds=TIMEOUT_SECONDS
        )
    except OutgoingError as error:
        return str(error), False
    return str(answer.status), 200 <= answer.status < 300
