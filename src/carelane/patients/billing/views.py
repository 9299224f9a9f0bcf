"""From a patient's row, with the sealed chart in it, to what the billing dialect shows."""

from typing import Any
from uuid import UUID

import msgspec

from carelane.kit.damage import DAMAGED, shown_as
from carelane.kit.phi import DataKey, Phi
from carelane.patients.billing.history.queries import PatientWithHistory
from carelane.patients.billing.queries import CHART, PatientRow
from carelane.patients.billing.schemas import (
    BillingPatientOut,
    HealthFieldOut,
    PatientChartOut,
    PatientRowOut,
    PatientWithMembershipsOut,
)


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
_GENDERS = {
    "male": "MALE", "m": "MALE", "man": "MALE", "boy": "MALE",
    "female": "FEMALE", "f": "FEMALE", "woman": "FEMALE", "girl": "FEMALE",
}  # fmt: skip
# By their names in `healthData`, those of the chart.
_HEALTH_FIELDS = {
    "allergies": "allergies",
    "familyHistory": "family_history",
    "medicalHistory": "medical_history",
    "prescriptions": "prescriptions",
}


def kept_gender(word: str | None) -> str | None:
    return None if word is None else _GENDERS.get(word.strip().lower(), "OTHER")


def read_chart(data_key: DataKey, patient_id: UUID, sealed: bytes | None) -> Chart:
    """An empty one when nothing was said yet. Raises UnsealError."""
    if sealed is None:
        return Chart()
    return msgspec.json.decode(data_key.open(bytes(sealed), CHART, patient_id), type=Chart)


def shown_chart(data_key: DataKey, patient_id: UUID, sealed: bytes | None) -> Chart:
    """For whoever only looks: what does not open is shown as damaged, never as nothing."""
    if sealed is None:
        return Chart()
    no = [DAMAGED]
    damaged = Chart(medications=no, allergies=no, family_history=no, medical_history=no, prescriptions=no)
    return shown_as(data_key, bytes(sealed), CHART, patient_id, Chart, damaged)


def _chart_of(data_key: DataKey, row: PatientRow) -> Chart:
    return shown_chart(data_key, row.id, bytes.fromhex(row.chart) if row.chart is not None else None)


def show_patient(data_key: DataKey, row: PatientRow) -> BillingPatientOut:
    """The patient as carts, quotes and charges show it."""
    return _show(row, _chart_of(data_key, row))


def show_found(data_key: DataKey, row: PatientRow) -> PatientWithMembershipsOut:
    """The patient as a search shows it."""
    return PatientWithMembershipsOut(**msgspec.structs.asdict(show_patient(data_key, row)))


def show_row(data_key: DataKey, found: PatientWithHistory) -> PatientRowOut:
    """The patient as the table shows it."""
    chart = _chart_of(data_key, found.patient)
    return PatientRowOut(
        goal_weight=chart.goal_weight,
        appointment_count=found.history.appointment_count,
        total_spent=found.history.spent_cents,
        primary_location_name=found.history.location_name,
        last_appointment_date=found.history.last_appointment_at,
        **msgspec.structs.asdict(_show(found.patient, chart)),
    )


def show_chart(data_key: DataKey, found: PatientWithHistory) -> PatientChartOut:
    """The patient with what is known of the health."""
    chart = _chart_of(data_key, found.patient)
    return PatientChartOut(
        appointment_count=found.history.appointment_count,
        total_spent=found.history.spent_cents,
        health_data={name: field for name in _HEALTH_FIELDS if (field := _health_field(chart, name)) is not None},
        allergies=chart.allergies,
        family_history=chart.family_history,
        medical_history=chart.medical_history,
        prescriptions=chart.prescriptions,
        goal_weight=chart.goal_weight,
        **msgspec.structs.asdict(_show(found.patient, chart)),
    )


def _health_field(chart: Chart, name: str) -> HealthFieldOut | None:
    values: list[str] | None = getattr(chart, _HEALTH_FIELDS[name])
    return None if values is None else HealthFieldOut(field_id=name, values=values, type=name)


def _show(row: PatientRow, chart: Chart) -> BillingPatientOut:
    """The word for the gender counts while it still says the same."""
    return BillingPatientOut(
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
