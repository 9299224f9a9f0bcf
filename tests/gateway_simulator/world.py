"""The real `carelane gateway-simulator` on a free port, what it tells about itself, and a place for its webhooks."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import msgspec
import stripe

from tests import forked_simulator
from tests.pharmacies.receiver import Receiver, receiving

READY = "The gateway simulator is ready on "
STOP_SECONDS = forked_simulator.STOP_SECONDS
DEADLINE_SECONDS = 20
TEST_KEY = "sk_test_harbor"
LIVE_KEY = "sk_live_harbor"


class GatewayWorld:
    """A running simulator. Its objects are told apart by key: who wants to be alone takes a key of their own."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(timeout=30)

    def control(self, path: str, body: object = None, method: str | None = None) -> Any:
        """`control("clock")` asks, `control("clock", {"seconds": 60})` tells; `{}` is a body too."""
        wanted = method or ("GET" if body is None else "POST")
        answer = self._client.request(wanted, f"{self.url}/control/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def objects(self, kind: str, key: str | None = None) -> list[dict[str, Any]]:
        """`payment_intent`, `charge`, `refund`, `balance_transaction`, `event`, `checkout.session` …, the oldest first."""
        query = f"?key={key}" if key else ""
        return self.control(f"objects/{kind}{query}")["objects"]

    def fail_next(self, operation: str, fault: str, times: int | None = 1, key: str | None = None) -> None:
        """The next calls, such as of `payment_intents.capture`; None: all from now on."""
        self.control("faults", {"operation": operation, "fault": fault, "times": times, "key": key})

    def advance(self, seconds: int) -> int:
        return self.control("clock", {"seconds": seconds})["now"]

    def settle(self, object_id: str | None = None) -> None:
        """What is processing or pending is done."""
        self.control("settle", {"id": object_id})

    def set(self, **settings: object) -> None:
        """Such as slowSeconds=2."""
        self.control("settings", settings)

    def calls(self) -> dict[str, int]:
        return self.control("calls")["calls"]

    def register(self, url: str, *secrets: str, key: str | None = None, livemode: bool | None = None) -> None:
        self.control("webhooks", {"url": url, "secrets": secrets, "key": key, "livemode": livemode})

    def unregister(self, url: str | None = None) -> None:
        self.control("webhooks" + (f"?url={url}" if url else ""), method="DELETE")

    def dispute(self, payment: str, **more: object) -> dict[str, Any]:
        return self.control("disputes", {"payment": payment, **more})

    def close_dispute(self, dispute: str, outcome: str) -> dict[str, Any]:
        return self.control("disputes/close", {"id": dispute, "outcome": outcome})

    def deliver(self, ids: list[str] | None = None) -> list[str]:
        return self.control("deliver", {"ids": ids})["delivered"]

    def forget_keys(self) -> None:
        """Idempotency keys, as after a day."""
        self.control("idempotency/forget", {})

    def reset(self) -> None:
        self.control("reset", {})

    def client(self, key: str = TEST_KEY, **options: Any) -> stripe.StripeClient:
        """The official client, which tries nothing again. Without `http_client` it blocks; `async_client` does both."""
        options.setdefault("http_client", stripe.RequestsClient(timeout=20))
        return stripe.StripeClient(key, base_addresses={"api": self.url}, max_network_retries=0, **options)

    def async_client(self, key: str = TEST_KEY, **options: Any) -> stripe.StripeClient:
        return self.client(key, http_client=stripe.HTTPXClient(timeout=20, allow_sync_methods=True), **options)


@contextmanager
def running_gateway(**options: float | str) -> Iterator[GatewayWorld]:
    """`options` are those of the command, such as slow=2 or webhook_url="…"."""
    with forked_simulator.running("gateway-simulator", READY, options) as url:
        yield GatewayWorld(url)


class Listener:
    """What the simulator has sent to one address, checked by the official client."""

    def __init__(self, receiver: Receiver, secret: str) -> None:
        self.url = receiver.url
        self._receiver = receiver
        self._secret = secret
        self.events: list[stripe.Event] = []

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]

    async def until(self, is_enough: Callable[[list[stripe.Event]], bool]) -> list[stripe.Event]:
        """All that has come so far, as soon as it is enough."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not is_enough(self.events):
                received = await self._receiver.received.get()
                header = received.headers["stripe-signature"]
                self.events.append(stripe.Webhook.construct_event(received.body, header, self._secret))
        return self.events

    async def until_type(self, *types: str) -> list[stripe.Event]:
        return await self.until(lambda _: set(types) <= set(self.types))


@asynccontextmanager
async def listening(
    gateway: GatewayWorld, key: str, secret: str = "whsec_of_the_tests", refuse_first: int = 0
) -> AsyncIterator[Listener]:
    """Registered for the events of `key` for the length of the block."""
    async with receiving(refuse_first) as receiver:
        gateway.register(receiver.url, secret, key=key)
        try:
            yield Listener(receiver, secret)
        finally:
            gateway.unregister(receiver.url)


def eventually(is_so: Callable[[], bool]) -> None:
    """Polls, with a deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.05)


def error_of(error: stripe.StripeError) -> dict[str, Any]:
    """The body's `error`, as it was sent."""
    return msgspec.json.decode(error.http_body or "{}")["error"]
