"""Delivering events: signed, in order for each payment, tried again when not taken; held back, doubled or turned round when told."""

import asyncio
import hashlib
import hmac
from collections import deque
from collections.abc import Coroutine
from typing import Annotated

import msgspec

from carelane.kit import clock
from carelane.kit.http import Http, OutgoingError

MAX_TRIES = 12
_TIMEOUT_SECONDS = 20.0
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 5.0
_REORDER_SECONDS = 1.0
_DUPLICATES = 3


class Endpoint(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Gets the events of one key's account, or of all in `livemode`; None: of all. Two secrets while they are rotated."""

    url: str
    secrets: Annotated[list[str], msgspec.Meta(min_length=1)]
    livemode: bool | None = None
    key: str | None = None
    # Types of events; none: all.
    events: list[str] = []

    def wants(self, message: "Message") -> bool:
        return (
            self.livemode in {None, message.is_live}
            and self.key in {None, message.key}
            and (not self.events or message.type in self.events)
        )


class Message(msgspec.Struct, kw_only=True):
    """An event on its way. `subject` is the payment that it is about."""

    id: str
    type: str
    body: bytes
    key: str
    is_live: bool
    subject: str
    # What was answered, in order: statuses, and 0 for nobody there.
    statuses: list[int] = []


def signature_header(secrets: list[str], body: bytes, at: int) -> str:
    signed = f"{at}.".encode() + body
    marks = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])


class Webhooks:
    def __init__(self) -> None:
        # Whoever runs a simulator decides where it may call.
        self._http = Http("0.0.0.0/0, ::/0")
        self.endpoints: list[Endpoint] = []
        self.withheld: list[Message] = []
        self._turned: dict[str, list[Message]] = {}
        self._waiting: dict[tuple[int, str], deque[Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def tell(self, message: Message, faults: list[str], delay_seconds: float) -> None:
        if "withheld_webhook" in faults:
            self.withheld.append(message)
        elif "delayed_webhook" in faults:
            self._run(self._later(message, delay_seconds))
        elif "reordered_webhooks" in faults:
            self._turn(message)
        else:
            for _ in range(_DUPLICATES if "duplicate_webhook" in faults else 1):
                self.send(message)

    def send(self, message: Message) -> None:
        """Now, behind what waits for the same payment."""
        for number, endpoint in enumerate(self.endpoints):
            if endpoint.wants(message):
                self._queue(number, endpoint, message)

    def forget_messages(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        self.withheld.clear()
        self._turned.clear()
        self._waiting.clear()

    async def close(self) -> None:
        self.forget_messages()
        await self._http.close()

    def _queue(self, number: int, endpoint: Endpoint, message: Message) -> None:
        key = (number, message.subject)
        queue = self._waiting.get(key)
        if queue is not None:
            queue.append(message)
            return
        self._waiting[key] = deque([message])
        self._run(self._drain(key, endpoint))

    async def _drain(self, key: tuple[int, str], endpoint: Endpoint) -> None:
        queue = self._waiting[key]
        while queue:
            message = queue.popleft()
            if not await self._send_once(endpoint, message):
                # The next one does not wait for it, as at Stripe.
                self._run(self._again(endpoint, message))
        if self._waiting.get(key) is queue:
            del self._waiting[key]

    async def _again(self, endpoint: Endpoint, message: Message) -> None:
        wait_seconds = _FIRST_WAIT_SECONDS
        for _ in range(MAX_TRIES - 1):
            await asyncio.sleep(wait_seconds)
            if endpoint not in self.endpoints or await self._send_once(endpoint, message):
                return
            wait_seconds = min(wait_seconds * 2, _LONGEST_WAIT_SECONDS)

    async def _later(self, message: Message, wait_seconds: float) -> None:
        await asyncio.sleep(wait_seconds)
        self.send(message)

    def _turn(self, message: Message) -> None:
        kept = self._turned.setdefault(message.subject, [])
        kept.append(message)
        if len(kept) == 1:
            self._run(self._turn_round(message.subject))

    async def _turn_round(self, subject: str) -> None:
        await asyncio.sleep(_REORDER_SECONDS)
        for message in reversed(self._turned.pop(subject, [])):
            self.send(message)

    async def _send_once(self, endpoint: Endpoint, message: Message) -> bool:
        # The signature's time is the real one: whoever checks it has not moved the clock.
        signature = signature_header(endpoint.secrets, message.body, int(clock.now().timestamp()))
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "stripe-signature": signature,
        }
        try:
            answer = await self._http.send(
                "POST", endpoint.url, headers=headers, body=message.body, timeout_seconds=_TIMEOUT_SECONDS
            )
        except OutgoingError:
            message.statuses.append(0)
            return False
        message.statuses.append(answer.status)
        return 200 <= answer.status < 300

    def _run(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
