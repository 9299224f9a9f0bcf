"""From a row to the wire."""

import hashlib

import msgspec

from carelane.clinic.pharmacies.queries import ListedPharmacy
from carelane.clinic.pharmacies.schemas import PharmacySecretOut, PharmacySettingsOut


def pharmacy_out(row: ListedPharmacy) -> PharmacySettingsOut:
    return PharmacySettingsOut(
        **msgspec.structs.asdict(row), callback_path=f"/pharmacies/{row.id}/callbacks", version=version_of(row)
    )


def with_secret(row: ListedPharmacy, secret: str | None) -> PharmacySecretOut:
    return PharmacySecretOut(secret=secret, **msgspec.structs.asdict(pharmacy_out(row)))


def version_of(row: ListedPharmacy) -> str:
    """Of what can be changed."""
    told = (row.code, row.name, row.adapter, row.url, row.is_active)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]
