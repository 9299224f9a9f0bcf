"""What is asked of Stripe, and changes nothing there."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import msgspec

from carelane.kit.http import Http
from carelane.payments.gateways.errors import OutcomeUnknownError, RefusedByGatewayError
from carelane.payments.gateways.protocol import (
    BalanceLine,
    CardDetails,
    Checkout,
    Dispute,
    GatewayEvent,
    Intent,
    Refund,
    Setup,
)
from carelane.payments.gateways.stripe import reading, wire
from carelane.payments.gateways.stripe.webhooks import EventWire, read_event, uuid_in

if TYPE_CHECKING:
    from carelane.payments.gateways.stripe.calls import Calls, Listed

# A list that is longer is none: whoever asks for it asks for less at a time.
MOST_LISTED = 250_000
MOST_OF_AN_INTENT = 1_000
# Events are read on from the last one that was given.
MOST_EVENTS = 10_000
PAGE = 100
INTENT = ["latest_charge.balance_transaction"]
_INTENTS = ["data.latest_charge.balance_transaction"]
# How far our clock may be ahead of Stripe's.
_CLOCKS_APART = timedelta(minutes=5)
# What may stand in a path: references come from storefronts.
_ID = re.compile(r"[A-Za-z0-9_]{1,255}")

WireT = TypeVar("WireT", bound=msgspec.Struct)
ListedT = TypeVar("ListedT", bound="Listed")
ReadT = TypeVar("ReadT")


class Looking:
    """One account. `url`: where the simulator listens; None: Stripe itself."""

    def __init__(
        self, http: Http, key: str, organization_id: UUID, *, is_test: bool, url: str | None, timeout_seconds: float
    ) -> None:
        self.is_test = is_test
        self._organization_id = organization_id
        self._account = (http, key, url, timeout_seconds)
        self._opened: Calls | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"

    async def fetch_intent(self, intent_id: str) -> Intent | None:
        found = await self._found("payment_intents", intent_id, wire.PaymentIntentWire, {"expand": INTENT})
        return reading.read_intent(found) if found else None

    async def fetch_setup(self, setup_id: str) -> Setup | None:
        found = await self._found("setup_intents", setup_id, wire.SetupIntentWire)
        return reading.read_setup(found) if found else None

    async def fetch_refund(self, refund_id: str) -> Refund | None:
        found = await self._found("refunds", refund_id, wire.RefundWire)
        return reading.read_refund(found) if found else None

    async def fetch_dispute(self, dispute_id: str) -> Dispute | None:
        found = await self._found("disputes", dispute_id, wire.DisputeWire)
        return reading.read_dispute(found) if found else None

    async def fetch_checkout(self, checkout_id: str) -> Checkout | None:
        found = await self._found("checkout/sessions", checkout_id, wire.CheckoutWire)
        return reading.read_checkout(found) if found else None

    async def fetch_card(self, method_id: str) -> CardDetails | None:
        found = await self._found("payment_methods", method_id, wire.PaymentMethodWire)
        return reading.read_card(found) if found else None

    async def find_intent(self, attempt_id: UUID, customer_id: str | None, since: datetime) -> Intent | None:
        asked: dict[str, Any] = {"created": {"gte": _seconds(since - _CLOCKS_APART)}, "expand": _INTENTS}
        if customer_id is not None:
            asked["customer"] = customer_id
        async with aclosing(self._each("/v1/payment_intents", asked, wire.PaymentIntentWire)) as intents:
            async for one in intents:
                if uuid_in(one.metadata, "carelane_attempt") == attempt_id:
                    return reading.read_intent(one)
        return None

    async def list_refunds(self, intent_id: str) -> list[Refund]:
        asked = {"payment_intent": intent_id}
        return await self._all("/v1/refunds", asked, wire.RefundWire, reading.read_refund, MOST_OF_AN_INTENT)

    async def list_disputes(self, intent_id: str) -> list[Dispute]:
        asked = {"payment_intent": intent_id}
        return await self._all("/v1/disputes", asked, wire.DisputeWire, reading.read_dispute, MOST_OF_AN_INTENT)

    async def list_intents(self, since: datetime) -> list[Intent]:
        asked = {"created": {"gte": _seconds(since)}, "expand": _INTENTS}
        return await self._all("/v1/payment_intents", asked, wire.PaymentIntentWire, reading.read_intent, MOST_LISTED)

    async def list_balance(self, since: datetime, until: datetime) -> list[BalanceLine]:
        asked = {"created": {"gte": _seconds(since), "lt": _seconds(until)}, "expand": ["data.source"]}
        return await self._all(
            "/v1/balance_transactions", asked, wire.BalanceTransactionWire, reading.read_balance_line, MOST_LISTED
        )

    async def list_events(self, after_id: str | None, since: datetime) -> list[GatewayEvent]:
        """The oldest MOST_EVENTS of them."""
        if after_id is not None:
            try:
                return await self._events_after(after_id)
            except RefusedByGatewayError as error:
                # Stripe forgets events after 30 days.
                if error.code != "resource_missing":
                    raise
        asked = {"created": {"gte": _seconds(since)}}
        # It lists the newest first: what comes last is the oldest.
        oldest: deque[GatewayEvent] = deque(maxlen=MOST_EVENTS)
        async for event in self._each("/v1/events", asked, EventWire):
            oldest.appendleft(read_event(event))
        return list(oldest)

    async def _events_after(self, after_id: str) -> list[GatewayEvent]:
        """A list that ends before an event is paged from there on, towards the newest."""
        events: list[GatewayEvent] = []
        asked = {"ending_before": after_id}
        async with aclosing(self._each("/v1/events", asked, EventWire)) as later:
            async for event in later:
                events.append(read_event(event))
                if len(events) == MOST_EVENTS:
                    break
        return events

    async def _found(
        self, place: str, object_id: str, kind: type[WireT], asked: Mapping[str, object] | None = None
    ) -> WireT | None:
        if not _ID.fullmatch(object_id):
            return None
        calls = await self._calls()
        return await calls.found(f"/v1/{place}/{object_id}", asked or {}, kind)

    async def _each(self, path: str, asked: Mapping[str, Any], kind: type[ListedT]) -> AsyncGenerator[ListedT, None]:
        calls = await self._calls()
        async with aclosing(calls.each(path, {**asked, "limit": PAGE}, kind)) as listed:
            async for one in listed:
                yield one

    async def _all(
        self, path: str, asked: Mapping[str, Any], kind: type[ListedT], read: Callable[[ListedT], ReadT], most: int
    ) -> list[ReadT]:
        """Raises OutcomeUnknownError when there are more: part of a list would pass for the whole."""
        found: list[ReadT] = []
        async with aclosing(self._each(path, asked, kind)) as listed:
            async for one in listed:
                if len(found) == most:
                    raise OutcomeUnknownError(f"no usable answer: more than {most}")
                found.append(read(one))
        return found

    async def _calls(self) -> "Calls":
        """Made with the first call, and with it Stripe's client is imported: beside the event loop, which others share."""
        if self._opened is not None:
            return self._opened
        module = await asyncio.to_thread(import_module, "carelane.payments.gateways.stripe.calls")
        http, key, url, timeout_seconds = self._account
        calls: Calls = module.Calls(http, key, url, timeout_seconds)
        self._opened = calls
        return calls


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
