"""Messages from the simulator to the caller: signed, in order for each order, tried again for a while as pharmacies do."""

import asyncio
import time
from collections import deque
from uuid import uuid4

import msgspec

from carelane.kit.http import Http, OutgoingError
from carelane.pharmacies.adapters.signing import SIGNATURE_HEADER, sign
from carelane.pharmacies.simulator.orders import Order

MAX_RETRY_SECONDS = 120.0
_TIMEOUT_SECONDS = 10.0
_FIRST_WAIT_SECONDS = 0.1
_LONGEST_WAIT_SECONDS = 5.0


class Message(msgspec.Struct, frozen=True):
    body: bytes
    content_type: str


def new_message_id() -> str:
    return uuid4().hex


class Caller:
    """Sends what is queued for each order, one message after the other."""

    def __init__(self, secret: bytes) -> None:
        # Whoever runs a simulator decides where it may call.
        self._http = Http("0.0.0.0/0, ::/0")
        self._secret = secret
        self._waiting: dict[str, deque[Message]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def send_later(self, order: Order, message: Message) -> None:
        if order.new.callback_url is None:
            return
        queue = self._waiting.get(order.number)
        if queue is not None:
            queue.append(message)
            return
        self._waiting[order.number] = deque([message])
        task = asyncio.create_task(self._drain(order, order.new.callback_url))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def forget_all(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        self._waiting.clear()

    async def close(self) -> None:
        self.forget_all()
        await self._http.close()

    async def _drain(self, order: Order, url: str) -> None:
        queue = self._waiting[order.number]
        while queue:
            if await self._send(url, queue[0]):
                order.delivered_count += 1
            else:
                order.failed_count += 1
            queue.popleft()
        if self._waiting.get(order.number) is queue:
            del self._waiting[order.number]

    async def _send(self, url: str, message: Message) -> bool:
        """Until the caller takes it with a 2xx; False when its time is up first."""
        deadline = time.monotonic() + MAX_RETRY_SECONDS
        wait_seconds = _FIRST_WAIT_SECONDS
        while not await self._send_once(url, message):
            if time.monotonic() + wait_seconds > deadline:
                return False
            await asyncio.sleep(wait_seconds)
            wait_seconds = min(wait_seconds * 2, _LONGEST_WAIT_SECONDS)
        return True

    async def _send_once(self, url: str, message: Message) -> bool:
        headers = {"content-type": message.content_type, SIGNATURE_HEADER: sign(self._secret, message.body)}
        try:
            answer = await self._http.send(
                "POST", url, headers=headers, body=message.body, timeout_seconds=_TIMEOUT_SECONDS
            )
        except OutgoingError:
            return False
        return 200 <= answer.status < 300
