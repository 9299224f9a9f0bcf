"""One step of one order: what is needed to call its pharmacy, and what came of the call."""

import time
from collections.abc import Awaitable
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

import msgspec
import structlog

from carelane.kit.auth import Actor, system_actor
from carelane.kit.claims import Lease
from carelane.kit.http import NotSentError, OutcomeUnknownError
from carelane.kit.ids import uuid7
from carelane.kit.phi import DataKey, Phi, UnsealError
from carelane.orders.queries import PRESCRIPTION
from carelane.orders.sending.queries import CANCEL_REASON, Attempt, LockedOrder
from carelane.pharmacies.adapters import Adapter
from carelane.pharmacies.adapters.opening import NoAddressError, open_adapter
from carelane.pharmacies.errors import RetryLaterError
from carelane.pharmacies.queries import SECRET, Pharmacy
from carelane.pharmacies.schemas import Prescription
from carelane.services import Services

Call = Literal["new_rx", "status", "cancel_rx", "document"]
# `not_sent`: surely not there, so it may go again. `later`: the pharmacy would not take it now. `unknown`: perhaps there.
Ending = Literal["done", "not_sent", "later", "unknown"]

NO_REASON = "canceled by the clinic"
NO_ADDRESS = "the pharmacy has no address: CARELANE_PHARMACY_SIMULATOR_URL is empty"
NOT_OPENED = "what was sealed for the order or its pharmacy does not open under the organization's key"

Answer = TypeVar("Answer")
# As the table of attempts calls it.
_OUTCOMES: dict[Ending, str] = {"done": "done", "not_sent": "retry", "later": "retry", "unknown": "unknown"}

log = structlog.get_logger()


class DueOrder(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """An order in flight, and what is needed to turn to its pharmacy. `order` is as it was when it was claimed."""

    order: LockedOrder
    pharmacy: Pharmacy | None
    data_key: DataKey
    # Its last worker never wrote down what came of it: what that one sent may still be on the way.
    was_left: bool = False

    @property
    def organization_id(self) -> UUID:
        return self.order.organization_id

    @property
    def id(self) -> UUID:
        return self.order.id


class OrderTask(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """One step of one order. Before anything is written the order is locked and looked at again."""

    services: Services
    lease: Lease[DueOrder]

    @property
    def order(self) -> LockedOrder:
        return self.lease.item.order

    @property
    def pharmacy(self) -> Pharmacy | None:
        return self.lease.item.pharmacy

    @property
    def data_key(self) -> DataKey:
        return self.lease.item.data_key

    @property
    def actor(self) -> Actor:
        return system_actor(self.order.organization_id)

    def adapter(self) -> Adapter:
        """Raises NoAddressError, UnsealError."""
        if self.pharmacy is None:
            raise LookupError("the order names no pharmacy")
        secret = self.data_key.open(self.pharmacy.secret_sealed, SECRET, self.pharmacy.id)
        return open_adapter(self.services, self.pharmacy, secret)

    def prescription(self) -> Prescription:
        """Raises UnsealError."""
        content = self.data_key.open(self.order.sealed or b"", PRESCRIPTION, self.order.id)
        return msgspec.json.decode(content, type=Prescription)

    def cancel_reason(self) -> str:
        """What staff wrote. Raises UnsealError."""
        sealed = self.order.cancel_reason_sealed
        return self.data_key.open(sealed, CANCEL_REASON, self.order.id).decode() if sealed else NO_REASON

    def callback_url(self) -> str | None:
        """Where the pharmacy can reach us; None when nobody told us our own address, so that it must be asked."""
        base = self.services.settings.public_url
        return f"{base.rstrip('/')}/pharmacies/{self.order.pharmacy_id}/callbacks" if base else None


class Outcome(msgspec.Struct, Generic[Answer], frozen=True, kw_only=True):
    """What came of a call. `answer` is the adapter's, and only there if `ending` is `done`."""

    call: Call
    ending: Ending
    duration_milliseconds: int
    answer: Answer | None = None
    failure: str | None = None
    http_status: int | None = None
    # What the pharmacy asked for with Retry-After.
    wait_seconds: float | None = None

    def __repr__(self) -> str:
        return f"Outcome({self.call}, {self.ending}, ***)"

    def attempt(self, order: LockedOrder, *, is_refusal: bool = False) -> Attempt:
        """The row that tells of it."""
        return Attempt(
            organization_id=order.organization_id,
            id=uuid7(),
            order_id=order.id,
            call=self.call,
            outcome="refused" if is_refusal else _OUTCOMES[self.ending],
            http_status=self.http_status,
            failure=self.failure,
            duration_milliseconds=self.duration_milliseconds,
        )


def failure_of(error: Exception) -> str:
    """An error of ours in words that tell staff what to do about it, where we know; never its own text."""
    if isinstance(error, NoAddressError):
        return NO_ADDRESS
    return NOT_OPENED if isinstance(error, UnsealError) else f"an error of ours ({type(error).__name__})"


async def call_pharmacy(call: Call, asked: Awaitable[Answer]) -> Outcome[Answer]:
    """Waits for the pharmacy's answer. Never raises: unless the order certainly did not arrive, the outcome is `unknown`."""
    began = time.monotonic()

    def ended(ending: Ending, **members: Any) -> Outcome[Answer]:
        milliseconds = round((time.monotonic() - began) * 1_000)
        return Outcome(call=call, ending=ending, duration_milliseconds=milliseconds, **members)

    try:
        return ended("done", answer=await asked)
    except NotSentError as error:
        return ended("not_sent", failure=str(error))
    except RetryLaterError as error:
        return ended("later", failure=error.failure, http_status=error.http_status, wait_seconds=error.seconds)
    except OutcomeUnknownError as error:
        return ended("unknown", failure=str(error), http_status=error.http_status)
    except Exception as error:
        log.error("pharmacy_call_failed", name=call, error=type(error).__name__)
        return ended("unknown", failure=failure_of(error))
