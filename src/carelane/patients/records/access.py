"""From a patient's row to what a caller is shown."""

from typing import Any

import msgspec

from carelane.kit.phi import DataKey, Phi
from carelane.patients.records.queries import CHART, PatientRow
from carelane.patients.records.schemas import PatientOut


class Chart(Phi, msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What of a patient is sealed. `gender` is the caller's own word for what the row keeps as one of three."""

    gender: str | None = None
    pronouns: str | None = None
    preferred_name: str | None = None
    meta: dict[str, Any] | None = None
    medications: list[str] | None = None
    allergies: list[str] | None = None
    family_history: list[str] | None = None
    medical_history: list[str] | None = None
    prescriptions: list[str] | None = None
    goal_weight: float | None = None


# How a word for a gender is kept in the row, where the care dialect reads it.
_GENDERS = {"male": "MALE", "m": "MALE", "female": "FEMALE", "f": "FEMALE"}


def kept_gender(word: str | None) -> str | None:
    return None if word is None else _GENDERS.get(word.strip().lower(), "OTHER")


def open_chart(data_key: DataKey, row: PatientRow) -> Chart:
    if row.chart is None:
        return Chart()
    return msgspec.json.decode(data_key.open(bytes.fromhex(row.chart), CHART, row.id), type=Chart)


def show_patient(data_key: DataKey, row: PatientRow) -> PatientOut:
    """The patient as carts, quotes and charges show it. The word for the gender counts while it still says the same."""
    chart = open_chart(data_key, row)
    return PatientOut(
        id=row.given_id or str(row.id),
        type="PATIENT",
        created_date=row.created_at,
        first_name=row.first_name,
        last_name=row.last_name,
        phone_number=row.phone_number,
        email=row.email,
        location_id=row.location_id,
        external_id=row.external_id,
        address=row.address_line1,
        address_line_two=row.address_line2,
        city=row.city,
        state=row.state,
        zip_code=row.postal_code,
        country=row.country,
        address_valid=row.address_valid,
        meta=chart.meta,
        is_archived=row.archived_at is not None,
        primary_location_id=row.location_id,
        gender=chart.gender if kept_gender(chart.gender) == row.gender else row.gender,
        date_of_birth=row.date_of_birth,
        patient_medications=chart.medications,
        on_scheduling_blacklist=row.on_scheduling_blacklist,
        surcharge_disabled=row.surcharge_disabled,
        tags=row.tags,
        credit_balance=row.credit_balance_cents,
        preferred_provider_id=row.provider_id,
        pronouns=chart.pronouns,
        preferred_name=chart.preferred_name,
        patient_source=row.patient_source,
        lead_source=row.lead_source,
    )
