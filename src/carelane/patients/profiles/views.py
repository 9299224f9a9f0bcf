"""What is said of a patient's health, out of the chart, as the care dialect shows it."""

import msgspec

from carelane.kit.phi import DataKey, Phi
from carelane.patients.billing.views import shown_chart
from carelane.patients.profiles.queries import ProfileRow


class HealthTexts(Phi, msgspec.Struct, frozen=True, kw_only=True):
    allergies: str | None
    health_conditions: str | None
    current_medications: str | None


def health_texts(data_key: DataKey, row: ProfileRow) -> HealthTexts:
    """Several entries of the billing dialect are one text here."""
    chart = shown_chart(data_key, row.id, row.chart_sealed)
    return HealthTexts(
        allergies=_text(chart.allergies),
        health_conditions=_text(chart.medical_history),
        current_medications=_text(chart.medications),
    )


def _text(entries: list[str] | None) -> str | None:
    return ", ".join(entries) if entries else None
