"""From a row to the wire."""

from typing import Any

from carelane.clinic.credentials.queries import DatedCredential
from carelane.clinic.credentials.schemas import CredentialOut, CredentialSecretOut
from carelane.web.versions import version_of


def credential_out(row: DatedCredential) -> CredentialOut:
    return CredentialOut(**_values(row))


def with_secret(row: DatedCredential, secret: str) -> CredentialSecretOut:
    return CredentialSecretOut(**_values(row), secret=secret)


def _values(row: DatedCredential) -> dict[str, Any]:
    names = ("id", "kind", "name", "scopes", "created_at", "last_used_at", "revoked_at")
    values: dict[str, object] = {name: getattr(row, name) for name in names}
    # Being used changes nothing.
    return values | {"version": version_of((row.name, row.scopes, row.is_revoked))}
