"""The orders that the simulator has taken, and how one changes."""

from collections import Counter
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from carelane.kit import clock
from carelane.kit.phi import Phi

Scenario = Literal[
    "accept", "reject", "reject-later", "hold", "slow", "5xx", "busy", "drop", "duplicate", "reorder", "partial", "lost",
    "unreadable",
]  # fmt: skip
SCENARIOS: tuple[Scenario, ...] = get_args(Scenario)
# A drug of this name asks for the scenario that follows.
MAGIC_DRUG = "sim-"
Dialect = Literal["http", "fhir"]


class Pace(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """How long each thing takes."""

    accept_after_seconds: float = 0.05
    ship_after_seconds: float = 0.5
    deliver_after_seconds: float = 0.5
    # Longer than the caller waits, which is CARELANE_PHARMACY_TIMEOUT_SECONDS.
    slow_seconds: float = 30.0


class Parcel(Phi, msgspec.Struct, rename="camel"):
    tracking_id: str
    tracking_url: str
    carrier_name: str
    status: str
    location: str
    at: datetime
    has_arrived: bool = False


class NewOrder(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """What a NewRx of either dialect says. `message` is all of it but the PDF, of which only the size is kept."""

    external_id: UUID
    dialect: Dialect
    callback_url: str | None
    drug_ids: list[str]
    custom_fields: dict[str, Any]
    message: Any

    @property
    def scenario(self) -> Scenario:
        wanted = [self.custom_fields.get("scenario")]
        wanted += [drug_id.removeprefix(MAGIC_DRUG) for drug_id in self.drug_ids if drug_id.startswith(MAGIC_DRUG)]
        found: list[Scenario] = [scenario for name in wanted for scenario in SCENARIOS if scenario == name]
        return found[0] if found else "accept"


class Order(Phi, msgspec.Struct, kw_only=True):
    new: NewOrder
    number: str
    status: str = "SENT"
    reason: str | None = None
    parcels: list[Parcel] = []
    estimated_delivery_at: datetime | None = None
    # Messages to the caller: delivered, and given up.
    delivered_count: int = 0
    failed_count: int = 0

    @property
    def has_document(self) -> bool:
        return self.status in {"ACCEPTED", "SHIPPED", "DELIVERED"}

    def reject(self) -> None:
        self.status, self.reason = "REJECTED", "The simulator was told to reject this order"

    def ship(self, parcel_number: int) -> None:
        tracking_id = f"{self.number}-P{parcel_number}"
        parcel = Parcel(
            tracking_id=tracking_id,
            tracking_url=f"https://tracking.example/{tracking_id}",
            carrier_name="Simulated Parcel Service",
            status="IN_TRANSIT",
            location="Memphis, TN",
            at=clock.now(),
        )
        self.parcels.append(parcel)
        self.status = "SHIPPED"

    def deliver(self) -> None:
        for parcel in self.parcels:
            parcel.status, parcel.location, parcel.at, parcel.has_arrived = "DELIVERED", "Front door", clock.now(), True
        self.status = "DELIVERED"


class Book:
    """All orders, and how often each was sent to us, taken or not."""

    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.received: Counter[UUID] = Counter()
        self._by_id: dict[UUID, list[Order]] = {}
        self._last_number = 1000

    def clear(self) -> None:
        """Numbers continue, so that none is given twice."""
        self.orders.clear()
        self.received.clear()
        self._by_id.clear()

    def write(self, new: NewOrder) -> Order:
        self._last_number += 1
        order = Order(new=new, number=f"SIM-{self._last_number}")
        self.orders.append(order)
        self._by_id.setdefault(new.external_id, []).append(order)
        return order

    def of(self, external_id: UUID) -> list[Order]:
        """More than one only if the caller sent the order more than once."""
        return self._by_id.get(external_id, [])

    def first(self, external_id: UUID) -> Order | None:
        return next(iter(self.of(external_id)), None)

    def by_number(self, number: str) -> Order | None:
        return next((order for order in self.orders if order.number == number), None)
