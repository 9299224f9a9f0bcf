"""What every pharmacy adapter does. One contract test suite (`tests/pharmacies/`) holds each of them to this.

A call that gets no answer raises `kit.http.NotSentError` (certainly not arrived) or `OutcomeUnknownError` (perhaps arrived: any
5xx, any answer that cannot be read, a time-out, a dropped connection). `errors.RetryLaterError` says that the message was
refused for a reason that has nothing to do with the order: 429, 503, refused credentials (401, 403), and 4xx that the
protocol does not know, such as a wrong address. Even then the order is asked about before it is sent again. Texts in answers
are the pharmacy's and may hold health information.
"""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.phi import Phi
from carelane.pharmacies.schemas import Prescription

# How far an order is, as the pharmacy sees it. SENT: it has the order and has not looked at it yet.
PharmacyStatus = Literal["SENT", "ACCEPTED", "SHIPPED", "DELIVERED", "REJECTED", "CANCELED"]

# A moment always says its offset; links are shown to patients, so only web addresses pass.
Moment = Annotated[datetime, Meta(tz=True)]
WebAddress = Annotated[str, Meta(pattern=r"^https?://\S+$", max_length=2_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Text = Annotated[str, Meta(max_length=10_000)]
# No parcel has a moment outside of these. At the ends of the calendar the database returns values that cannot be read back,
# and one such row would block all others.
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Shipment(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One parcel, as it stood `at` that moment. An order may travel in several."""

    tracking_id: Name
    tracking_url: WebAddress | None = None
    carrier_name: Name | None = None
    status: Name | None = None
    location: Text | None = None
    message: Text | None = None
    at: Moment

    def __post_init__(self) -> None:
        _require_moment("at", self.at)


class Report(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Where an order is. From an answer to `new_rx` or `status`, or from a callback."""

    status: PharmacyStatus
    pharmacy_order_id: Name | None = None
    message: Text | None = None
    shipments: Annotated[list[Shipment], Meta(max_length=100)] = []
    estimated_delivery_at: Moment | None = None
    # Whether the pharmacy has a document of its own for us to fetch.
    has_document: bool = False

    def __post_init__(self) -> None:
        if self.estimated_delivery_at is not None:
            _require_moment("estimatedDeliveryAt", self.estimated_delivery_at)


def is_possible(moment: datetime) -> bool:
    return _EARLIEST <= moment < _LATEST


def _require_moment(name: str, moment: datetime) -> None:
    """Raises ValueError, which the reader of a message reports as a fault of its field."""
    if not is_possible(moment):
        raise ValueError(f"{name} expected a moment between the years {_EARLIEST.year} and {_LATEST.year}")


class Callback(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A message from the pharmacy. `message_id` is the same when the message is repeated."""

    message_id: str
    # What the pharmacy knows our order by (Prescription.external_id), if it says so; else only its own number.
    external_id: UUID | None
    report: Report


class PharmacyDocument(Phi, msgspec.Struct, frozen=True, kw_only=True):
    name: str
    content_type: str
    content: bytes


class Adapter(Protocol):
    """Each call takes at most the time-out it was opened with, however many requests it makes."""

    @abstractmethod
    async def new_rx(self, prescription: Prescription, pdf: bytes, callback_url: str | None) -> Report:
        """Hands the prescription over. A pharmacy that refuses it answers with status REJECTED; that is not an error."""

    @abstractmethod
    async def status(self, external_id: UUID, pharmacy_order_id: str | None) -> Report | None:
        """Where the order is; None when the pharmacy says that it has no such order."""

    @abstractmethod
    async def cancel_rx(self, external_id: UUID, pharmacy_order_id: str | None, reason: str) -> Report:
        """Asks to cancel. Status CANCELED: done, or no such order. Any other status: too late, that is where the order is."""

    @abstractmethod
    async def document(self, external_id: UUID, pharmacy_order_id: str | None) -> PharmacyDocument | None:
        """The pharmacy's own document about the order; None while there is none."""

    @abstractmethod
    def parse_callback(self, headers: Mapping[str, str], body: bytes) -> Callback:
        """The message, its signature checked in constant time. Header names are in lower case.

        Raises CallbackRefusedError, CallbackUnreadableError.
        """
