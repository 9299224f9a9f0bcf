"""A patient in the billing dialect."""

from datetime import date, datetime
from typing import Any, Literal

import msgspec

from carelane.kit.phi import Phi
from carelane.patients.tags.schemas import TagOut

UserType = Literal["PROVIDER", "PATIENT", "ASSISTANT"]
PatientSource = Literal[
    "SELF_SCHEDULING",
    "CALL",
    "TEXT",
    "MANUALLY_CREATED",
    "UPLOADED_FROM_FILE",
    "FORM",
    "SEED_DATA",
    "DEMO",
    "EXTERNAL_INTEGRATION",
    "OTHER",
]


class PatientOut(Phi, msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """`PatientSummary`: a patient as every cart, quote and charge shows it. The members after
    `preferred_provider_id` are younger than the seed."""

    id: str
    type: UserType
    created_date: datetime
    first_name: str | None
    last_name: str | None
    phone_number: str | None
    email: str | None
    location_id: str | None
    external_id: str | None
    address: str | None
    address_line_two: str | None
    city: str | None
    state: str | None
    zip_code: str | None
    country: str | None
    address_valid: bool | None
    meta: dict[str, Any] | None
    is_archived: bool | None
    primary_location_id: str | None
    gender: str | None
    date_of_birth: date | None
    patient_medications: list[str] | None
    on_scheduling_blacklist: bool | None
    surcharge_disabled: bool | None
    tags: list[TagOut] | None
    credit_balance: int | None
    preferred_provider_id: str | None
    pronouns: str | None
    preferred_name: str | None
    patient_source: PatientSource | None
    lead_source: str | None
    dosespot_patient_id: str | None = None
