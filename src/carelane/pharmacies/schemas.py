"""A prescription as orders keep it (sealed, whole) and as adapters hand it to a pharmacy."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from carelane.kit.phi import Phi

# What the pharmacy simulator signs and expects unless it is started with another: it is not a secret, and guards nothing.
SIMULATOR_SECRET = "simulator"  # noqa: S105


class PostalAddress(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`state` is a US state's two letters, `country` two letters in upper case, `postal_code` five digits."""

    address_line1: str
    address_line2: str | None = None
    city: str
    state: str
    country: str
    postal_code: str


class RxPatient(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    id: UUID
    first_name: str
    last_name: str
    email: str
    phone_number: str | None = None
    date_of_birth: date | None = None
    gender: str | None = None
    allergies: str | None = None
    health_conditions: str | None = None
    current_medications: str | None = None


class RxPrescriber(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    first_name: str
    last_name: str
    title: str | None = None
    title_suffix: str | None = None
    npi: str
    dea: str | None = None
    email: str
    phone_number: str
    address: PostalAddress


class RxDecision(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """A clinician's approval that an item rests on: which, when, and who gave it."""

    id: UUID
    decided_at: datetime
    first_name: str
    last_name: str
    npi: str | None = None


class RxItem(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`drug_id` is the code that the storefront sent, `name` and `ndc` are the drug's when the order was placed."""

    drug_id: str
    name: str
    ndc: str | None = None
    direction: str | None = None
    quantity: str
    refill_count: int | None = None
    supply_days: int | None = None
    # Left out: the drug belongs to no product that was approved in the case.
    decision: RxDecision | UnsetType = UNSET


class Prescription(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """Everything a pharmacy needs. The JSON of this struct is what `orders.sealed` holds.

    `order_id` is ours; `external_id` is what the pharmacy knows the order by: it is in every message, so that asking for it is
    always possible. Dates are as they were sent (YYYY-MM-DD or an instant).
    """

    order_id: UUID
    external_id: UUID
    organization_name: str
    pharmacy_code: str
    patient: RxPatient
    shipping_address: PostalAddress
    prescriber: RxPrescriber
    diagnosis: str
    items: list[RxItem]
    date_written: str | None = None
    date_signed: str | None = None
    date_prescribed: str | None = None
    custom_fields: dict[str, Any] | None = None
    # Whether the prescriber is who signed in here and decided on all items. Else the prescriber is as the clinic's storefront says.
    is_signed: bool = False
    is_test: bool = False
    placed_at: datetime
