"""Stripe's own client over our own outgoing HTTP, and the one place where a failed call gets a name of `gateways/errors.py`.

Nothing is sent again here: retries are the worker's, which looks up what became of the first call before.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import aiohttp
import msgspec
import stripe

from carelane.kit import http
from carelane.payments.gateways.errors import (
    DeclinedError,
    GatewayBusyError,
    GatewayError,
    OutcomeUnknownError,
    RefusedByGatewayError,
)
from carelane.payments.gateways.stripe.reading import read_intent
from carelane.payments.gateways.stripe.wire import PaymentIntentWire

# The version that wire.py and the simulator speak; another one is adopted on purpose, with both.
API_VERSION = "2026-10-28.endive"
# An intent with all that hangs from it has about 8 KiB, and a page of a list a hundred of them.
MOST_ANSWER_BYTES = 8_388_608
_LONGEST_CODE = 100

WireT = TypeVar("WireT", bound=msgspec.Struct)


class Listed(Protocol):
    """Whatever is in a list has an id, after which the next page goes on."""

    @property
    def id(self) -> str: ...


ListedT = TypeVar("ListedT", bound=Listed)

# Which the client would import one by one as they come, each in the middle of an answer that a card was declined.
_OBJECTS = (
    stripe.BalanceTransaction,
    stripe.Charge,
    stripe.Customer,
    stripe.PaymentIntent,
    stripe.PaymentMethod,
    stripe.SetupIntent,
)
# The client would write a file into the home folder, to tell who is asking, and how long each answer took.
stripe.enable_telemetry = False


class _ErrorWire(msgspec.Struct):
    """How Stripe says that it did not do what it was asked."""

    type: str
    code: str | None = None
    decline_code: str | None = None
    payment_intent: PaymentIntentWire | None = None


class _Answer(msgspec.Struct):
    object: str | None = None
    error: _ErrorWire | None = None


class _Page(msgspec.Struct, Generic[ListedT]):
    data: list[ListedT]
    has_more: bool


class _Transport(stripe.HTTPClient):
    """What the client sends through: `kit.http`, with its time-outs, its cap on answers, and its judgment of addresses."""

    name: ClassVar[str] = "carelane"

    def __init__(self, outgoing: http.Http, timeout_seconds: float) -> None:
        super().__init__()
        self._outgoing = outgoing
        self._timeout_seconds = timeout_seconds

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Raises OutgoingError, also for an answer that is not Stripe's: a proxy's error page does not say whether Stripe acted."""
        answer = await self._outgoing.send(
            method.upper(),
            url,
            headers=headers,
            body=None if post_data is None else post_data.encode(),
            timeout_seconds=self._timeout_seconds,
            most_bytes=MOST_ANSWER_BYTES,
        )
        try:
            read = msgspec.json.decode(answer.body, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            read = _Answer()
        is_good = 200 <= answer.status < 300
        if (read.object if is_good else read.error) is None:
            raise http.OutcomeUnknownError("an answer that is not the gateway's", answer.status)
        return answer.body, answer.status, answer.headers


class Calls:
    """One account's calls."""

    def __init__(self, outgoing: http.Http, key: str, url: str | None, timeout_seconds: float) -> None:
        self._client = stripe.StripeClient(
            key,
            stripe_version=API_VERSION,
            base_addresses={"api": url.rstrip("/")} if url else None,
            max_network_retries=0,
            http_client=_Transport(outgoing, timeout_seconds),
        )

    async def one(self, method: str, path: str, asked: Mapping[str, object], kind: type[WireT]) -> WireT:
        """The object that is answered, as it came: Stripe's own objects, which nobody needs here, take ten times as long to make.

        `asked` holds the client's options too, such as `idempotency_key`. Raises GatewayError, each as `gateways/errors.py` has it.
        """
        async with _our_errors():
            answer = await self._client.raw_request_async(method, path, **asked)
            return msgspec.json.decode(answer.body, type=kind)

    async def found(self, path: str, asked: Mapping[str, object], kind: type[WireT]) -> WireT | None:
        """The same for what may not be there, or not in this account or mode."""
        try:
            return await self.one("get", path, asked, kind)
        except RefusedByGatewayError as error:
            if error.code == "resource_missing":
                return None
            raise

    async def each(self, path: str, asked: Mapping[str, Any], kind: type[ListedT]) -> AsyncGenerator[ListedT, None]:
        """All of a list, page by page: from the newest on, or with `ending_before` towards it. Whoever asks bounds it.

        Raises GatewayError.
        """
        asked = dict(asked)
        side, last = ("ending_before", 0) if "ending_before" in asked else ("starting_after", -1)
        has_more = True
        while has_more:
            async with _our_errors():
                answer = await self._client.raw_request_async("get", path, **asked)
                page: _Page[ListedT] = msgspec.json.decode(answer.body, type=_Page[kind])  # type: ignore[valid-type]
            for one in page.data if last else reversed(page.data):
                yield one
            has_more = page.has_more and bool(page.data)
            if has_more:
                asked[side] = page.data[last].id


@asynccontextmanager
async def _our_errors() -> AsyncIterator[None]:
    """Raises GatewayError for whatever a call ends with. The causes are left behind: their texts hold what was sent."""
    try:
        yield
    except GatewayError:
        raise
    except http.NotSentError as error:
        raise GatewayBusyError(f"not sent: {error}") from None
    except (http.OutgoingError, aiohttp.ClientError, TimeoutError, OSError) as error:
        what = str(error) if isinstance(error, http.OutgoingError) else type(error).__name__
        raise OutcomeUnknownError(f"no usable answer: {what}") from None
    except msgspec.MsgspecError:
        raise OutcomeUnknownError("no usable answer: an object of another kind") from None
    except stripe.StripeError as error:
        raise _named(error) from None


def _named(error: stripe.StripeError) -> GatewayError:
    status = error.http_status or 0
    body = error.json_body if isinstance(error.json_body, dict) else {}
    said = msgspec.convert(body.get("error"), _ErrorWire | None)
    if said is None or status >= 500:
        return OutcomeUnknownError(f"no usable answer: status {status}")
    code = (said.code or said.type)[:_LONGEST_CODE]
    if status in {409, 429}:
        return GatewayBusyError(f"busy: {code}")
    if said.type == "idempotency_error":
        # The key was used for a call that was not quite this one. What became of that one, the gateway knows.
        return OutcomeUnknownError(f"no usable answer: {code}")
    if said.type == "card_error":
        intent = read_intent(said.payment_intent) if said.payment_intent else None
        return DeclinedError((said.decline_code or code)[:_LONGEST_CODE], intent)
    return RefusedByGatewayError(f"refused: {code}", code)
