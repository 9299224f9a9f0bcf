"""Pharmacies in words."""

from carelane.clinic.pharmacies.schemas import PharmacySettingsOut
from carelane.console.forms import Filled
from carelane.kit.languages import N_, _

ADAPTERS = (
    ("http", N_("Our own protocol over HTTPS")),
    ("fhir", N_("FHIR")),
    ("simulator", N_("Simulator, for trials")),
    ("simulator-fhir", N_("Simulator that speaks FHIR, for trials")),
)
LABELS = {
    "code": N_("Code"),
    "name": N_("Name"),
    "adapter": N_("How it takes orders"),
    "url": N_("Address"),
    "isActive": N_("Takes orders"),
}


def adapters() -> list[tuple[str, str]]:
    return [(value, _(text)) for value, text in ADAPTERS]


def filled(one: PharmacySettingsOut) -> Filled:
    active = "true" if one.is_active else None
    return Filled.of(
        code=one.code, name=one.name, adapter=one.adapter, url=one.url, isActive=active, version=one.version
    )
