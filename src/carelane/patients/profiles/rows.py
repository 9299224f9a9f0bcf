"""From what was said of a profile to the columns that it changes. No I/O."""

from typing import Any
from uuid import UUID

import msgspec
from msgspec import UNSET

from carelane.kit.db import Sealed
from carelane.kit.names import fold_name
from carelane.kit.phi import DataKey
from carelane.kit.phones import to_e164
from carelane.patients.billing.queries import CHART
from carelane.patients.billing.views import read_chart
from carelane.patients.profiles.schemas import ProfileIn, is_said
from carelane.patients.schemas import parse_date

# Plain texts, by the field and its column.
_TEXTS = {
    "address": "address_line1",
    "address2": "address_line2",
    "city": "city",
    "state": "state",
    "country": "country",
    "postal_code": "postal_code",
}
# What is said of the health, by the field and its place in the chart.
HEALTH = {"allergies": "allergies", "health_conditions": "medical_history", "current_medications": "medications"}
# By what a clinician knew whom a case is about.
PERSON = ("first_name", "last_name", "date_of_birth", "gender")
_IN_CAPITALS = {"state", "country"}


def changes_of(data_key: DataKey, patient_id: UUID, chart_sealed: bytes | None, profile: ProfileIn) -> dict[str, Any]:
    """Columns of `patients` and what they become."""
    changes = _person_changes(profile)
    for field, column in _TEXTS.items():
        value = getattr(profile, field)
        if value is not UNSET:
            text = value.strip() if is_said(value) else None
            changes[column] = text.upper() if text and field in _IN_CAPITALS else text
    if profile.phone_number is not UNSET:
        number = profile.phone_number.strip()
        changes |= {"phone_number": number, "phone_e164": to_e164(number)}
    if profile.language_preferences is not UNSET:
        changes["language_preferences"] = [language.strip() for language in profile.language_preferences]
    said = {place: value for field, place in HEALTH.items() if (value := getattr(profile, field)) is not UNSET}
    if said:
        entries = {place: [value.strip()] if is_said(value) else None for place, value in said.items()}
        chart = msgspec.structs.replace(read_chart(data_key, patient_id, chart_sealed), **entries)
        changes["chart_sealed"] = Sealed(data_key.seal(msgspec.json.encode(chart), CHART, patient_id))
    return changes


def _person_changes(profile: ProfileIn) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for field in ("first_name", "last_name"):
        name = getattr(profile, field)
        if name is not UNSET:
            changes |= {field: name.strip(), f"{field}_key": fold_name(name)}
    if profile.dob is not UNSET:
        changes["date_of_birth"] = parse_date(profile.dob)
    if profile.gender is not UNSET:
        changes["gender"] = profile.gender.value
    return changes
