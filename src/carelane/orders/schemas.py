"""Orders on the wire: placing one (seed 001), and as the case detail shows them (seed 002)."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from carelane.kit.errors import FieldProblem, InvalidRequestError
from carelane.kit.phi import Phi
from carelane.patients.schemas import Line, Name
from carelane.web.weight import Body
from carelane.web.wire import decode_light

MAX_ITEMS = 50
MAX_REFILLS = 99
MAX_SUPPLY_DAYS = 366
MAX_CUSTOM_FIELDS_BYTES = 16_384
# Other programs that read JSON tolerate less depth than ours, and what cannot be read cannot be dispensed.
MAX_CUSTOM_FIELDS_DEPTH = 32

Text = Annotated[str, Meta(max_length=5_000)]
Code = Annotated[str, Meta(max_length=200)]
Moment = Annotated[str, Meta(max_length=40, examples=["2024-01-15", "2024-01-15T10:30:00Z"])]
State = Annotated[str, Meta(max_length=20, description="US state abbreviation", examples=["CA"])]
Country = Annotated[str, Meta(max_length=20, description="Two letters; kept in upper case", examples=["US"])]
PostalCode = Annotated[str, Meta(max_length=20, description="Five digits", examples=["94105"])]
Phone = Annotated[str, Meta(max_length=50, description="E.164", examples=["+14155550123"])]


class AddressIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    address_line1: Line
    address_line2: Line | None = None
    city: Name
    state: State
    country: Country
    postal_code: PostalCode


class HealthIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    allergies: Text | None = None
    health_conditions: Text | None = None
    current_medications: Text | None = None


class PrescriberIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    first_name: Name
    last_name: Name
    title: Name | None = None
    title_suffix: Name | None = None
    npi: Annotated[str, Meta(max_length=20, description="Ten digits", examples=["1234567893"])]
    dea: Annotated[str, Meta(max_length=20)] | None = None
    email: Annotated[str, Meta(max_length=320)]
    phone_number: Phone
    address: AddressIn


class OrderItemIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    drug_id: Code
    direction: Text | None = None
    quantity: Annotated[str, Meta(max_length=100)]
    refill_count: Annotated[int, Meta(ge=0, le=MAX_REFILLS)] | None = None
    supply_days: Annotated[int, Meta(ge=1, le=MAX_SUPPLY_DAYS)] | None = None


class OrderIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    shipping_address: AddressIn | None = None
    patient_health_info: HealthIn | None = None
    prescriber: PrescriberIn
    diagnosis: Text
    pharmacy_id: Code
    date_written: Moment | None = None
    date_signed: Moment | None = None
    date_prescribed: Moment | None = None
    prescription_items: Annotated[list[OrderItemIn], Meta(min_length=1, max_length=MAX_ITEMS)]
    custom_fields: dict[str, Any] | None = None


class PlaceOrderIn(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    action: Literal["PLACE_ORDER"]
    idempotency_key: Annotated[str, Meta(max_length=255)] | None = None
    order: OrderIn


class SentOrder(Phi, msgspec.Struct, frozen=True, kw_only=True):
    """A body as it came. `body` is None when it does not fit the schema; `preflight` finds everything else that is wrong."""

    raw: dict[str, Any]
    body: PlaceOrderIn | None
    problems: list[FieldProblem]


def read_order(body: Body, raw: dict[str, Any]) -> SentOrder:
    """`body` was found to be light, and `raw` is its plain JSON."""
    try:
        return SentOrder(raw=raw, body=decode_light(body, PlaceOrderIn), problems=[])
    except InvalidRequestError as error:
        return SentOrder(raw=raw, body=None, problems=error.problems)


class PlacedOut(msgspec.Struct, frozen=True):
    id: UUID


class PlacedDataOut(msgspec.Struct, frozen=True):
    order: PlacedOut


class OrderPlacedOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str = "Order created successfully"
    data: PlacedDataOut


class FindingOut(msgspec.Struct, frozen=True):
    """`refuse`: such an order is answered 400. `warn`: it is created, and the finding kept on it."""

    field: str
    message: str
    severity: Literal["refuse", "warn"]


class DryRunDataOut(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    would_create: bool
    findings: list[FindingOut]


class DryRunOut(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    success: bool = True
    message: str
    data: DryRunDataOut


class OrderItemOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    name: str
    quantity: str


class ShippingLogOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    status_updated_at: datetime
    location: str | None
    message: str | None
    status: str | None


class OrderOut(Phi, msgspec.Struct, rename="camel", kw_only=True):
    """`external_id` is ours as the pharmacy knows it; `pharmacy_order_id` is the pharmacy's own."""

    id: UUID
    external_id: UUID
    pharmacy_order_id: str | None
    tracking_id: str | None
    status: str
    message: str | None
    pharmacy_name: str | None
    created_at: datetime
    items: list[OrderItemOut]
    replacement_reason: str | None
    shipping_logs: list[ShippingLogOut]
    est_delivery_at: datetime | None
    tracking_url: str | None
    carrier_name: str | None
