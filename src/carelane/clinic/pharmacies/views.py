"""From a row to the wire."""

import msgspec

from carelane.clinic.pharmacies.queries import ListedPharmacy
from carelane.clinic.pharmacies.schemas import PharmacySecretOut, PharmacySettingsOut
from carelane.web.versions import version_of


def pharmacy_out(row: ListedPharmacy) -> PharmacySettingsOut:
    return PharmacySettingsOut(
        **msgspec.structs.asdict(row), callback_path=f"/pharmacies/{row.id}/callbacks", version=version_of(row)
    )


def with_secret(row: ListedPharmacy, secret: str | None) -> PharmacySecretOut:
    return PharmacySecretOut(secret=secret, **msgspec.structs.asdict(pharmacy_out(row)))
