"""Prescriptions as orders hand them to adapters."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import msgspec

from carelane.pharmacies.schemas import PostalAddress, Prescription, RxItem, RxPatient, RxPrescriber
from carelane.pharmacies.simulator.documents import one_page

PDF = one_page("A prescription")
HOME = PostalAddress(
    address_line1="123 Main Street",
    address_line2="Apt 4B",
    city="Springfield",
    state="IL",
    country="US",
    postal_code="62701",
)
PATIENT = RxPatient(
    id=uuid4(),
    first_name="Zoë",
    last_name="O'Brien",
    email="zoe@example.com",
    phone_number="+12175550123",
    date_of_birth=date(1985, 4, 12),
    gender="Female",
    allergies="Penicillin",
    health_conditions="Hypertension",
    current_medications="Lisinopril",
)
PRESCRIBER = RxPrescriber(
    first_name="Ada",
    last_name="Stone",
    title="Dr.",
    title_suffix="MD",
    npi="1234567893",
    dea="AS1234563",
    email="ada@clinic.example",
    phone_number="+12175550199",
    address=HOME,
)
TABLETS = RxItem(
    drug_id="drug-456",
    name="Lisinopril 10 mg tablets",
    ndc="00000-0456-30",
    direction="Take one tablet each morning",
    quantity="30",
    refill_count=2,
    supply_days=30,
)


def prescription(scenario: str | None = None, **values: Any) -> Prescription:
    """One item for one patient; `scenario` is the simulator's, as a custom field."""
    usual = Prescription(
        order_id=uuid4(),
        external_id=uuid4(),
        organization_name="Harbor Health",
        pharmacy_code="pharmacy-123",
        patient=PATIENT,
        shipping_address=HOME,
        prescriber=PRESCRIBER,
        diagnosis="Essential hypertension",
        items=[TABLETS],
        date_written="2026-11-20",
        custom_fields={"scenario": scenario} if scenario else None,
        placed_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
    )
    return msgspec.structs.replace(usual, **values)
